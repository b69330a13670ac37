// What Protobuf's own writer of JSON makes of a message.
#pragma once

#include <string>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

namespace natsproof {

inline std::string protobuf_json(const google::protobuf::Message& message) {
  std::string document;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &document).ok());
  return document;
}

}  // namespace natsproof

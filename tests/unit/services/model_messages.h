// Messages of models/ as a test sends and reads them.
#pragma once

#include <string>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "messaging/headers.h"
#include "models/runtime/encoding.h"
#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {

inline std::string content_type_header(std::string_view type) {
  return make_headers({{"Content-Type", std::string(type)}}).value();
}

template <typename M>
std::string encoded(const M& message, Encoding encoding = Encoding::protobuf) {
  if (encoding == Encoding::json) {
    JsonBuffer json;
    EXPECT_TRUE(write_json(message, json));
    return std::string(json.view());
  }
  std::string bytes;
  write_protobuf(message, bytes);
  return bytes;
}

template <typename M>
M decoded(const std::string& payload, Encoding encoding = Encoding::protobuf) {
  M message;
  const Decoded read =
      encoding == Encoding::json ? read_json(payload, message) : read_protobuf(payload, message);
  EXPECT_TRUE(read) << read.error().text();
  return message;
}

MATCHER_P(SameMessage, expected, "is " + expected.ShortDebugString()) {
  *result_listener << arg.ShortDebugString();
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

}  // namespace natsproof

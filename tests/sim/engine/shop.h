// The sample services as they ought to be, behind the scripted transport: each request is decoded,
// validated and answered.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "messaging/memory/memory_transport.h"
#include "models/runtime/encoding.h"
#include "models/schema/services.pb.h"

namespace natsproof {

struct ShopReply {
  Encoding encoding = Encoding::protobuf;
  std::string served_by = "shop-1";
  int error_code = 0;           // 0: none
  models::v1::Problem problem;  // of an error
  std::string body;             // of a reply, or of an error in place of the problem
  std::string content_type;     // in place of the encoding's

  [[nodiscard]] MemoryReply sent(Duration after) const;
};

// The right reply.
ShopReply answered(const MemoryRequest& request, const std::string& served_by = "shop-1");

// A message in one of its other encodings that mean the same: JSON with blanks, Protobuf with the
// fields in another order.
std::string otherwise_encoded(const models::v1::OrderReply& reply, Encoding encoding);

}  // namespace natsproof

// Requests that must be refused, and how.
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "models/runtime/encoding.h"
#include "models/sample/invalid_kind.h"
#include "models/schema/analytics.pb.h"
#include "models/schema/bulk.pb.h"
#include "models/schema/order.pb.h"
#include "models/schema/probe.pb.h"

namespace natsproof {

enum class Refusal { broken_rule, not_decoded, unknown_encoding };

struct InvalidRequest {
  std::string content_type;
  std::string body;
  Refusal refusal = Refusal::broken_rule;
  std::string path;  // what it names; empty for cut_bytes and unknown_encoding, which may name any
  std::string rule;  // of a broken rule
};

// Makes a valid message invalid, then encodes it (or the other way round). Nothing when the
// message, or the encoding, cannot be invalid in this way: an order can in every one, but
// wrong_type is for JSON alone, as a Protobuf field of another wire type is merely an unknown one.
// REQUIRES: the message is valid, and has a field that is set.
std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::Order valid);
std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random,
                                                   models::v1::ValidationProbe valid);
std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::EventBatch valid);
std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::BulkRequest valid);

}  // namespace natsproof

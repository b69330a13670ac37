// What the requests of a task to a sample service are made of, and which of them are invalid on
// purpose. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/runtime/encoding.h"
#include "models/sample/invalid_kind.h"

namespace natsproof {

enum class PayloadKind {
  bytes,        // opaque
  order,        // an order, or what orders.place asks a neighbour about one
  order_id,     // of an order to get
  order_batch,  // orders
  events,       // a batch of what happened in the shop
  bulk,         // items of bytes
  probe,        // the small message with every kind of rule
  empty,        // nothing
};
inline constexpr PayloadKind kPayloadKinds[] = {
    PayloadKind::bytes,  PayloadKind::order, PayloadKind::order_id, PayloadKind::order_batch,
    PayloadKind::events, PayloadKind::bulk,  PayloadKind::probe,    PayloadKind::empty};
std::string_view payload_kind_name(PayloadKind kind);  // as spelled above

// Uniform, both ends included.
struct CountRange {
  std::uint64_t min = 0, max = 0;
  bool operator==(const CountRange&) const = default;
};

struct PayloadSpec {
  PayloadKind kind = PayloadKind::bytes;
  double weight = 1;             // among the payloads of its task
  CountRange count;              // bytes; items of an order or a bulk; orders; events
  CountRange items_each;         // of each order of an order_batch
  std::uint64_t bytes_each = 0;  // of each item of a bulk
  bool reply_keys = false;       // of a bulk: the reply is to have the keys of all its items
  bool declined = false;         // of an order: only such as must be declined
  bool operator==(const PayloadSpec&) const = default;
};
// What a kind is where the plan does not say how much of it.
PayloadSpec default_payload(PayloadKind kind);

// The one kind an endpoint (without prefix) takes; nothing where there is no such endpoint.
std::optional<PayloadKind> payload_kind_of(std::string_view endpoint);

// A share of a task's requests that must be refused.
struct Injection {
  std::optional<InvalidKind> kind;  // none: any that fits
  double share = 0;                 // 0..1
  bool operator==(const Injection&) const = default;
};
// The kinds that a request to that endpoint can be; none where it cannot be invalid on purpose.
std::vector<InvalidKind> injectable(std::string_view endpoint, Encoding codec);
// Where any can be.
const std::vector<std::string>& injectable_endpoints();

enum class Verify {
  full,      // the whole reply
  envelope,  // that it is no error, and names the request it answers
};
// When a model becomes bytes.
enum class Encode {
  ahead,    // before the start
  inline_,  // between the intended and the actual send, every time
};
std::string_view encode_name(Encode encode);  // ahead | inline
std::string_view codec_name(Encoding codec);  // protobuf | json
std::string_view verify_name(Verify verify);  // full | envelope

}  // namespace natsproof

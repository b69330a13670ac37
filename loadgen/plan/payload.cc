#include "loadgen/plan/payload.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/invalid_request.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"

namespace natsproof {

namespace {

constexpr std::array<std::pair<std::string_view, PayloadKind>, 11> kTakes{{
    {"echo", PayloadKind::bytes},
    {"orders.place", PayloadKind::order},
    {"orders.get", PayloadKind::order_id},
    {"orders.batch", PayloadKind::order_batch},
    {"inventory.reserve", PayloadKind::order},
    {"payment.authorize", PayloadKind::order},
    {"fraud.score", PayloadKind::order},
    {"analytics.ingest", PayloadKind::events},
    {"bulk.process", PayloadKind::bulk},
    {"probe.validate", PayloadKind::probe},
    {"health", PayloadKind::empty},
}};

template <typename M>
std::vector<InvalidKind> kinds_of(const M& valid, Encoding codec) {
  Random random(1);
  std::vector<InvalidKind> kinds;
  for (const InvalidKind kind : kInvalidKinds) {
    if (make_invalid_request(kind, codec, random, valid)) kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace

std::string_view payload_kind_name(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::bytes:
      return "bytes";
    case PayloadKind::order:
      return "order";
    case PayloadKind::order_id:
      return "order_id";
    case PayloadKind::order_batch:
      return "order_batch";
    case PayloadKind::events:
      return "events";
    case PayloadKind::bulk:
      return "bulk";
    case PayloadKind::probe:
      return "probe";
    case PayloadKind::empty:
      return "empty";
  }
  return "?";
}

PayloadSpec default_payload(PayloadKind kind) {
  PayloadSpec spec{.kind = kind};
  switch (kind) {
    case PayloadKind::bytes:
      spec.count = {128, 128};
      break;
    case PayloadKind::order:
      spec.count = {1, 3};
      break;
    case PayloadKind::order_batch:
      spec.count = {5, 15};
      spec.items_each = {1, 3};
      break;
    case PayloadKind::events:
      spec.count = {10, 50};
      break;
    case PayloadKind::bulk:
      spec.count = {500, 2000};
      spec.bytes_each = 64;
      break;
    case PayloadKind::order_id:
    case PayloadKind::probe:
    case PayloadKind::empty:
      break;
  }
  return spec;
}

std::optional<PayloadKind> payload_kind_of(std::string_view endpoint) {
  for (const auto& [name, kind] : kTakes) {
    if (name == endpoint) return kind;
  }
  return std::nullopt;
}

std::vector<InvalidKind> injectable(std::string_view endpoint, Encoding codec) {
  Random random(1);
  if (endpoint == "orders.place") return kinds_of(sample_order(random, 1), codec);
  if (endpoint == "analytics.ingest") return kinds_of(sample_event_batch(random, 1), codec);
  if (endpoint == "bulk.process") return kinds_of(sample_bulk_request(random, 1, 1), codec);
  if (endpoint == "probe.validate") return kinds_of(sample_probe(random), codec);
  return {};
}

const std::vector<std::string>& injectable_endpoints() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const auto& [name, kind] : kTakes) {
      if (!injectable(name, Encoding::protobuf).empty()) found.emplace_back(name);
    }
    return found;
  }();
  return names;
}

std::string_view encode_name(Encode encode) {
  return encode == Encode::ahead ? "ahead" : "inline";
}

std::string_view codec_name(Encoding codec) {
  return codec == Encoding::json ? "json" : "protobuf";
}

std::string_view verify_name(Verify verify) {
  return verify == Verify::envelope ? "envelope" : "full";
}

}  // namespace natsproof

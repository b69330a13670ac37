#include "loadgen/plan/payload_reader.h"

#include <algorithm>

namespace natsproof {

namespace {

constexpr std::size_t kMostPayloads = 16;
// As many as the schemas allow.
constexpr Range<std::uint64_t> kItems{.min = 1, .max = 100};
constexpr Range<std::uint64_t> kOrders{.min = 1, .max = 100};
constexpr Range<std::uint64_t> kEvents{.min = 1, .max = 1000};
constexpr Range<std::uint64_t> kBulkItems{.min = 1, .max = 10'000};
constexpr const char* kAnyInvalid = "invalid";
constexpr std::string_view kPlacing = "orders.place";  // where an order can be declined

void read_count(Fields& fields, const char* key, Range<std::uint64_t> within, CountRange& to,
                Mistakes& mistakes) {
  const YamlNode* node = fields.find(key);
  if (node == nullptr) return;
  if (const auto read = whole_range_of(*node, key, within, mistakes)) to = {read->min, read->max};
}

void read_amount(const YamlNode& node, const std::string& endpoint, PayloadSpec& spec,
                 Mistakes& mistakes) {
  if (spec.kind == PayloadKind::bytes) {
    if (const auto read = bytes_range_of(node, "bytes", kLargestPayloadBytes, mistakes)) {
      spec.count = {read->min, read->max};
    }
    return;
  }
  Fields fields(node, fmt::format("`{}`", payload_kind_name(spec.kind)), mistakes);
  switch (spec.kind) {
    case PayloadKind::order:
      read_count(fields, "items", kItems, spec.count, mistakes);
      if (endpoint == kPlacing)
        fields.choice<bool>("declined", spec.declined, {{"false", false}, {"true", true}});
      break;
    case PayloadKind::order_batch:
      read_count(fields, "orders", kOrders, spec.count, mistakes);
      read_count(fields, "items", kItems, spec.items_each, mistakes);
      break;
    case PayloadKind::events:
      read_count(fields, "count", kEvents, spec.count, mistakes);
      break;
    case PayloadKind::bulk:
      read_count(fields, "items", kBulkItems, spec.count, mistakes);
      if (const YamlNode* bytes = fields.find("bytes_each")) {
        const std::uint64_t most = kLargestPayloadBytes / spec.count.max;
        spec.bytes_each = bytes_of(*bytes, "bytes_each", most, mistakes).value_or(spec.bytes_each);
      }
      fields.choice<bool>("reply", spec.reply_keys, {{"count", false}, {"keys", true}});
      break;
    case PayloadKind::bytes:
    case PayloadKind::order_id:
    case PayloadKind::probe:
    case PayloadKind::empty:
      break;
  }
  fields.finish();
}

PayloadSpec read_one(const YamlNode& node, bool of_a_list, PayloadKind takes,
                     const std::string& endpoint, Mistakes& mistakes) {
  PayloadSpec spec = default_payload(takes);
  Fields fields(node, "`payload`", mistakes);
  if (of_a_list) fields.number("weight", spec.weight, kPayloadWeight);
  const YamlNode* amount = fields.find(payload_kind_name(takes));
  bool other = false;
  for (const PayloadKind kind : kPayloadKinds) {
    const YamlNode* given = fields.find(payload_kind_name(kind));
    if (kind == takes || given == nullptr) continue;
    other = true;
    mistakes.add(given->at, fmt::format("`payload`: {} takes `{}`, not `{}`", endpoint,
                                        payload_kind_name(takes), payload_kind_name(kind)));
  }
  if (amount != nullptr) {
    read_amount(*amount, endpoint, spec, mistakes);
  } else if (!other) {
    fields.require(payload_kind_name(takes));
  }
  fields.finish();
  return spec;
}

}  // namespace

std::vector<PayloadSpec> read_payloads(const YamlNode& node, PayloadKind takes,
                                       const std::string& endpoint, Mistakes& mistakes) {
  if (node.kind != YamlNode::Kind::list) return {read_one(node, false, takes, endpoint, mistakes)};
  if (node.items.empty() || node.items.size() > kMostPayloads) {
    mistakes.add(node.at, fmt::format("`payload` may be a list of 1 to {}, not {}", kMostPayloads,
                                      node.items.size()));
    return {};
  }
  std::vector<PayloadSpec> payloads;
  for (const YamlNode& item : node.items) {
    payloads.push_back(read_one(item, true, takes, endpoint, mistakes));
  }
  if (payloads.size() == 1) payloads.front().weight = 1;
  return payloads;
}

std::vector<Injection> read_inject(const YamlNode& node, const std::string& endpoint,
                                   Encoding codec, Mistakes& mistakes) {
  const std::vector<InvalidKind> possible = injectable(endpoint, codec);
  if (possible.empty()) {
    mistakes.add(node.at, fmt::format("`inject` goes with an endpoint whose requests can be made "
                                      "invalid: {}",
                                      joined(injectable_endpoints())));
    return {};
  }
  std::vector<std::string> names;
  for (const InvalidKind kind : possible) names.emplace_back(invalid_kind_name(kind));

  Fields fields(node, "`inject`", mistakes);
  std::vector<Injection> inject;
  double sum = 0;
  const auto read = [&](std::string_view name, std::optional<InvalidKind> kind) {
    const YamlNode* given = fields.find(name);
    if (given == nullptr) return;
    if (kind && std::find(possible.begin(), possible.end(), *kind) == possible.end()) {
      mistakes.add(given->at,
                   fmt::format("`inject`: a request to {} in {} cannot be `{}`; it can be {}",
                               endpoint, codec_name(codec), name, joined(names)));
      return;
    }
    const double share = share_of(*given, name, 0, mistakes).value_or(0);
    sum += share;
    if (share > 0) inject.push_back({.kind = kind, .share = share});
  };
  read(kAnyInvalid, std::nullopt);
  for (const InvalidKind kind : kInvalidKinds) read(invalid_kind_name(kind), kind);
  fields.finish();
  constexpr double kRounding = 1e-9;
  if (sum > 1 + kRounding) {
    mistakes.add(node.at,
                 fmt::format("the shares of `inject` are together {:g}%, above 100%", sum * 100));
  }
  return inject;
}

}  // namespace natsproof

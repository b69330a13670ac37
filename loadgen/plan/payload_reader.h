// The `payload` and `inject` of a task that goes to a sample service.
#pragma once

#include <string>
#include <vector>

#include "loadgen/plan/fields.h"
#include "loadgen/plan/payload.h"

namespace natsproof {

inline constexpr std::uint64_t kLargestPayloadBytes = 64 << 20;  // no nats-server takes more
inline constexpr Range<double> kPayloadWeight{.min = 1e-3, .max = 1e6};

// One, or a list with weights, of the kind that the endpoint takes.
std::vector<PayloadSpec> read_payloads(const YamlNode& node, PayloadKind takes,
                                       const std::string& endpoint, Mistakes& mistakes);

// In the order of InvalidKind, any kind first. Without shares of 0 %.
std::vector<Injection> read_inject(const YamlNode& node, const std::string& endpoint,
                                   Encoding codec, Mistakes& mistakes);

}  // namespace natsproof

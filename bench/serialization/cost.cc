#include "bench/serialization/cost.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {
namespace {

constexpr std::string_view kGroup = "serialization/";

}  // namespace

const Cost* find_cost(std::span<const Cost> costs, std::string_view model,
                      std::string_view encoding, std::string_view operation) {
  for (const Cost& cost : costs) {
    if (cost.model == model && cost.encoding == encoding && cost.operation == operation)
      return &cost;
  }
  return nullptr;
}

std::string benchmark_name(std::string_view model, std::string_view encoding,
                           std::string_view operation) {
  return fmt::format("{}{}/{}/{}", kGroup, model, encoding, operation);
}

std::optional<Cost> parse_benchmark_name(std::string_view name) {
  if (!name.starts_with(kGroup)) return std::nullopt;
  name.remove_prefix(kGroup.size());
  const std::size_t first = name.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = name.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Cost cost;
  cost.model = name.substr(0, first);
  cost.encoding = name.substr(first + 1, second - first - 1);
  cost.operation = name.substr(second + 1);
  return cost;
}

std::string format_time(double time_ns) {
  if (time_ns < 99.95) return fmt::format("{:.1f} ns", time_ns);
  return format_duration(Duration{std::llround(time_ns)});
}

std::string format_ratio(double ratio) {
  if (ratio < 9.995) return fmt::format("{:.2f}", ratio);
  if (ratio < 99.95) return fmt::format("{:.1f}", ratio);
  return format_count(static_cast<std::uint64_t>(std::llround(ratio)));
}

}  // namespace natsproof

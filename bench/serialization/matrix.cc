#include "bench/serialization/matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {
namespace {

constexpr std::array kEncodings{kProtobuf, kProtobufArena, kJson, kJsonByProtobuf};
constexpr std::array kOperations{kEncode, kDecode, kDecodeAndValidate, kRoundTrip};
constexpr std::string_view kNone = "-";

constexpr std::string_view kLegend =
    "CPU time per message; x: times that of protobuf; allocs: calls of operator new per message.\n"
    "decode: into a new message, which is destroyed again; protobuf-arena: on a new arena with a "
    "block\nof memory that is used again. encode: into a buffer that is used again.\n";

std::string format_allocations(const Cost& cost) {
  if (!cost.allocations) return std::string(kNone);
  const double count = *cost.allocations;
  const double whole = std::round(count);
  if (count < 99.5 && std::abs(count - whole) >= 0.05) return fmt::format("{:.1f}", count);
  if (whole >= 10'000) return format_ratio(whole / 1000) + "k";
  return format_count(static_cast<std::uint64_t>(whole));
}

// One model's costs by encoding and operation.
class Table {
 public:
  Table(std::string_view model, std::span<const Cost> costs) : model_(model), costs_(costs) {
    for (const std::string_view encoding : kEncodings) {
      const bool measured = std::any_of(kOperations.begin(), kOperations.end(),
                                        [&](auto operation) { return cost(encoding, operation); });
      if (measured) encodings_.push_back(encoding);
    }
  }

  [[nodiscard]] std::string text() const {
    std::string text = fmt::format("{}\n", model_);
    if (!encodings_.empty()) {
      text += heads() + units();
      for (const std::string_view operation : kOperations) text += row(operation);
      text += bytes();
    }
    return text + validation();
  }

 private:
  static constexpr int kLabel = 15;
  static constexpr int kTime = 9;
  static constexpr int kRatio = 6;  // not for protobuf itself
  static constexpr int kAllocations = 7;

  [[nodiscard]] const Cost* cost(std::string_view encoding, std::string_view operation) const {
    return find_cost(costs_, model_, encoding, operation);
  }

  static int width(std::string_view encoding) {
    return kTime + (encoding == kProtobuf ? 0 : kRatio) + kAllocations;
  }

  [[nodiscard]] std::string heads() const {
    std::string line(kLabel, ' ');
    for (const auto encoding : encodings_) line += fmt::format("{:>{}}", encoding, width(encoding));
    return line + "\n";
  }

  [[nodiscard]] std::string units() const {
    std::string line(kLabel, ' ');
    for (const auto encoding : encodings_) line += cell(encoding, "time", "x", "allocs");
    return line + "\n";
  }

  static std::string cell(std::string_view encoding, std::string_view time, std::string_view ratio,
                          std::string_view allocations) {
    std::string text = fmt::format("{:>{}}", time, kTime);
    if (encoding != kProtobuf) text += fmt::format("{:>{}}", ratio, kRatio);
    return text + fmt::format("{:>{}}", allocations, kAllocations);
  }

  [[nodiscard]] std::string row(std::string_view operation) const {
    const Cost* const protobuf = cost(kProtobuf, operation);
    std::string line = fmt::format("{:<{}}", operation, kLabel);
    bool measured = false;
    for (const auto encoding : encodings_) {
      const Cost* const one = cost(encoding, operation);
      if (one == nullptr) {
        line += cell(encoding, kNone, kNone, kNone);
        continue;
      }
      measured = true;
      line += cell(encoding, format_time(one->time_ns),
                   protobuf ? format_ratio(one->time_ns / protobuf->time_ns) : std::string(kNone),
                   format_allocations(*one));
    }
    return measured ? line + "\n" : "";
  }

  [[nodiscard]] std::string bytes() const {
    std::string line = fmt::format("{:<{}}", "bytes", kLabel);
    bool known = false;
    for (const auto encoding : encodings_) {
      std::string figure(kNone);
      for (const auto operation : kOperations) {
        const Cost* const one = cost(encoding, operation);
        if (one == nullptr || !one->bytes) continue;
        figure = format_count(static_cast<std::uint64_t>(std::llround(*one->bytes)));
        known = true;
        break;
      }
      line += fmt::format("{:>{}}{:{}}", figure, kTime, "", width(encoding) - kTime);
    }
    if (!known) return "";
    return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }

  [[nodiscard]] std::string validation() const {
    const Cost* const one = cost(kMessage, kValidate);
    if (one == nullptr) return "";
    std::string line = fmt::format("{:<{}}", kValidate, kLabel) +
                       cell(kProtobuf, format_time(one->time_ns), "", format_allocations(*one));
    if (const Cost* const decode = cost(kProtobuf, kDecode)) {
      line += fmt::format("   {:.1f} % of protobuf's decode", 100 * one->time_ns / decode->time_ns);
    }
    return line + "\n";
  }

  std::string_view model_;
  std::span<const Cost> costs_;
  std::vector<std::string_view> encodings_;
};

}  // namespace

std::string render_matrix(std::span<const Cost> costs) {
  if (costs.empty()) return "";
  std::vector<std::string_view> models;
  for (const Cost& cost : costs) {
    if (std::find(models.begin(), models.end(), cost.model) == models.end())
      models.push_back(cost.model);
  }
  std::string text(kLegend);
  for (const std::string_view model : models) {
    text += '\n';
    text += Table(model, costs).text();
  }
  return text;
}

}  // namespace natsproof

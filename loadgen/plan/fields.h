// Reads a map's values by key, each with its kind, unit and range; every mistake goes to Mistakes,
// and reading goes on.
//
// A reader leaves its target alone where the key is missing or wrong, and says where the value
// stands if the key is there. finish() reports the keys that nobody asked for (the known keys are
// the ones asked for) and those without a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "base/units.h"
#include "loadgen/plan/yaml_tree.h"

namespace natsproof {

template <typename T>
struct Range {
  T min, max;  // both allowed
};

// Words longer than this are no value of a plan, and are not repeated in messages.
inline constexpr std::size_t kLongestValueBytes = 200;

// A value must be text; else a mistake, and null.
const std::string* text_of(const YamlNode& node, std::string_view name, Mistakes& mistakes);

// Quantities with their units, within a range; else a mistake, and nothing.
std::optional<Duration> duration_of(const YamlNode& node, std::string_view name,
                                    Range<Duration> range, Mistakes& mistakes);
std::optional<Rate> rate_of(const YamlNode& node, std::string_view name, Range<Rate> range,
                            Mistakes& mistakes);
std::optional<std::uint64_t> bytes_of(const YamlNode& node, std::string_view name,
                                      std::uint64_t max, Mistakes& mistakes);
// Up to 100 %.
std::optional<double> share_of(const YamlNode& node, std::string_view name, double least,
                               Mistakes& mistakes);
// `5`, or `1..3` with both ends included.
std::optional<Range<std::uint64_t>> whole_range_of(const YamlNode& node, std::string_view name,
                                                   Range<std::uint64_t> within, Mistakes& mistakes);
std::optional<Range<Duration>> duration_range_of(const YamlNode& node, std::string_view name,
                                                 Range<Duration> within, Mistakes& mistakes);
std::optional<Range<std::uint64_t>> bytes_range_of(const YamlNode& node, std::string_view name,
                                                   std::uint64_t max, Mistakes& mistakes);

// Of users, whatever their kind.
inline constexpr Range<Duration> kThink{.min = 0s, .max = 1h};

class Fields {
 public:
  // `of` names the map in messages: `a plan`, `a task`. Anything but a map is a mistake and has no
  // fields. `node` and `mistakes` outlive this.
  Fields(const YamlNode& node, std::string of, Mistakes& mistakes);

  // Null: not given, or without a value.
  const YamlNode* find(std::string_view key);
  // The same, but then it is a mistake.
  const YamlNode* require(std::string_view key);

  const YamlNode* text(std::string_view key, std::string& to);
  const YamlNode* duration(std::string_view key, Duration& to, Range<Duration> range);
  const YamlNode* number(std::string_view key, double& to, Range<double> range);
  const YamlNode* whole(std::string_view key, std::uint32_t& to, Range<std::uint32_t> range);
  const YamlNode* whole(std::string_view key, std::uint64_t& to, Range<std::uint64_t> range);

  template <typename T>
  using Choices = std::vector<std::pair<std::string, T>>;
  template <typename T>
  const YamlNode* choice(std::string_view key, T& to, const Choices<T>& choices) {
    const YamlNode* node = find(key);
    const std::string* text = node == nullptr ? nullptr : text_of(*node, key, *mistakes_);
    if (text == nullptr) return node;
    std::vector<std::string> known;
    for (const auto& [name, value] : choices) {
      known.push_back(name);
      if (name != *text) continue;
      to = value;
      return node;
    }
    mistakes_->add(node->at, fmt::format("`{}` must be one of {}, not {}", key, joined(known),
                                         in_ticks(*text)));
    return node;
  }

  void finish();

 private:
  const YamlNode* node_;
  std::string of_;
  Mistakes* mistakes_;
  std::vector<std::string> known_;
};

// The entries of a list; a mistake and none where it is something else.
const std::vector<YamlNode>& items_of(const YamlNode& node, std::string_view name,
                                      Mistakes& mistakes);

}  // namespace natsproof

// YAML as a small tree in which everything knows its place. Plain data, bounded: untrusted text
// makes a mistake, never a crash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/plan/mistakes.h"

namespace natsproof {

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, text, list, map };
  Kind kind = Kind::null;
  Position at;
  std::string text;                // of a text
  std::vector<YamlNode> items;     // of a list
  std::vector<YamlEntry> entries;  // of a map, in the order of the text, a key given twice included
};

struct YamlEntry {
  std::string key;
  Position at;
  YamlNode value;
};

std::string_view kind_name(YamlNode::Kind kind);  // `a map` ...

inline constexpr std::size_t kLargestPlanBytes = 1 << 20;
inline constexpr std::size_t kDeepestPlan = 16;

// One document; nothing if it is none, which is a mistake then. `source` is where its positions
// lie. An empty text is a null. Aliases are a mistake: a plan is short, and one that refers to
// itself need not be defended against.
std::optional<YamlNode> parse_yaml(const std::string& text, int source, Mistakes& mistakes);

// Puts `value` at `path.to.key`, where a number is an index into a list and `*` is each of its
// entries; makes the maps on the way. `at` is where the path stands: its mistakes, and the keys it
// makes, have that place.
void put_yaml(YamlNode& root, const std::string& path, const YamlNode& value, Position at,
              Mistakes& mistakes);
// The same with `value` as YAML, of the flag that `source` is.
void set_yaml(YamlNode& root, const std::string& path, const std::string& value, int source,
              Mistakes& mistakes);

// As YAML on one line, for people: `10`, `[1, 2]`, `{from: 1/s, to: 5/s}`.
std::string flow_text(const YamlNode& node);

}  // namespace natsproof

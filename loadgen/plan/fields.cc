#include "loadgen/plan/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace natsproof {

namespace {

// Decimal digits alone, whole or not; nothing else that from_chars takes, such as `inf`.
template <typename T>
std::optional<T> plain_number(const std::string& text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

template <typename T>
bool read_whole(const YamlNode& node, std::string_view key, T& to, Range<T> range,
                Mistakes& mistakes) {
  const std::string* text = text_of(node, key, mistakes);
  if (text == nullptr) return false;
  const auto value = plain_number<T>(*text);
  if (value && *value >= range.min && *value <= range.max) {
    to = *value;
    return true;
  }
  mistakes.add(node.at, fmt::format("`{}` must be a whole number from {} to {}, not {}", key,
                                    range.min, format_count(range.max), in_ticks(*text)));
  return false;
}

// One value, or two with `..` between them, each read by `read(node)`.
template <typename T, typename Read>
std::optional<Range<T>> range_of(const YamlNode& node, std::string_view name, Mistakes& mistakes,
                                 Read read) {
  const std::string* text = text_of(node, name, mistakes);
  if (text == nullptr) return std::nullopt;
  const std::size_t dots = text->find("..");
  YamlNode end = node;
  end.text = text->substr(0, dots);
  const std::optional<T> min = read(end);
  if (dots != std::string::npos) end.text = text->substr(dots + 2);
  const std::optional<T> max = dots == std::string::npos ? min : read(end);
  if (!min || !max) return std::nullopt;
  if (*min <= *max) return Range<T>{*min, *max};
  mistakes.add(node.at, fmt::format("`{}`: {} begins above its end", name, in_ticks(*text)));
  return std::nullopt;
}

// Text with a unit, read by one of units.h. `example` is of one that cannot go without.
template <typename T>
std::optional<T> quantity_of(const YamlNode& node, std::string_view name,
                             Result<T> (*parse)(std::string_view), std::string_view example,
                             Mistakes& mistakes) {
  const std::string* text = text_of(node, name, mistakes);
  if (text == nullptr) return std::nullopt;
  if (text->size() > kLongestValueBytes) {
    mistakes.add(node.at, fmt::format("`{}`: {} is too long", name, in_ticks(*text)));
    return std::nullopt;
  }
  const bool bare = !text->empty() && text->find_first_not_of("0123456789.") == std::string::npos;
  if (bare && !example.empty()) {
    mistakes.add(node.at, fmt::format("`{}`: `{}` needs a unit, as in {}", name, *text, example));
    return std::nullopt;
  }
  Result<T> parsed = parse(*text);
  if (!parsed.ok()) {
    mistakes.add(node.at, fmt::format("`{}`: {}", name, parsed.error().message));
    return std::nullopt;
  }
  return *parsed;
}

}  // namespace

const std::string* text_of(const YamlNode& node, std::string_view name, Mistakes& mistakes) {
  if (node.kind == YamlNode::Kind::text) return &node.text;
  mistakes.add(node.at,
               fmt::format("`{}` must be a single value, not {}", name, kind_name(node.kind)));
  return nullptr;
}

std::optional<Duration> duration_of(const YamlNode& node, std::string_view name,
                                    Range<Duration> range, Mistakes& mistakes) {
  const auto value = quantity_of(node, name, parse_duration, "250ms", mistakes);
  if (!value || (*value >= range.min && *value <= range.max)) return value;
  mistakes.add(node.at,
               fmt::format("`{}` must be from {} to {}, not {}", name, format_duration(range.min),
                           format_duration(range.max), in_ticks(node.text)));
  return std::nullopt;
}

std::optional<Rate> rate_of(const YamlNode& node, std::string_view name, Range<Rate> range,
                            Mistakes& mistakes) {
  const auto value = quantity_of(node, name, parse_rate, "2000/s", mistakes);
  if (!value || (value->per_s >= range.min.per_s && value->per_s <= range.max.per_s)) return value;
  mistakes.add(node.at,
               fmt::format("`{}` must be from {} to {}, not {}", name, format_rate(range.min),
                           format_rate(range.max), in_ticks(node.text)));
  return std::nullopt;
}

std::optional<std::uint64_t> bytes_of(const YamlNode& node, std::string_view name,
                                      std::uint64_t max, Mistakes& mistakes) {
  const auto value = quantity_of(node, name, parse_bytes, "", mistakes);
  if (!value || *value <= max) return value;
  mistakes.add(node.at, fmt::format("`{}` must be at most {}, not {}", name, format_bytes(max),
                                    in_ticks(node.text)));
  return std::nullopt;
}

std::optional<double> share_of(const YamlNode& node, std::string_view name, double least,
                               Mistakes& mistakes) {
  const auto value = quantity_of(node, name, parse_share, "80%", mistakes);
  if (!value || *value >= least) return value;
  mistakes.add(node.at, fmt::format("`{}` must be from {:g}% to 100%, not {}", name, least * 100,
                                    in_ticks(node.text)));
  return std::nullopt;
}

std::optional<Range<std::uint64_t>> whole_range_of(const YamlNode& node, std::string_view name,
                                                   Range<std::uint64_t> within,
                                                   Mistakes& mistakes) {
  return range_of<std::uint64_t>(node, name, mistakes, [&](const YamlNode& end) {
    std::optional<std::uint64_t> value;
    std::uint64_t read = 0;
    if (read_whole(end, name, read, within, mistakes)) value = read;
    return value;
  });
}

std::optional<Range<Duration>> duration_range_of(const YamlNode& node, std::string_view name,
                                                 Range<Duration> within, Mistakes& mistakes) {
  return range_of<Duration>(node, name, mistakes, [&](const YamlNode& end) {
    return duration_of(end, name, within, mistakes);
  });
}

std::optional<Range<std::uint64_t>> bytes_range_of(const YamlNode& node, std::string_view name,
                                                   std::uint64_t max, Mistakes& mistakes) {
  return range_of<std::uint64_t>(node, name, mistakes, [&](const YamlNode& end) {
    return bytes_of(end, name, max, mistakes);
  });
}

Fields::Fields(const YamlNode& node, std::string of, Mistakes& mistakes)
    : node_(&node), of_(std::move(of)), mistakes_(&mistakes) {
  if (node.kind != YamlNode::Kind::map) {
    mistakes.add(node.at, fmt::format("{} must be a map of keys and values, not {}", of_,
                                      kind_name(node.kind)));
  }
  std::unordered_map<std::string_view, Position> first;
  for (const YamlEntry& entry : node.entries) {
    const auto [before, is_first] = first.emplace(entry.key, entry.at);
    if (is_first) continue;
    mistakes.add(entry.at, fmt::format("{} is given twice in {}, first in line {}",
                                       in_ticks(entry.key), of_, before->second.line));
  }
}

const YamlNode* Fields::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto entry = std::find_if(node_->entries.begin(), node_->entries.end(),
                                  [&](const YamlEntry& e) { return e.key == key; });
  if (entry == node_->entries.end() || entry->value.kind == YamlNode::Kind::null) return nullptr;
  return &entry->value;
}

const YamlNode* Fields::require(std::string_view key) {
  const YamlNode* node = find(key);
  const bool named = std::any_of(node_->entries.begin(), node_->entries.end(),
                                 [&](const YamlEntry& e) { return e.key == key; });
  if (!named && node_->kind == YamlNode::Kind::map) {
    mistakes_->add(node_->at, fmt::format("{} needs `{}`", of_, key));
  }
  return node;
}

const YamlNode* Fields::text(std::string_view key, std::string& to) {
  const YamlNode* node = find(key);
  if (node == nullptr) return nullptr;
  if (const std::string* text = text_of(*node, key, *mistakes_)) to = *text;
  return node;
}

const YamlNode* Fields::duration(std::string_view key, Duration& to, Range<Duration> range) {
  const YamlNode* node = find(key);
  if (node == nullptr) return nullptr;
  if (const auto value = duration_of(*node, key, range, *mistakes_)) to = *value;
  return node;
}

const YamlNode* Fields::number(std::string_view key, double& to, Range<double> range) {
  const YamlNode* node = find(key);
  const std::string* text = node == nullptr ? nullptr : text_of(*node, key, *mistakes_);
  if (text == nullptr) return node;
  const auto value = plain_number<double>(*text);
  if (value && *value >= range.min && *value <= range.max) {
    to = *value;
  } else {
    mistakes_->add(node->at, fmt::format("`{}` must be a number from {} to {}, not {}", key,
                                         range.min, range.max, in_ticks(*text)));
  }
  return node;
}

const YamlNode* Fields::whole(std::string_view key, std::uint32_t& to, Range<std::uint32_t> range) {
  const YamlNode* node = find(key);
  if (node != nullptr) read_whole(*node, key, to, range, *mistakes_);
  return node;
}

const YamlNode* Fields::whole(std::string_view key, std::uint64_t& to, Range<std::uint64_t> range) {
  const YamlNode* node = find(key);
  if (node != nullptr) read_whole(*node, key, to, range, *mistakes_);
  return node;
}

void Fields::finish() {
  for (const YamlEntry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
      if (entry.value.kind == YamlNode::Kind::null) {
        mistakes_->add(entry.at, fmt::format("{} has no value", in_ticks(entry.key)));
      }
      continue;
    }
    mistakes_->add(entry.at, fmt::format("unknown key {} in {}{}", in_ticks(entry.key), of_,
                                         suggestion(entry.key, known_)));
  }
}

const std::vector<YamlNode>& items_of(const YamlNode& node, std::string_view name,
                                      Mistakes& mistakes) {
  if (node.kind != YamlNode::Kind::list) {
    mistakes.add(node.at, fmt::format("`{}` must be a list, not {}", name, kind_name(node.kind)));
  }
  return node.items;
}

}  // namespace natsproof

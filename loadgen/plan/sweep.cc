#include "loadgen/plan/sweep.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/plan/plan_tree.h"

namespace natsproof {

namespace {

constexpr std::size_t kLongestFolderName = 80;

struct SweptKey {
  std::string key;                 // as written
  std::vector<std::string> paths;  // that move together
  std::string label;
  Position at;
  const std::vector<YamlNode>* values = nullptr;
};

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(at, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

// The last word of a path that says something: `bytes` of `tasks.0.payload.bytes`.
std::string last_word(const std::string& path) {
  std::vector<std::string> words = split(path, '.');
  while (words.size() > 1 && words.back().find_first_not_of("0123456789*") == std::string::npos)
    words.pop_back();
  return words.back();
}

std::string label_of(const std::vector<std::string>& paths) {
  std::vector<std::string> words;
  for (const std::string& path : paths) {
    const std::string word = last_word(path);
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return fmt::format("{}", fmt::join(words, "+"));
}

// The value of a map's key, taken out of it.
std::optional<YamlEntry> take(YamlNode& map, std::string_view key) {
  const auto entry = std::find_if(map.entries.begin(), map.entries.end(),
                                  [&](const YamlEntry& e) { return e.key == key; });
  if (entry == map.entries.end()) return std::nullopt;
  YamlEntry taken = std::move(*entry);
  map.entries.erase(entry);
  return taken;
}

// `1,10,50`, or any YAML list.
std::string list_text(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first != std::string::npos && text[first] == '[' ? text : "[" + text + "]";
}

class SweepReader {
 public:
  explicit SweepReader(const PlanSource& source) : source_(source), mistakes_(source) {}

  Sweep read() {
    if (auto root = plan_tree(source_, mistakes_)) read_tree(std::move(*root));
    sweep_.mistakes = mistakes_.take();
    return std::move(sweep_);
  }

 private:
  void read_tree(YamlNode root) {
    std::optional<YamlEntry> swept = take(root, "sweep");
    const std::optional<YamlEntry> against = take(root, "against");
    if (swept && swept->value.kind == YamlNode::Kind::null) swept.reset();
    add_flags(swept);
    if (swept) read_keys(*swept);
    if (against) read_against(*against);
    if (mistakes_.placed().empty()) {
      read_points(root);
    } else {
      read_rest(std::move(root));
    }
  }

  // What else is wrong, beside a sweep that cannot be.
  void read_rest(YamlNode root) {
    Mistakes told(source_);
    for (const SweptKey& key : keys_) {
      if (key.values->empty()) continue;
      for (const std::string& path : key.paths)
        put_yaml(root, path, key.values->front(), key.at, told);
    }
    read_plan_tree(root, source_, mistakes_);
  }

  void add_flags(std::optional<YamlEntry>& swept) {
    int flag = static_cast<int>(source_.set.size());
    for (const auto& [key, values] : source_.sweep) {
      const Position here{.source = ++flag};
      auto list = parse_yaml(list_text(values), flag, mistakes_);
      if (!list) continue;
      if (!swept) swept = {"sweep", here, {.kind = YamlNode::Kind::map, .at = here}};
      take(swept->value, key);
      swept->value.entries.push_back({key, here, std::move(*list)});
    }
  }

  void read_keys(const YamlEntry& swept) {
    swept_ = swept.value;
    if (swept_.kind != YamlNode::Kind::map || swept_.entries.empty()) {
      mistakes_.add(swept.value.at,
                    fmt::format("`sweep` must be a map from keys of the plan to lists of values, "
                                "as in {{load.users: [1, 10, 50]}}, not {}",
                                swept_.kind == YamlNode::Kind::map ? "an empty one"
                                                                   : kind_name(swept_.kind)));
      return;
    }
    std::map<std::string, Position> first;
    for (const YamlEntry& entry : swept_.entries) {
      SweptKey key{.key = entry.key, .paths = split(entry.key, '+'), .at = entry.at};
      for (const std::string& path : key.paths) check_path(path, entry.at, first);
      check_values(entry);
      key.values = &entry.value.items;
      key.label = label_of(key.paths);
      keys_.push_back(std::move(key));
    }
    check_product(swept.at);
    for (SweptKey& key : keys_) {
      const auto same = std::count_if(keys_.begin(), keys_.end(), [&](const SweptKey& other) {
        return label_of(other.paths) == label_of(key.paths);
      });
      if (same > 1) key.label = key.key;
    }
    for (const SweptKey& key : keys_) sweep_.labels.push_back(key.label);
  }

  void check_path(const std::string& path, Position at, std::map<std::string, Position>& first) {
    const std::string word = path.substr(0, path.find('.'));
    if (word == "sweep" || word == "against" || word == "name") {
      mistakes_.add(at, fmt::format("`{}` cannot be swept", word));
    } else if (path == "load.repetitions") {
      mistakes_.add(at, "`load.repetitions` cannot be swept: they are the rounds of the sweep");
    }
    if (!first.emplace(path, at).second)
      mistakes_.add(at, fmt::format("{} is swept twice", in_ticks(path)));
    for (std::size_t i = 0; i < source_.set.size(); ++i) {
      if (source_.set[i].first != path) continue;
      mistakes_.add({.source = static_cast<int>(i) + 1},
                    fmt::format("the plan sweeps it: `--sweep {}={}` runs that value alone", path,
                                source_.set[i].second));
    }
  }

  void check_values(const YamlEntry& entry) {
    const YamlNode& list = entry.value;
    if (list.kind != YamlNode::Kind::list || list.items.empty()) {
      mistakes_.add(
          list.kind == YamlNode::Kind::null ? entry.at : list.at,
          fmt::format("`sweep`: {} needs a list of values, as in [1, 10, 50], not {}; a "
                      "path of several words is one key, `load.users: [1, 10]`, or on "
                      "the command line `--sweep load.users=1,10`",
                      in_ticks(entry.key),
                      list.kind == YamlNode::Kind::list ? "an empty one" : kind_name(list.kind)));
    }
    std::set<std::string> before;
    for (const YamlNode& value : list.items) {
      if (value.kind == YamlNode::Kind::null) {
        mistakes_.add(value.at,
                      fmt::format("`sweep`: a value of {} is missing", in_ticks(entry.key)));
      } else if (!before.insert(flow_text(value)).second) {
        mistakes_.add(value.at, fmt::format("`sweep`: {} has the value {} twice",
                                            in_ticks(entry.key), in_ticks(flow_text(value))));
      }
    }
  }

  void check_product(Position at) {
    std::size_t points = 1;
    for (const SweptKey& key : keys_) {
      points *= std::max<std::size_t>(1, key.values->size());
      if (points <= kMostPoints) continue;
      mistakes_.add(at, fmt::format("a sweep may have at most {} points: its lists multiply to "
                                    "more",
                                    format_count(kMostPoints)));
      return;
    }
    points_ = points;
  }

  void read_against(const YamlEntry& entry) {
    if (entry.value.kind == YamlNode::Kind::null) return;
    if (keys_.empty()) {
      if (mistakes_.placed().empty())
        mistakes_.add(entry.at, "`against` names a point of a sweep, and there is no `sweep`");
      return;
    }
    if (entry.value.kind != YamlNode::Kind::map) {
      mistakes_.add(entry.value.at, fmt::format("`against` must be a map from swept keys to one of "
                                                "their values, as in {{{}: {}}}, not {}",
                                                keys_.front().key, first_value(keys_.front()),
                                                kind_name(entry.value.kind)));
      return;
    }
    against_.assign(keys_.size(), std::nullopt);
    for (const YamlEntry& named : entry.value.entries) read_against_key(named);
  }

  static std::string first_value(const SweptKey& key) {
    return key.values->empty() ? "..." : flow_text(key.values->front());
  }

  void read_against_key(const YamlEntry& named) {
    const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const SweptKey& k) {
      return k.key == named.key || k.label == named.key ||
             std::find(k.paths.begin(), k.paths.end(), named.key) != k.paths.end();
    });
    if (key == keys_.end()) {
      std::vector<std::string> known;
      for (const SweptKey& k : keys_) known.push_back(k.key);
      mistakes_.add(named.at, fmt::format("`against`: {} is not swept{}", in_ticks(named.key),
                                          suggestion(named.key, known)));
      return;
    }
    std::vector<std::string> known;
    for (const YamlNode& value : *key->values) known.push_back(flow_text(value));
    const auto value = std::find(known.begin(), known.end(), flow_text(named.value));
    if (value == known.end()) {
      mistakes_.add(named.value.at, fmt::format("`against`: {} is none of the values of {}: {}",
                                                in_ticks(flow_text(named.value)),
                                                in_ticks(key->key), joined(known)));
      return;
    }
    against_[static_cast<std::size_t>(key - keys_.begin())] =
        static_cast<std::size_t>(value - known.begin());
  }

  // Which value of each key point `index` has: the last key's changes fastest.
  [[nodiscard]] std::vector<std::size_t> values_of(std::size_t index) const {
    std::vector<std::size_t> values(keys_.size());
    for (std::size_t k = keys_.size(); k-- > 0;) {
      values[k] = index % keys_[k].values->size();
      index /= keys_[k].values->size();
    }
    return values;
  }

  [[nodiscard]] std::size_t index_of(const std::vector<std::size_t>& values) const {
    std::size_t index = 0;
    for (std::size_t k = 0; k < keys_.size(); ++k)
      index = index * keys_[k].values->size() + values[k];
    return index;
  }

  [[nodiscard]] std::size_t against_of(std::size_t index) const {
    if (against_.empty()) return 0;
    std::vector<std::size_t> values = values_of(index);
    for (std::size_t k = 0; k < keys_.size(); ++k) values[k] = against_[k].value_or(values[k]);
    return index_of(values);
  }

  void read_points(const YamlNode& root) {
    std::vector<Mistakes::Placed> found;
    std::vector<std::size_t> times;  // at how many points each was found
    std::vector<std::string> first;  // and which was the first
    std::set<std::string> folders;
    for (std::size_t i = 0; i < points_; ++i) {
      Mistakes own(source_);
      SweepPoint point = read_point(root, i, own);
      for (const Mistakes::Placed& mistake : own.placed()) {
        const auto known = std::find(found.begin(), found.end(), mistake);
        if (known != found.end()) {
          ++times[static_cast<std::size_t>(known - found.begin())];
          continue;
        }
        found.push_back(mistake);
        times.push_back(1);
        first.push_back(point.name);
      }
      name_folder(point, i, folders);
      sweep_.points.push_back(std::move(point));
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const bool everywhere = times[i] == points_;
      mistakes_.add(found[i].at,
                    everywhere ? found[i].message
                               : fmt::format("{} (at the point {})", found[i].message, first[i]));
    }
    sweep_.name = sweep_.points.front().plan.name;
    sweep_.about = sweep_.points.front().plan.about;
    check_rounds();
  }

  SweepPoint read_point(const YamlNode& root, std::size_t index, Mistakes& own) {
    SweepPoint point{.against = against_of(index)};
    YamlNode tree = root;
    const std::vector<std::size_t> values = values_of(index);
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      const YamlNode& value = (*keys_[k].values)[values[k]];
      for (const std::string& path : keys_[k].paths) put_yaml(tree, path, value, keys_[k].at, own);
      const std::string text = flow_text(value);
      point.set.emplace_back(keys_[k].key, text);
      point.name += fmt::format("{}{}={}", k == 0 ? "" : ", ", keys_[k].label, text);
    }
    point.plan = read_plan_tree(tree, source_, own);
    return point;
  }

  // Letters, digits and a few signs, not too long, and not the same twice.
  static void name_folder(SweepPoint& point, std::size_t index, std::set<std::string>& taken) {
    if (point.name.empty()) return;
    std::string name;
    for (const char c : point.name) {
      const bool fit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.,=+").find(c) != std::string_view::npos;
      if (c != ' ') name += fit ? c : '_';
    }
    if (name.front() == '.') name.front() = '_';
    name.resize(std::min(name.size(), kLongestFolderName));
    while (!taken.insert(name).second) name += fmt::format("_{}", index + 1);
    point.folder = std::move(name);
  }

  void check_rounds() {
    for (const SweepPoint& point : sweep_.points) {
      if (point.plan.load.repetitions == sweep_.points.front().plan.load.repetitions) continue;
      mistakes_.add(swept_.at,
                    "every point of a sweep must have the same `load.repetitions`: they are its "
                    "rounds");
      return;
    }
  }

  const PlanSource& source_;
  Mistakes mistakes_;
  YamlNode swept_;
  std::vector<SweptKey> keys_;
  std::vector<std::optional<std::size_t>> against_;  // of each key: which value; empty: the first
  std::size_t points_ = 1;
  Sweep sweep_;
};

}  // namespace

Sweep read_sweep(const PlanSource& source) {
  return SweepReader(source).read();
}

std::vector<std::size_t> order_of_round(std::size_t points, std::uint32_t round) {
  std::vector<std::size_t> order(points);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (round % 2 == 1) std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace natsproof

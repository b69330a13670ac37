#include "loadgen/plan/yaml_tree.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace natsproof {

namespace {

// How many bytes the UTF-8 sequence at the beginning of `text` has (Unicode, table 3-7); 0: it is
// none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// yaml-cpp lets other bytes through; they could not be written back.
bool check_utf8(std::string_view text, int source, Mistakes& mistakes) {
  Position at{.source = source, .line = 1, .column = 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      mistakes.add(at, fmt::format("the byte 0x{:02x} is not UTF-8, which a plan must be",
                                   static_cast<unsigned char>(text[i])));
      return false;
    }
    if (text[i] == '\n') {
      ++at.line;
      at.column = 0;
    }
    at.column += static_cast<int>(length);  // as yaml-cpp counts: bytes
    i += length;
  }
  return true;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, Mistakes& mistakes) : source_(source), mistakes_(mistakes) {}

  YamlNode take() { return std::move(root_); }
  // The innermost list or map that is still open: where text ended too early.
  [[nodiscard]] std::optional<Position> innermost(YamlNode::Kind kind) const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (open->node.kind == kind) return open->node.at;
    }
    return std::nullopt;
  }
  [[nodiscard]] Position place(const YAML::Mark& mark) const {
    return {.source = source_, .line = mark.line + 1, .column = mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "aliases (`*name`) are not read here: write the value out");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    add({.kind = YamlNode::Kind::null, .at = place(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    add({.kind = YamlNode::Kind::text, .at = place(mark), .text = value});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::list, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::map, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;  // of a map: the next node is the value of `key`
    std::string key;
    Position key_at;
  };

  void open(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (open_.size() >= kDeepestPlan) {
      throw YAML::ParserException(mark, fmt::format("nested deeper than {} levels", kDeepestPlan));
    }
    open_.push_back({.node = {.kind = kind, .at = place(mark)}});
  }
  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.has_key = false;
      parent.node.entries.push_back({std::move(parent.key), parent.key_at, std::move(node)});
    } else {
      if (node.kind != YamlNode::Kind::text) {
        mistakes_.add(node.at, fmt::format("a key must be a word, not {}", kind_name(node.kind)));
      }
      parent.has_key = true;
      parent.key = std::move(node.text);
      parent.key_at = node.at;
    }
  }

  int source_;
  Mistakes& mistakes_;
  std::vector<Open> open_;
  YamlNode root_;
};

// yaml-cpp's words, with the remedy where its own words do not suggest one.
void explain(const YAML::Exception& error, const TreeBuilder& tree, Mistakes& mistakes) {
  const std::string_view message = error.msg;
  if (message == YAML::ErrorMsg::END_OF_SEQ_FLOW || message == YAML::ErrorMsg::END_OF_MAP_FLOW) {
    const bool list = message == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    const auto opened = tree.innermost(list ? YamlNode::Kind::list : YamlNode::Kind::map);
    mistakes.add(opened.value_or(tree.place(error.mark)),
                 fmt::format("not YAML: this `{}` has no matching `{}`", list ? '[' : '{',
                             list ? ']' : '}'));
    return;
  }
  std::string text = fmt::format("not YAML: {}", message);
  if (message == YAML::ErrorMsg::MAP_VALUE) {
    text += "; a second `: ` on a line needs quotes or braces around it";
  }
  mistakes.add(error.mark.is_null() ? Position{} : tree.place(error.mark), std::move(text));
}

}  // namespace

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::text:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "?";
}

std::optional<YamlNode> parse_yaml(const std::string& text, int source, Mistakes& mistakes) {
  if (text.size() > kLargestPlanBytes) {
    mistakes.add({.source = source}, fmt::format("{} bytes are more than the {} a plan may have",
                                                 text.size(), kLargestPlanBytes));
    return std::nullopt;
  }
  if (!check_utf8(text, source, mistakes)) return std::nullopt;
  TreeBuilder tree(source, mistakes);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(tree)) return YamlNode{.at = {source, 1, 1}};
    YamlNode root = tree.take();
    TreeBuilder second(source, mistakes);
    if (parser.HandleNextDocument(second)) {
      mistakes.add(second.take().at, "a second YAML document: a plan is one");
      return std::nullopt;
    }
    return root;
  } catch (const YAML::Exception& error) {
    explain(error, tree, mistakes);
    return std::nullopt;
  }
}

namespace {

using Steps = std::span<const std::string>;

std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    steps.push_back(path.substr(from, dot - from));
    from = dot + 1;
  }
  return steps;
}

class Putting {
 public:
  Putting(const YamlNode& value, Position at, Mistakes& mistakes)
      : value_(value), at_(at), mistakes_(mistakes) {}

  // `walked` names `node` in messages.
  void put(YamlNode& node, const std::string& walked, Steps steps) {
    if (steps.empty()) {
      node = value_;
    } else if (node.kind == YamlNode::Kind::list) {
      put_in_list(node, walked, steps);
    } else if (node.kind == YamlNode::Kind::text) {
      mistakes_.add(
          at_, fmt::format("{} is a single value and has no {}", walked, in_ticks(steps.front())));
    } else {
      put_in_map(node, steps);
    }
  }

 private:
  void put_in_list(YamlNode& node, const std::string& walked, Steps steps) {
    const std::string& step = steps.front();
    if (step == "*" && !node.items.empty()) {
      for (YamlNode& item : node.items) put(item, in_ticks(step), steps.subspan(1));
      return;
    }
    std::size_t index = 0;
    const char* const end = step.data() + step.size();
    const auto [stop, error] = std::from_chars(step.data(), end, index);
    if (error != std::errc{} || stop != end || index >= node.items.size()) {
      mistakes_.add(at_, fmt::format("{} is a list of {}: the next word must be an index from 0, "
                                     "below that, or `*` for each, not {}",
                                     walked, node.items.size(), in_ticks(step)));
      return;
    }
    put(node.items[index], in_ticks(step), steps.subspan(1));
  }

  void put_in_map(YamlNode& node, Steps steps) {
    const std::string& step = steps.front();
    if (node.kind == YamlNode::Kind::null) node = {.kind = YamlNode::Kind::map, .at = at_};
    auto entry = std::find_if(node.entries.begin(), node.entries.end(),
                              [&](const YamlEntry& e) { return e.key == step; });
    if (entry == node.entries.end()) {
      node.entries.push_back({.key = step, .at = at_, .value = {.at = at_}});
      entry = node.entries.end() - 1;
    }
    put(entry->value, in_ticks(step), steps.subspan(1));
  }

  const YamlNode& value_;
  Position at_;
  Mistakes& mistakes_;
};

}  // namespace

void put_yaml(YamlNode& root, const std::string& path, const YamlNode& value, Position at,
              Mistakes& mistakes) {
  const std::vector<std::string> steps = steps_of(path);
  if (steps.size() > kDeepestPlan || std::count(steps.begin(), steps.end(), "") > 0) {
    mistakes.add(at, "must be words with dots between them, as in `load.rate=5000/s`");
    return;
  }
  Putting(value, at, mistakes).put(root, "the plan", steps);
}

void set_yaml(YamlNode& root, const std::string& path, const std::string& value, int source,
              Mistakes& mistakes) {
  if (const auto parsed = parse_yaml(value, source, mistakes)) {
    put_yaml(root, path, *parsed, {.source = source}, mistakes);
  }
}

std::string flow_text(const YamlNode& node) {
  std::vector<std::string> parts;
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::text:
      return node.text;
    case YamlNode::Kind::list:
      for (const YamlNode& item : node.items) parts.push_back(flow_text(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case YamlNode::Kind::map:
      for (const YamlEntry& entry : node.entries)
        parts.push_back(fmt::format("{}: {}", entry.key, flow_text(entry.value)));
      return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return {};
}

}  // namespace natsproof

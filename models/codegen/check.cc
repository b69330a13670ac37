#include "models/codegen/check.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/codegen/names.h"
#include "models/codegen/schema_error.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kMostBits = 126;
constexpr int kBitsOfCount = 31;  // of the elements of a repeated field
constexpr int kMostDepth = 100;

enum class Type { integer, boolean, time };

std::string_view name_of(Type type) {
  constexpr std::string_view kNames[] = {"an integer", "a bool", "a Timestamp"};
  return kNames[static_cast<int>(type)];
}

struct Operand {
  Type type = Type::integer;
  int bits = 0;  // an integer's magnitude is below two to this power
  std::string code;
  std::size_t position = 0;  // in the expression
};

// The words between "requires" and the right side's value.
std::string_view relation_of(std::string_view op, Type type) {
  const bool is_time = type == Type::time;
  if (op == "<=") return is_time ? "no later than " : "at most ";
  if (op == "<") return is_time ? "earlier than " : "less than ";
  if (op == ">=") return is_time ? "no earlier than " : "at least ";
  if (op == ">") return is_time ? "later than " : "more than ";
  return "";
}

class Check {
 public:
  Check(const Descriptor& message, const std::string& expression)
      : message_(message), text_(expression) {}

  std::string function(const std::string& name) {
    skip_spaces();
    const std::vector<const FieldDescriptor*> path = parse_path();
    const Operand left = singular(path, 0);
    const std::string op = comparison();
    if (op.empty()) fail("a comparison (==, <=, <, >= or >) belongs here");
    const std::size_t op_position = at_ - op.size();
    skip_spaces();
    const Operand right = sum();
    if (at_ != text_.size()) fail("this belongs to nothing");
    require_comparable(left, op, right, op_position);

    std::string code = fmt::format(
        "// {}\n"
        "static void {}(const {}& message, const ::natsproof::Path* at,\n"
        "                    ::natsproof::Violations& violations) {{\n",
        one_line(text_), name, type_name(message_));
    for (const std::string& line : prelude_) code += line;
    const std::string type = left.type == Type::integer   ? "::natsproof::Int128 "
                             : left.type == Type::boolean ? "bool "
                                                          : "::google::protobuf::Timestamp& ";
    code += fmt::format("  const {}left = {};\n  const {}right = {};\n", type, left.code, type,
                        right.code);
    code += fmt::format("  if ({}) [[likely]] return;\n", compared(left.type, "left", op, "right"));
    std::string parent = "at";
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      code += fmt::format("  const ::natsproof::Path place_{}{{{}, {}}};\n", i + 1, parent,
                          literal(path[i]->name()));
      parent = fmt::format("&place_{}", i + 1);
    }
    code += fmt::format(
        "  ::natsproof::violated::check({{{}, {}}}, left, {}, right,\n"
        "                               {}, violations);\n"
        "}}\n\n",
        parent, literal(path.back()->name()), literal(std::string(relation_of(op, left.type))),
        literal(text_));
    return code;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }
  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const {
    throw SchemaError(message_.full_name(),
                      fmt::format("check: {}, at byte {}\n  {}\n  {:>{}}", what, position,
                                  one_line(text_), "^", position + 1));
  }

  static std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
    return text;
  }

  // Reading

  void skip_spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  // With the spaces behind it.
  bool take(std::string_view token) {
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    skip_spaces();
    return true;
  }

  [[nodiscard]] bool at_name() const {
    const auto c = at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : '\0';
    return std::isalpha(c) || c == '_';
  }

  std::string take_name() {
    if (!at_name()) fail("the name of a field belongs here");
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      ++at_;
    return text_.substr(start, at_ - start);
  }

  // Empty, if there is none.
  std::string comparison() {
    for (const char* op : {"==", "<=", ">=", "<", ">"}) {
      if (text_.compare(at_, std::string_view(op).size(), op) == 0) {
        at_ += std::string_view(op).size();
        return op;
      }
    }
    return "";
  }

  std::vector<const FieldDescriptor*> parse_path() {
    std::vector<const FieldDescriptor*> path;
    const Descriptor* in = &message_;
    positions_.clear();
    do {
      const std::size_t start = at_;
      if (!in) fail(fmt::format("{} has no fields", path.back()->name()));
      const std::string name = take_name();
      const FieldDescriptor* field = in->FindFieldByName(name);
      if (!field) fail_at(start, fmt::format("{} has no field {}", in->full_name(), name));
      if (field->is_map()) fail_at(start, fmt::format("{} is a map", name));
      path.push_back(field);
      positions_.push_back(start);
      in = field->message_type();
    } while (take("."));
    skip_spaces();
    return path;
  }

  Operand sum() {
    Operand left = product();
    while (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) {
      const std::size_t position = at_;
      const char op = text_[at_];
      take({&op, 1});
      const Operand right = product();
      require_integers(left, right, position);
      left.bits = bounded(std::max(left.bits, right.bits) + 1, position);
      left.code += fmt::format(" {} {}", op, right.code);
    }
    return left;
  }

  Operand product() {
    Operand left = factor();
    while (at_ < text_.size() && text_[at_] == '*') {
      const std::size_t position = at_;
      take("*");
      const Operand right = factor();
      require_integers(left, right, position);
      left.bits = bounded(left.bits + right.bits, position);
      left.code += " * " + right.code;
    }
    return left;
  }

  Operand factor() {
    const std::size_t start = at_;
    if (at_ == text_.size()) fail("something is missing");
    if (take("(")) {
      if (++depth_ > kMostDepth) fail_at(start, "too many parentheses");
      Operand inner = parenthesised(start);
      --depth_;
      return inner;
    }
    if (std::isdigit(static_cast<unsigned char>(text_[at_]))) return integer();
    if (!at_name()) fail("a field, an integer, sum(…) or parentheses belong here");
    const std::string name = take_name();
    skip_spaces();
    if (name == "sum" && take("(")) {
      const Operand total = sum_of(parse_path(), start);
      if (!take(")")) fail("a ) belongs here");
      return total;
    }
    at_ = start;
    return singular(parse_path(), start);
  }

  Operand parenthesised(std::size_t start) {
    Operand inner = sum();
    const std::size_t op_position = at_;
    if (const std::string op = comparison(); !op.empty()) {
      skip_spaces();
      const Operand right = sum();
      require_comparable(inner, op, right, op_position);
      inner = {.type = Type::boolean, .code = compared(inner.type, inner.code, op, right.code)};
    }
    if (!take(")")) fail("a ) belongs here");
    inner.position = start;
    inner.code = "(" + inner.code + ")";
    return inner;
  }

  Operand integer() {
    const std::size_t start = at_;
    std::uint64_t value = 0;
    const char* const first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("this integer is larger than 64 bits");
    at_ += static_cast<std::size_t>(end - first);
    if (at_name() || (at_ < text_.size() && text_[at_] == '.'))
      fail_at(start, "only whole decimal numbers can be used");
    skip_spaces();
    return {.bits = static_cast<int>(std::bit_width(value)),
            .code = fmt::format("::natsproof::Int128{{{}u}}", value),
            .position = start};
  }

  // Fields

  // The type of a path's last field.
  Operand leaf(const FieldDescriptor& field, std::size_t position) const {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return {.bits = 31, .position = position};
      case FieldDescriptor::CPPTYPE_UINT32:
        return {.bits = 32, .position = position};
      case FieldDescriptor::CPPTYPE_INT64:
        return {.bits = 63, .position = position};
      case FieldDescriptor::CPPTYPE_UINT64:
        return {.bits = 64, .position = position};
      case FieldDescriptor::CPPTYPE_BOOL:
        return {.type = Type::boolean, .position = position};
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field.message_type()->full_name() == "google.protobuf.Timestamp")
          return {.type = Type::time, .position = position};
        fail_at(position, fmt::format("{} is a message; name one of its fields", field.name()));
      default:
        fail_at(position,
                fmt::format("{} is of type {}; integers, bools and Timestamps can be used",
                            field.name(), field.type_name()));
    }
  }

  // Left of the check holds, unless what is needed is there.
  static std::string presence(const std::string& object, const FieldDescriptor& field) {
    const std::string name = field_name(field);
    std::string absent = fmt::format("!{}.has_{}()", object, name);
    if (field.message_type() && field.message_type()->full_name() == "google.protobuf.Timestamp")
      absent += fmt::format(" || !::natsproof::is_valid({}.{}())", object, name);
    return fmt::format("if ({}) return;\n", absent);
  }

  void add_to_prelude(std::string line) {
    if (std::find(prelude_.begin(), prelude_.end(), line) == prelude_.end())
      prelude_.push_back(std::move(line));
  }

  Operand singular(const std::vector<const FieldDescriptor*>& path, std::size_t position) {
    std::string object = "message";
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i]->is_repeated())
        fail_at(positions_[i], fmt::format("{} is repeated; use sum(…)", path[i]->name()));
      const bool is_last = i + 1 == path.size();
      if (is_last) leaf(*path[i], positions_[i]);
      if (path[i]->has_presence()) add_to_prelude("  " + presence(object, *path[i]));
      object += fmt::format(".{}()", field_name(*path[i]));
    }
    Operand operand = leaf(*path.back(), positions_.back());
    operand.position = position;
    operand.code =
        operand.type == Type::integer ? fmt::format("::natsproof::Int128{{{}}}", object) : object;
    return operand;
  }

  Operand sum_of(const std::vector<const FieldDescriptor*>& path, std::size_t position) {
    const std::string name = fmt::format("sum_{}", ++sums_);
    const Operand element = leaf(*path.back(), positions_.back());
    if (element.type != Type::integer)
      fail_at(positions_.back(), fmt::format("the sum of integers only, {} is {}",
                                             path.back()->name(), name_of(element.type)));
    std::string object = "message", indent = "  ", loop;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const FieldDescriptor& field = *path[i];
      if (field.is_repeated()) {
        if (!loop.empty()) fail_at(positions_[i], "a sum is over one repeated field");
        loop =
            fmt::format("  ::natsproof::Int128 {} = 0;\n  for (const auto& element : {}.{}()) {{\n",
                        name, object, field_name(field));
        object = "element";
        indent = "    ";
        continue;
      }
      if (field.has_presence()) {
        if (loop.empty()) {
          add_to_prelude(indent + presence(object, field));
        } else {
          loop += indent + presence(object, field);
        }
      }
      object += fmt::format(".{}()", field_name(field));
    }
    if (loop.empty()) fail_at(position, "a sum is over a repeated field, and there is none here");
    prelude_.push_back(fmt::format("{}    {} += {};\n  }}\n", loop, name, object));
    return {
        .bits = bounded(element.bits + kBitsOfCount, position), .code = name, .position = position};
  }

  // Types

  [[nodiscard]] int bounded(int bits, std::size_t position) const {
    if (bits > kMostBits) fail_at(position, "this could need more than 128 bits");
    return bits;
  }

  void require_integers(const Operand& left, const Operand& right, std::size_t position) const {
    for (const Operand* side : {&left, &right}) {
      if (side->type != Type::integer)
        fail_at(position,
                fmt::format("only integers can be computed with, not {}", name_of(side->type)));
    }
  }

  void require_comparable(const Operand& left, const std::string& op, const Operand& right,
                          std::size_t position) const {
    if (left.type != right.type) {
      fail_at(position,
              fmt::format("{} is compared with {}", name_of(left.type), name_of(right.type)));
    }
    if (left.type == Type::boolean && op != "==") fail_at(position, "bools are compared by ==");
  }

  static std::string compared(Type type, const std::string& left, const std::string& op,
                              const std::string& right) {
    if (type != Type::time) return fmt::format("{} {} {}", left, op, right);
    return fmt::format("::natsproof::nanos_of({}) {} ::natsproof::nanos_of({})", left, op, right);
  }

  const Descriptor& message_;
  const std::string& text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> positions_;  // of the names of the path read last
  std::vector<std::string> prelude_;    // what is done before the comparison
  int sums_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string check_function(const Descriptor& message, const std::string& expression,
                           const std::string& name) {
  return Check(message, expression).function(name);
}

}  // namespace natsproof

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include "models/codegen/bounds.h"
#include "models/codegen/check.h"
#include "models/codegen/formats.h"
#include "models/codegen/names.h"
#include "models/codegen/parts.h"
#include "models/codegen/pattern.h"
#include "models/codegen/rules_of.h"
#include "models/codegen/schema_error.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

bool is_timestamp(const FieldDescriptor& field) {
  return field.message_type() && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

bool is_duration(const FieldDescriptor& field) {
  return field.message_type() && field.message_type()->full_name() == "google.protobuf.Duration";
}

// Messages of protobuf itself have no validate_part().
bool has_validator(const FieldDescriptor& field) {
  if (!field.message_type()) return false;
  const FileDescriptor& file = *field.message_type()->file();
  return file.package() != "google.protobuf" && file.name() != "natsproof/rules.proto";
}

bool is_number(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return true;
    default:
      return false;
  }
}

// Rules and fields that fit each other

void require_fit(const FieldDescriptor& field, bool is_given, bool fits, std::string_view rule,
                 std::string_view remedy) {
  if (!is_given || fits) return;
  const std::string kind = field.is_map()        ? "a map"
                           : field.is_repeated() ? fmt::format("repeated {}", field.type_name())
                                                 : fmt::format("of type {}", field.type_name());
  throw SchemaError(field.full_name(),
                    fmt::format("the rule {} is {}; this field is {}", rule, remedy, kind));
}

void require_fitting_rules(const FieldDescriptor& field, const FieldRules& wanted) {
  const bool is_map = field.is_map();
  const bool is_text = !is_map && field.type() == FieldDescriptor::TYPE_STRING;
  const bool is_numeric = !is_map && is_number(field);
  const bool is_enum = !is_map && field.type() == FieldDescriptor::TYPE_ENUM;
  const auto fit = [&](bool is_given, bool fits, std::string_view rule, std::string_view remedy) {
    require_fit(field, is_given, fits, rule, remedy);
  };
  fit(wanted.required(), is_enum || (field.message_type() && !field.is_repeated()), "required",
      "for messages and enums (for strings, min_chars: 1; for repeated fields and maps, min_items: "
      "1)");
  fit(wanted.has_min_chars(), is_text, "min_chars", "for strings");
  fit(wanted.has_max_chars(), is_text, "max_chars", "for strings");
  fit(!wanted.pattern().empty(), is_text, "pattern", "for strings");
  fit(wanted.format() != FORMAT_UNSPECIFIED, is_text, "format", "for strings");
  fit(!wanted.without().empty(), is_text, "without", "for strings");
  fit(wanted.has_at_least(), is_numeric, "at_least", "for numbers");
  fit(wanted.has_at_most(), is_numeric, "at_most", "for numbers");
  fit(wanted.has_above(), is_numeric, "above", "for numbers");
  fit(wanted.has_below(), is_numeric, "below", "for numbers");
  fit(wanted.known(), is_enum, "known", "for enums");
  fit(wanted.has_min_items(), field.is_repeated(), "min_items", "for repeated fields and maps");
  fit(wanted.has_max_items(), field.is_repeated(), "max_items", "for repeated fields and maps");
  fit(!wanted.before().empty(), !is_map && is_timestamp(field), "before", "for Timestamps");
  if (wanted.required() && (field.containing_oneof() || field.has_optional_keyword())) {
    throw SchemaError(field.full_name(),
                      fmt::format("it is required and {}; drop one of the two",
                                  field.real_containing_oneof() ? "in a oneof" : "optional"));
  }
}

// "5 to 200 characters"; nothing, if neither is given.
std::string amount(bool has_least, std::uint32_t least, bool has_most, std::uint32_t most,
                   std::string_view unit) {
  if (has_least && has_most) {
    return least == most ? fmt::format("{} {}s", most, unit)
                         : fmt::format("{} to {} {}s", least, most, unit);
  }
  if (has_least) return fmt::format("at least {} {}{}", least, unit, least == 1 ? "" : "s");
  if (has_most) return fmt::format("at most {} {}{}", most, unit, most == 1 ? "" : "s");
  return "";
}

// The patterns of a file

std::vector<std::string> patterns_of(const FieldDescriptor& field) {
  std::vector<std::string> patterns;
  const FieldRules wanted = rules_of(field);
  if (!wanted.pattern().empty()) patterns.push_back(wanted.pattern());
  if (wanted.format() != FORMAT_UNSPECIFIED)
    patterns.push_back(pattern_of(wanted.format()).pattern);
  return patterns;
}

struct FilePattern {
  std::string pattern;
  const Descriptor* first_user;  // before whose validator its tables stand
};

// In the order in which the validators of the file's messages are printed: nested messages first.
std::vector<FilePattern> patterns_of(const FileDescriptor& file) {
  std::vector<FilePattern> all;
  const std::function<void(const Descriptor&)> walk = [&](const Descriptor& message) {
    for (int i = 0; i < message.nested_type_count(); ++i) walk(*message.nested_type(i));
    for (int i = 0; i < message.field_count(); ++i) {
      for (const std::string& pattern : patterns_of(*message.field(i))) {
        const bool is_known = std::any_of(
            all.begin(), all.end(), [&](const auto& other) { return other.pattern == pattern; });
        if (!is_known) all.push_back({pattern, &message});
      }
    }
  };
  for (int i = 0; i < file.message_type_count(); ++i) walk(*file.message_type(i));
  return all;
}

std::string pattern_name(const FileDescriptor& file, const std::string& pattern) {
  const std::vector<FilePattern> all = patterns_of(file);
  const auto place = std::find_if(all.begin(), all.end(),
                                  [&](const auto& other) { return other.pattern == pattern; });
  return fmt::format("kPattern_{}", place - all.begin() + 1);
}

template <class Numbers>
std::string wrapped(const Numbers& numbers) {
  std::string text, line = "   ";
  for (const auto number : numbers) {
    const std::string next = fmt::format(" {},", number);
    if (line.size() + next.size() > 100) {
      text += line + "\n";
      line = "   ";
    }
    line += next;
  }
  return text + line + "\n";
}

std::string for_comment(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

// The state, but for the dead one, that the most bytes do not leave; and which they are.
struct Run {
  std::size_t state = 0;
  std::array<int, 256> stays{};
};

Run longest_run(const Automaton& automaton) {
  Run longest;
  std::ptrdiff_t most = -1;
  for (std::size_t state = 1; state < automaton.states(); ++state) {
    Run run{.state = state};
    for (std::size_t byte = 0; byte < run.stays.size(); ++byte) {
      const std::size_t place = state * automaton.classes + automaton.class_of[byte];
      run.stays[byte] = automaton.next[place] == state ? 1 : 0;
    }
    const auto count = std::count(run.stays.begin(), run.stays.end(), 1);
    if (count > most) {
      most = count;
      longest = run;
    }
  }
  return longest;
}

std::string pattern_tables(const std::string& name, const std::string& pattern) {
  const Automaton automaton = compile_pattern(pattern);
  std::vector<std::size_t> next;
  for (const std::size_t state : automaton.next) next.push_back(state * automaton.classes);
  const Run run = longest_run(automaton);
  return fmt::format(
      "// {0}\n"
      "static constexpr std::uint8_t {1}Classes[] = {{\n{2}}};\n"
      "static constexpr std::uint16_t {1}Next[] = {{\n{3}}};\n"
      "static constexpr bool {1}Stays[] = {{\n{4}}};\n"
      "static constexpr ::natsproof::Pattern {1}{{{1}Classes, {1}Next, {5}, {6}, {7}, {1}Stays}};\n"
      "\n",
      for_comment(pattern), name, wrapped(automaton.class_of), wrapped(next), wrapped(run.stays),
      automaton.start * automaton.classes, automaton.first_accepting * automaton.classes,
      run.state * automaton.classes);
}

// A validator's statements

class Body {
 public:
  void line(const std::string& text) {
    code_ += std::string(2 * static_cast<std::size_t>(depth_), ' ') + text + "\n";
  }
  void open(const std::string& text) {
    line(text + (text.empty() ? "{" : " {"));
    ++depth_;
  }
  // ::natsproof::violated::name(place, …, violations);
  void violated(std::string_view name, const std::string& place, const std::string& arguments) {
    const std::string start = fmt::format("::natsproof::violated::{}({},", name, place);
    const std::string end = arguments + (arguments.empty() ? "" : ", ") + "violations);";
    if (2 * static_cast<std::size_t>(depth_) + start.size() + 1 + end.size() <= 100) {
      line(start + " " + end);
    } else {
      line(start);
      line("    " + end);
    }
  }
  void turn(const std::string& text) {  // } else {
    --depth_;
    open("} " + text);
  }
  void close() {
    --depth_;
    line("}");
  }
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
  int depth_ = 1;
};

class FieldPrinter {
 public:
  FieldPrinter(const FieldDescriptor& field, Body& body)
      : field_(field), rules_(rules_of(field)), body_(body), name_(field_name(field)) {}

  void print() {
    require_fitting_rules(field_, rules_);
    if (field_.is_repeated()) print_count();
    if (field_.is_map()) {
      print_entries();
    } else if (!needs_look()) {
      return;
    } else if (field_.is_repeated()) {
      body_.open(
          fmt::format("for (int i = 0; i < message.{}_size() && !violations.full(); ++i)", name_));
      place_ = fmt::format("{{at, {}, i}}", literal(field_.name()));
      print_value(fmt::format("message.{}(i)", name_));
      body_.close();
    } else {
      place_ = fmt::format("{{at, {}}}", literal(field_.name()));
      print_singular();
    }
  }

 private:
  [[nodiscard]] bool needs_look() const {
    if (has_validator(field_) || is_timestamp(field_) || is_duration(field_)) return true;
    return rules_.required() || rules_.known() || rules_.min_chars() > 0 ||
           rules_.has_max_chars() || !rules_.without().empty() || !patterns_of(field_).empty() ||
           (is_number(field_) && !bounds_of(field_, rules_).each.empty());
  }

  void print_count() {
    if (rules_.has_min_items() && rules_.has_max_items() && rules_.min_items() > rules_.max_items())
      throw SchemaError(field_.full_name(), "min_items is more than max_items");
    if (rules_.min_items() > 0) print_count("min_items", "<", rules_.min_items());
    if (rules_.has_max_items()) print_count("max_items", ">", rules_.max_items());
  }

  void print_count(const std::string& rule, std::string_view op, std::uint32_t limit) {
    if (limit > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
      throw SchemaError(field_.full_name(), rule + " is more than a field can have");
    const std::string size = field_.is_map() ? fmt::format("message.{}().size()", name_)
                                             : fmt::format("message.{}_size()", name_);
    const std::string allowed =
        "it must have " + amount(rules_.min_items() > 0, rules_.min_items(), rules_.has_max_items(),
                                 rules_.max_items(), "element");
    body_.open(fmt::format("if ({} {} {}) [[unlikely]]", size, op, limit));
    body_.violated("items", fmt::format("{{at, {}}}", literal(field_.name())),
                   fmt::format("\"{}\", {}, {}", rule, size, literal(allowed)));
    body_.close();
  }

  // The messages of a map's entries; other values have no rules.
  void print_entries() {
    const FieldDescriptor& key = *field_.message_type()->map_key();
    const FieldDescriptor& value = *field_.message_type()->map_value();
    if (!has_validator(value) && !is_timestamp(value) && !is_duration(value)) return;
    body_.open(fmt::format("for (const auto& entry : message.{}())", name_));
    body_.line("if (violations.full()) break;");
    if (key.type() == FieldDescriptor::TYPE_STRING) {
      place_ = fmt::format("{{at, {}, -1, &entry.first}}", literal(field_.name()));
    } else {
      body_.line("const ::natsproof::KeyText key(entry.first);");
      place_ = fmt::format("{{at, {}, -1, nullptr, key.view()}}", literal(field_.name()));
    }
    print_message(value, "entry.second");
    body_.close();
  }

  void print_singular() {
    const std::string get = fmt::format("message.{}()", name_);
    if (field_.has_presence()) {
      body_.open(fmt::format("if (message.has_{}())", name_));
      print_value(get);
      if (rules_.required()) {
        body_.turn("else [[unlikely]]");
        print_missing("it must be present");
      }
      body_.close();
    } else if (field_.type() == FieldDescriptor::TYPE_STRING) {
      print_text_or_missing(get);
    } else {
      body_.open("");
      print_value(get);
      body_.close();
    }
  }

  void print_value(const std::string& get) {
    if (field_.type() == FieldDescriptor::TYPE_STRING) {
      body_.line(fmt::format("const std::string& value = {};", get));
      print_text(false);
    } else if (is_number(field_)) {
      body_.line(fmt::format("const {} value = {};", value_type(field_), get));
      print_number();
    } else if (field_.type() == FieldDescriptor::TYPE_ENUM) {
      body_.line(fmt::format("const int value = {};", get));
      print_enum();
    } else {
      print_message(field_, get);
    }
  }

  void print_missing(const std::string& allowed) {
    body_.violated("required", place_, literal(allowed));
  }

  // Text

  // Of a string that cannot be absent: one that must not be empty is missing when it is.
  void print_text_or_missing(const std::string& get) {
    std::string needed;
    if (rules_.min_chars() > 0) needed = chars_allowed();
    if (needed.empty() && rules_.format() != FORMAT_UNSPECIFIED)
      needed = pattern_of(rules_.format()).allowed;
    if (needed.empty() && !rules_.pattern().empty() && !compiled(rules_.pattern()).accepts(""))
      needed = pattern_allowed();
    if (needed.empty()) {
      body_.open("");
      body_.line(fmt::format("const std::string& value = {};", get));
      print_text(false);
      body_.close();
      return;
    }
    body_.open(fmt::format("if (const std::string& value = {}; value.empty()) [[unlikely]]", get));
    print_missing(needed);
    body_.turn("else");
    print_text(true);
    body_.close();
  }

  [[nodiscard]] std::string chars_allowed() const {
    return "it must have " + amount(rules_.min_chars() > 0, rules_.min_chars(),
                                    rules_.has_max_chars(), rules_.max_chars(), "character");
  }

  [[nodiscard]] std::string pattern_allowed() const { return "it must match " + rules_.pattern(); }

  Automaton compiled(const std::string& pattern) const {
    try {
      return compile_pattern(pattern);
    } catch (const PatternError& error) {
      throw SchemaError(field_.full_name(),
                        fmt::format("pattern \"{}\": {}", pattern, error.what()));
    }
  }

  void print_text(bool is_not_empty) {
    if (rules_.has_min_chars() && rules_.has_max_chars() && rules_.min_chars() > rules_.max_chars())
      throw SchemaError(field_.full_name(), "min_chars is more than max_chars");
    const std::uint32_t least = is_not_empty && rules_.min_chars() <= 1 ? 0 : rules_.min_chars();
    if (least > 0 || rules_.has_max_chars()) {
      const std::string most =
          rules_.has_max_chars() ? fmt::format("{}", rules_.max_chars()) : "std::string::npos";
      body_.open(
          fmt::format("if (!::natsproof::has_chars(value, {}, {})) [[unlikely]]", least, most));
      body_.violated("chars", place_,
                     fmt::format("value, {}, {}", least, literal(chars_allowed())));
      body_.close();
    }
    if (!rules_.pattern().empty()) print_pattern("pattern", rules_.pattern(), pattern_allowed());
    if (const NamedPattern named = pattern_of(rules_.format()); !named.pattern.empty())
      print_pattern("format", named.pattern, named.allowed);
    if (!rules_.without().empty()) {
      body_.open(fmt::format("if (::natsproof::contains(value, {})) [[unlikely]]",
                             literal(rules_.without())));
      print_wrong_text("without", fmt::format("it must not contain \"{}\"", rules_.without()));
      body_.close();
    }
  }

  void print_pattern(std::string_view rule, const std::string& pattern,
                     const std::string& allowed) {
    compiled(pattern);
    body_.open(fmt::format("if (!::natsproof::matches(value, {})) [[unlikely]]",
                           pattern_name(*field_.file(), pattern)));
    print_wrong_text(rule, allowed);
    body_.close();
  }

  void print_wrong_text(std::string_view rule, const std::string& allowed) {
    body_.violated("text", place_, fmt::format("\"{}\", value, {}", rule, literal(allowed)));
  }

  // Numbers and enums

  void print_number() {
    const Bounds bounds = bounds_of(field_, rules_);
    for (std::size_t i = 0; i < bounds.each.size(); ++i) {
      const std::string test = fmt::format("if (!({})) [[unlikely]]", bounds.each[i].condition);
      if (i == 0) {
        body_.open(test);
      } else {
        body_.turn("else " + test);
      }
      body_.violated(
          "number", place_,
          fmt::format("\"{}\", value, {}", bounds.each[i].rule, literal(bounds.allowed)));
    }
    body_.close();
  }

  [[nodiscard]] std::string enum_allowed() const {
    constexpr int kMost = 12;
    std::string names;
    int count = 0;
    for (int i = 0; i < field_.enum_type()->value_count(); ++i) {
      const auto& value = *field_.enum_type()->value(i);
      if (rules_.required() && value.number() == 0) continue;
      if (++count > kMost) return fmt::format("it must be one of {}, …", names);
      names += fmt::format("{}{}", names.empty() ? "" : ", ", value.name());
    }
    return fmt::format("it must be one of {}", names);
  }

  void print_enum() {
    const std::string allowed = enum_allowed();
    if (rules_.required()) {
      body_.open("if (value == 0) [[unlikely]]");
      print_missing(allowed);
    }
    if (rules_.known()) {
      const std::string test =
          fmt::format("if (!{}_IsValid(value)) [[unlikely]]", qualified_name(*field_.enum_type()));
      if (rules_.required()) {
        body_.turn("else " + test);
      } else {
        body_.open(test);
      }
      body_.violated("known", place_, "value, " + literal(allowed));
    }
    body_.close();
  }

  // Messages

  void print_message(const FieldDescriptor& field, const std::string& get) {
    if (has_validator(field)) {
      body_.line(fmt::format("const ::natsproof::Path place{};", place_));
      body_.line(fmt::format("validate_part({}, &place, violations);", get));
    } else if (is_timestamp(field) || is_duration(field)) {
      body_.line(fmt::format("const {}& value = {};", value_type(field), get));
      body_.open("if (!::natsproof::is_valid(value)) [[unlikely]]");
      body_.violated("time", place_, "value");
      if (!rules_.before().empty()) print_before();
      body_.close();
    }
  }

  void print_before() {
    google::protobuf::Timestamp limit;
    if (!google::protobuf::util::TimeUtil::FromString(rules_.before(), &limit)) {
      throw SchemaError(field_.full_name(),
                        fmt::format("before: \"{}\" is not a time as RFC 3339 has it; write it as "
                                    "2026-01-01T00:00:00Z",
                                    rules_.before()));
    }
    body_.turn(
        fmt::format("else if (!(::natsproof::nanos_of(value) < "
                    "::natsproof::Int128{{{}}} * 1'000'000'000 + {})) [[unlikely]]",
                    limit.seconds(), limit.nanos()));
    body_.violated("before", place_, "value, " + literal("it must be before " + rules_.before()));
  }

  const FieldDescriptor& field_;
  const FieldRules rules_;
  Body& body_;
  std::string name_;
  std::string place_;  // the Path of the value that is looked at
};

}  // namespace

void print_validator(const Descriptor& message, google::protobuf::io::Printer& source) {
  Body body;
  for (int i = 0; i < message.field_count(); ++i) FieldPrinter(*message.field(i), body).print();
  std::string checks;
  int count = 0;
  for (const std::string& expression : checks_of(message)) {
    const std::string name = fmt::format("check_{}", ++count);
    checks += check_function(message, expression, name);
    body.line(name + "(message, at, violations);");
  }

  const std::vector<FilePattern> patterns = patterns_of(*message.file());
  for (const FilePattern& used : patterns) {
    if (used.first_user == &message)
      source.PrintRaw(pattern_tables(pattern_name(*message.file(), used.pattern), used.pattern));
  }
  source.PrintRaw(checks);
  const std::string type = type_name(message);
  if (body.code().empty()) {
    source.PrintRaw(
        fmt::format("void validate_part(const {}&, const ::natsproof::Path*, "
                    "::natsproof::Violations&) {{}}\n\n",
                    type));
  } else {
    source.PrintRaw(
        fmt::format("void validate_part(const {}& message, const ::natsproof::Path* at,\n"
                    "                   ::natsproof::Violations& violations) {{\n"
                    "{}}}\n\n",
                    type, body.code()));
  }
  source.PrintRaw(
      fmt::format("bool validate(const {}& message, ::natsproof::Violations& violations) {{\n"
                  "  const std::size_t before = violations.list().size();\n"
                  "  validate_part(message, nullptr, violations);\n"
                  "  return violations.list().size() == before && !violations.full();\n"
                  "}}\n\n",
                  type));
}

}  // namespace natsproof

#include "models/codegen/bounds.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "models/codegen/schema_error.h"

namespace natsproof {
namespace {

using google::protobuf::FieldDescriptor;

// Beyond it two integers in a .proto file can be one double.
constexpr double kMostExact = 9007199254740991;

[[noreturn]] void refuse(const FieldDescriptor& field, std::string_view rule, double bound,
                         const std::string& why) {
  throw SchemaError(field.full_name(), fmt::format("{}: {}: {}", rule, bound, why));
}

struct Limits {
  double lowest, highest;
};

std::optional<Limits> integer_limits(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Limits{std::numeric_limits<std::int32_t>::min(),
                    std::numeric_limits<std::int32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT32:
      return Limits{0, std::numeric_limits<std::uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_INT64:
      return Limits{-std::ldexp(1, 63), std::ldexp(1, 63)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return Limits{0, std::ldexp(1, 64)};
    default:
      return std::nullopt;
  }
}

void require_exact(const FieldDescriptor& field, std::string_view rule, double bound) {
  if (!std::isfinite(bound)) refuse(field, rule, bound, "a bound is a finite number");
  if (const auto limits = integer_limits(field)) {
    if (bound != std::trunc(bound))
      refuse(field, rule, bound, "the field is an integer; write a whole number");
    if (std::abs(bound) > kMostExact) {
      refuse(field, rule, bound,
             fmt::format("beyond 2^53 a rule's number may have been rounded; write option "
                         "(natsproof.check) = \"{} <= …\" instead",
                         field.name()));
    }
    if (bound < limits->lowest || bound > limits->highest)
      refuse(field, rule, bound, fmt::format("it is not a value of {}", field.type_name()));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    const auto nearest = static_cast<float>(bound);
    if (static_cast<double>(nearest) != bound) {
      refuse(field, rule, bound,
             fmt::format("it is not a value of float, the nearest is {}; write that, or make the "
                         "field a double",
                         static_cast<double>(nearest)));
    }
  }
}

// For a person.
std::string number_text(const FieldDescriptor& field, double bound) {
  return integer_limits(field) ? fmt::format("{}", static_cast<std::int64_t>(bound))
                               : fmt::format("{}", bound);
}

// As a C++ constant of the field's type.
std::string constant(const FieldDescriptor& field, double bound) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      // The lowest int32 has no literal of its own type; as a long it compares the same.
      return fmt::format("{}", static_cast<std::int64_t>(bound));
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::format("{}u", static_cast<std::uint64_t>(bound));
    default:
      break;
  }
  std::string text = fmt::format("{}", bound);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT ? text + "f" : text;
}

struct Side {
  bool given = false;
  std::string_view rule;
  double bound = 0;
  const char* op;
  const char* words;
};

Side one_of(const FieldDescriptor& field, const Side& inclusive, const Side& exclusive) {
  for (const Side* side : {&inclusive, &exclusive}) {
    if (side->given) require_exact(field, side->rule, side->bound);
  }
  if (inclusive.given && exclusive.given) {
    throw SchemaError(field.full_name(),
                      fmt::format("{} and {} say the same twice; keep one of them", inclusive.rule,
                                  exclusive.rule));
  }
  return inclusive.given ? inclusive : exclusive;
}

}  // namespace

Bounds bounds_of(const FieldDescriptor& field, const FieldRules& wanted) {
  const Side low =
      one_of(field, {wanted.has_at_least(), "at_least", wanted.at_least(), ">=", "at least"},
             {wanted.has_above(), "above", wanted.above(), ">", "above"});
  const Side high =
      one_of(field, {wanted.has_at_most(), "at_most", wanted.at_most(), "<=", "at most"},
             {wanted.has_below(), "below", wanted.below(), "<", "below"});
  const auto limits = integer_limits(field);
  // The first and the last value that is allowed, of integers.
  const double first = low.given ? low.bound + (low.rule == "above" ? 1 : 0) : 0;
  const double last = high.given ? high.bound - (high.rule == "below" ? 1 : 0) : 0;
  const bool is_open = low.rule == "above" || high.rule == "below";
  const bool is_empty =
      low.given && high.given &&
      (limits ? first > last : low.bound > high.bound || (is_open && low.bound == high.bound));
  if (is_empty ||
      (limits && ((low.given && first > limits->highest) || (high.given && last < limits->lowest))))
    throw SchemaError(field.full_name(), "no number is within these bounds");

  Bounds bounds;
  for (const Side* side : {&low, &high}) {
    if (!side->given) continue;
    bounds.allowed += fmt::format("{} {} {}", bounds.allowed.empty() ? "it must be" : " and",
                                  side->words, number_text(field, side->bound));
    const bool is_kept_by_all =
        limits && (side == &low ? first <= limits->lowest : last >= limits->highest);
    if (is_kept_by_all) continue;
    bounds.each.push_back({std::string(side->rule),
                           fmt::format("value {} {}", side->op, constant(field, side->bound))});
  }
  return bounds;
}

}  // namespace natsproof

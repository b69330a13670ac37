// The ways in which sample data can be wrong.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace natsproof {

enum class InvalidKind {
  missing_required,   // a message, enum or text that must be there
  wrong_type,         // JSON: a value that is none of the field's type
  out_of_range,       // a number below, above, or on a bound
  bad_pattern,        // a text against its pattern, or against its format where that is no e-mail's
  bad_email,          // a text that is no e-mail address
  future_birth_date,  // a date that ought to be in the past
  wrong_total,        // Order: a sum that does not add up
  negative_total,     // Order: an item whose discount is above its price
  too_many_items,     // one element more than allowed
  cut_bytes,          // the encoded message ends too early
  unknown_encoding,   // valid, under a Content-Type that nobody knows
};

inline constexpr InvalidKind kInvalidKinds[] = {
    InvalidKind::missing_required, InvalidKind::wrong_type,      InvalidKind::out_of_range,
    InvalidKind::bad_pattern,      InvalidKind::bad_email,       InvalidKind::future_birth_date,
    InvalidKind::wrong_total,      InvalidKind::negative_total,  InvalidKind::too_many_items,
    InvalidKind::cut_bytes,        InvalidKind::unknown_encoding};

std::string_view invalid_kind_name(InvalidKind kind);  // as spelled above

Result<InvalidKind> parse_invalid_kind(std::string_view text);

// Whether it decodes, and breaks a rule of its schema.
bool breaks_rule(InvalidKind kind);

}  // namespace natsproof

#include "models/sample/invalid_kind.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"

namespace natsproof {

std::string_view invalid_kind_name(InvalidKind kind) {
  switch (kind) {
    case InvalidKind::missing_required:
      return "missing_required";
    case InvalidKind::wrong_type:
      return "wrong_type";
    case InvalidKind::out_of_range:
      return "out_of_range";
    case InvalidKind::bad_pattern:
      return "bad_pattern";
    case InvalidKind::bad_email:
      return "bad_email";
    case InvalidKind::future_birth_date:
      return "future_birth_date";
    case InvalidKind::wrong_total:
      return "wrong_total";
    case InvalidKind::negative_total:
      return "negative_total";
    case InvalidKind::too_many_items:
      return "too_many_items";
    case InvalidKind::cut_bytes:
      return "cut_bytes";
    case InvalidKind::unknown_encoding:
      return "unknown_encoding";
  }
  return {};
}

Result<InvalidKind> parse_invalid_kind(std::string_view text) {
  std::vector<std::string> known;
  for (const InvalidKind kind : kInvalidKinds) {
    if (text == invalid_kind_name(kind)) return kind;
    known.emplace_back(invalid_kind_name(kind));
  }
  return Error{fmt::format("`{}` is not a kind of invalid data{}: {}", text,
                           did_you_mean(text, known), fmt::join(known, " | "))};
}

bool breaks_rule(InvalidKind kind) {
  return kind != InvalidKind::wrong_type && kind != InvalidKind::cut_bytes &&
         kind != InvalidKind::unknown_encoding;
}

}  // namespace natsproof

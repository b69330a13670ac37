#include "messaging/permissions_violation.h"

#include <fmt/format.h>
#include <strings.h>

namespace natsproof {
namespace {

bool takes_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || strncasecmp(text.data(), prefix.data(), prefix.size()) != 0)
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<PermissionsViolation> parse_permissions_violation(std::string_view text) {
  // Whatever follows the subject, `using queue "q"` or `(sid "1")`, differs between servers.
  PermissionsViolation violation;
  if (!takes_prefix(text, "permissions violation for ")) return std::nullopt;
  if (takes_prefix(text, "subscription to \"")) {
    violation.of = PermissionsViolation::Of::subscribe;
  } else if (!takes_prefix(text, "publish to \"")) {
    return std::nullopt;
  }
  const std::size_t end = text.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  violation.subject = text.substr(0, end);
  return violation;
}

std::string describe(const PermissionsViolation& violation, std::string_view text) {
  const char* const what =
      violation.of == PermissionsViolation::Of::publish ? "publish" : "subscribe";
  // Of an inbox, whose name is another one each time.
  const bool is_inbox = violation.subject.starts_with("_INBOX.");
  return fmt::format(
      "the login may not {} to {} (the server says: {}); give its user the "
      "permission to {} to {}",
      what, violation.subject, text, what, is_inbox ? "_INBOX.>" : violation.subject);
}

}  // namespace natsproof

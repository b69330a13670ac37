// What nats-server says where a login may not do what it tries: `-ERR 'Permissions Violation for
// Publish to "orders.place"'`. The connection stays open. What becomes of the run:
// docs/measurement.md, "Verdict of a run and exit status".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace natsproof {

struct PermissionsViolation {
  enum class Of { publish, subscribe } of = Of::publish;
  std::string subject;
};

// Nothing: the server speaks of something else. Of a message to a subject, or of a subscription;
// that of a reply subject is about the services of accounts, and is none of these.
std::optional<PermissionsViolation> parse_permissions_violation(std::string_view text);

// `the login may not publish to orders.place (the server says: ...); give its user the permission
// to publish there`.
std::string describe(const PermissionsViolation& violation, std::string_view text);

}  // namespace natsproof

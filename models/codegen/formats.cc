#include "models/codegen/formats.h"

namespace natsproof {
namespace {

// The HTML standard's valid e-mail address, but for the last + in place of *: a dot in the domain.
constexpr const char* kEmail =
    R"(^[a-zA-Z0-9.!#$%&'*+/=?\^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
    R"((?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$)";
constexpr const char* kUuid =
    R"(^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$)";
// RFC 3986, 2 and 3.1.
constexpr const char* kUri =
    R"(^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$)";
// semver.org's suggested regular expression.
constexpr const char* kSemver =
    R"(^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*))"
    R"((?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?)"
    R"((?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$)";

}  // namespace

NamedPattern pattern_of(Format format) {
  switch (format) {
    case EMAIL:
      return {"format", kEmail, "it must be an e-mail address such as ann@example.com"};
    case UUID:
      return {"format", kUuid, "it must be a UUID such as 123e4567-e89b-12d3-a456-426614174000"};
    case URI:
      return {"format", kUri, "it must be a URI such as https://example.com/a.jpg"};
    case SEMVER:
      return {"format", kSemver, "it must be a semantic version such as 1.2.3 or 1.2.3-rc.1"};
    default:
      return {};
  }
}

}  // namespace natsproof

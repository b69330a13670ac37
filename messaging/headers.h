// NATS message headers as one block of text (ADR-4):
// `NATS/1.0[ status[ description]]\r\nKey: value\r\n...\r\n\r\n`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace natsproof {

// Which statuses and headers make a reply a failure: docs/measurement.md, "What becomes of a
// request".
inline constexpr int kStatusNoResponders = 503;

// The status on the first line, 0 if there is none.
int header_status(std::string_view block);
// The first value of a key, without surrounding blanks; keys compare exactly, as NATS does. Nothing
// is allocated.
std::optional<std::string_view> find_header(std::string_view block, std::string_view key);
// A block to send. Errors: a key or value that cannot stand in a header, named.
Result<std::string> make_headers(const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace natsproof

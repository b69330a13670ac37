// Where in a JSON document something is wrong: the slow second pass after an error.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "models/runtime/decode_error.h"

namespace google::protobuf {
class Descriptor;
}

namespace natsproof {

// Reads the document from its start, strictly by RFC 8259, with its nesting limited to `max_depth`.
// The first mistake of syntax is returned as it is found: bad UTF-8, an open string, a missing
// comma, text behind the end, … Otherwise the path of the key or value that begins at offset
// `place`, with an empty message; empty when there is none. `root` gives the fields' names in the
// schema's spelling and tells maps from messages.
std::optional<DecodeError> find_json_place(std::string_view document,
                                           std::optional<std::size_t> place,
                                           const google::protobuf::Descriptor& root, int max_depth);

}  // namespace natsproof

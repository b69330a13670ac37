// Protobuf's own binary encoding with errors that say where, and bytes that are the same each time.
#pragma once

#include <string>
#include <string_view>

#include "models/runtime/decode_error.h"

namespace google::protobuf {
class Message;
}

namespace natsproof {

// Replaces the message's content. Unknown fields are kept, as Protobuf does. On failure a slow
// second pass over the bytes finds path and offset.
Decoded read_protobuf(std::string_view bytes, google::protobuf::Message& message);

// Replaces `out`. Entries of maps are in the order of their keys.
void write_protobuf(const google::protobuf::Message& message, std::string& out);

}  // namespace natsproof

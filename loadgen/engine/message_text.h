// Messages of models/ in either encoding.
#pragma once

#include <string>
#include <string_view>

#include "models/runtime/encoding.h"
#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"

namespace natsproof {

inline constexpr std::string_view kContentType = "Content-Type";

// The functions of the message's .natsproof.h have to be visible.
template <typename M>
std::string encode(const M& message, Encoding encoding) {
  std::string text;
  if (encoding == Encoding::protobuf) {
    write_protobuf(message, text);
  } else {
    JsonBuffer json;
    write_json(message, json);
    text = json.view();
  }
  return text;
}

template <typename M>
bool decode(std::string_view text, Encoding encoding, M& message) {
  return encoding == Encoding::protobuf ? read_protobuf(text, message).ok()
                                        : read_json(text, message).ok();
}

}  // namespace natsproof

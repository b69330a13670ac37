// Messages of models/ in either encoding.
#pragma once

#include <cassert>
#include <string>
#include <string_view>

#include "models/runtime/encoding.h"
#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"

namespace natsproof {

inline constexpr std::string_view kContentType = "Content-Type";

// The functions of the message's .natsproof.h have to be visible. REQUIRES: the message has a form
// in JSON, as those of models/ have once they are valid.
template <typename M>
std::string encode(const M& message, Encoding encoding) {
  std::string text;
  if (encoding == Encoding::protobuf) {
    write_protobuf(message, text);
  } else {
    JsonBuffer json;
    [[maybe_unused]] const Encoded written = write_json(message, json);
    assert(written);
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

// RFC 4648 base64, as the proto3 JSON mapping reads it: the standard or the URL-safe alphabet, with
// its padding or without.
#pragma once

#include <string>
#include <string_view>

namespace natsproof {

// Replaces `data`. False, with `data` unspecified, when `text` is not the base64 of anything: a
// foreign character, both alphabets in one text, a wrong length or padding, bits left over that are
// not zero.
bool decode_base64(std::string_view text, std::string& data);

}  // namespace natsproof

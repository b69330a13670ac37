// The seal of a saved document: a checksum of what it says, by which an edit made afterwards is
// found.
//
// It finds accidents and casual edits, a digit in a place that no other figure checks included. It
// is no signature: whoever can run this program can seal what he likes.
//
// Sealed is the document's value and not its bytes, so that a tool that only lays JSON out anew
// does not break it: the SHA-256 of the document without its member `seal` as compact JSON in
// UTF-8, members by the bytes of their names, a number without a fraction as a whole number and any
// other in its shortest form.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "loadgen/measure/saved_file.h"

namespace natsproof {

// Members of a sealed document. `sealed`, near its beginning, says how it is sealed and that it is:
// a file whose seal was cut off is not taken for one of a version that made none.
inline constexpr const char* kSealedBy = "sealed";
inline constexpr const char* kSeal = "seal";
inline constexpr const char* kSealKind = "sha256";

// 64 hexadecimal digits. A `seal` that the document has already is left out. REQUIRES: not nested
// deeper than 100 containers.
std::string seal_of(const nlohmann::ordered_json& document);
// `sealed_version`: the document has what only versions write that seal. Without a seal it was cut
// off.
Seal check_seal(const nlohmann::json& document, bool sealed_version = false);

// A value other than an array or an object, as the seal sees it. 1 and 1.0 are the same.
std::string canonical_scalar(const nlohmann::json& value);

}  // namespace natsproof

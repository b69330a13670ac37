// Two foreign readers of JSON against ours: google::protobuf::util for the proto3 mapping,
// nlohmann::json for RFC 8259.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <google/protobuf/message.h>

#include "models/runtime/decode_error.h"

namespace natsproof {

// A document that Protobuf's reader takes and ours refuses, on purpose. This list is all of them.
struct StricterChoice {
  const char* name;
  const char* why;
  // Whether a refusal is one of this choice. `token` is the key or value that the error's offset
  // points to.
  std::function<bool(const DecodeError& error, std::string_view token, std::string_view document)>
      is_it;
};

std::span<const StricterChoice> stricter_choices();

// The choice by which our refusal of a document that Protobuf's reader takes is meant; null: none
// of them.
const StricterChoice* choice_of(const DecodeError& error, std::string_view document);

// What Protobuf's reader refuses, or takes for something else, Debian's being older than the
// mapping that ours follows. This list is all of it.
struct NewerForm {
  const char* name;
  const char* why;
  // The document with such values in the form that the older mapping has for them.
  std::function<std::string(std::string_view document, const google::protobuf::Descriptor& root)>
      older;
};

std::span<const NewerForm> newer_forms();

// Compares what became of a document: empty when all agree, or when ours is stricter by choice
// or newer;
// else what differs. `message` is what ours has read.
std::string json_disagreement(std::string_view document, const Decoded& ours,
                              const google::protobuf::Message& message);

}  // namespace natsproof

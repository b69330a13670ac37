#include "models/sample/places.h"

#include <cctype>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Names of fields, and whatever else is a word.
void add_words(std::string_view text, std::set<std::string, std::less<>>& words) {
  std::string word;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.insert(std::move(word));
}

void add_places(Message& message, const std::string& prefix,
                std::set<std::string, std::less<>> checked, std::vector<Place>& places) {
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  const auto& options = type.options();
  for (int i = 0; i < options.ExtensionSize(natsproof::check); ++i) {
    add_words(options.GetExtension(natsproof::check, i), checked);
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = prefix + field.name();
    places.push_back({&message, &field, path, checked.contains(field.name())});
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field.is_map()) continue;
    if (field.message_type()->file()->package() == "google.protobuf") continue;
    if (field.is_repeated()) {
      for (int at = 0; at < reflection.FieldSize(message, &field); ++at) {
        add_places(*reflection.MutableRepeatedMessage(&message, &field, at),
                   fmt::format("{}[{}].", path, at), checked, places);
      }
    } else if (reflection.HasField(message, &field)) {
      add_places(*reflection.MutableMessage(&message, &field), path + ".", checked, places);
    }
  }
}

}  // namespace

std::vector<Place> places_in(Message& message) {
  std::vector<Place> places;
  add_places(message, "", {}, places);
  return places;
}

}  // namespace natsproof

// Where the fields of a message are, however deep, and what rules they are under.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "base/random.h"
#include "natsproof/rules.pb.h"

namespace natsproof {

struct Place {
  google::protobuf::Message* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string path;      // of the field, from the outermost message: items[0].product.name
  bool checked = false;  // named in a check of its message or of one around it

  [[nodiscard]] const FieldRules& rules() const {
    return field->options().GetExtension(natsproof::rules);
  }
};

// Every field, set or not, of `message` and of all messages in it, except in maps, Timestamps and
// other messages of google's. They point into the message, until that changes its shape.
std::vector<Place> places_in(google::protobuf::Message& message);

// One of those that pass `test`, each as likely as the next.
template <typename Test>
std::optional<Place> choose_place(Random& random, google::protobuf::Message& message, Test test) {
  std::vector<Place> places = places_in(message);
  std::erase_if(places, [&](const Place& place) { return !test(place); });
  if (places.empty()) return std::nullopt;
  return places[random.below(places.size())];
}

}  // namespace natsproof

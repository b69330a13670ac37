// What generated write_json() is written with: one JSON object, field by field, straight into the
// buffer.
//
// Between begin() and end(), a field is a key() and one value behind it. Every value puts a comma
// behind itself; end() makes the last one the closing brace, and drop_comma() takes it off a value
// that stands alone. Text is UTF-8, as Protobuf's strings are, and is not looked at again. Numbers
// are the shortest that read back the same; NaN and infinities are strings, as the mapping has it.
// Maps are in the order of their keys, so that the same message is the same bytes each time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "models/runtime/json_buffer.h"

namespace natsproof {

// Whether a field without presence has its default: 0, and not -0.
inline bool is_zero(double number) {
  return std::bit_cast<std::uint64_t>(number) == 0;
}
inline bool is_zero(float number) {
  return std::bit_cast<std::uint32_t>(number) == 0;
}

class JsonWriter {
 public:
  explicit JsonWriter(JsonBuffer& out) : out_(out) {}

  void begin() { put("{"); }
  void end() { close('}'); }
  void drop_comma() { out_.append_until(out_.room(0) - 1); }

  // `key` is the whole of it: quotes, escapes and colon.
  JsonWriter& key(std::string_view key) {
    put(key);
    return *this;
  }

  void boolean(bool value) { put(value ? "true," : "false,"); }
  void number(std::int32_t value);
  void number(std::uint32_t value);
  void number(std::int64_t value);  // in a string, for a double does not hold it
  void number(std::uint64_t value);
  void number(float value);
  void number(double value);
  void string(std::string_view text);
  void bytes(std::string_view data);
  void null() { put("null,"); }
  // The name; the number, where the schema has no name for it.
  void enumeration(const std::string& name, int number_of_it) {
    if (name.empty()) [[unlikely]] {
      number(std::int32_t{number_of_it});
    } else {
      quoted(name);
    }
  }
  template <typename Message>
  void message(const Message& value) {
    write_json_part(value, out_);
    put(",");
  }

  // write_value(element) writes one value.
  template <typename List, typename WriteValue>
  void list(const List& elements, WriteValue write_value) {
    put("[");
    for (const auto& element : elements) write_value(element);
    close(']');
    put(",");
  }
  template <typename Map, typename WriteValue>
  void map(const Map& entries, WriteValue write_value);

  // A text without anything to escape.
  void quoted(std::string_view text);

 private:
  void put(std::string_view text) {
    char* to = out_.room(text.size());
    std::memcpy(to, text.data(), text.size());
    out_.append_until(to + text.size());
  }
  // Takes the place of the last value's comma.
  void close(char bracket) {
    char* to = out_.room(1);
    if (to[-1] == ',') --to;
    *to++ = bracket;
    out_.append_until(to);
  }
  void map_key(const std::string& key) { string(key), colon(); }
  void map_key(bool key) { put(key ? "\"true\":" : "\"false\":"); }
  void map_key(std::int64_t key) { number(key), colon(); }
  void map_key(std::uint64_t key) { number(key), colon(); }
  void map_key(std::int32_t key) { map_key(std::int64_t{key}); }
  void map_key(std::uint32_t key) { map_key(std::uint64_t{key}); }
  // In the place of a comma.
  void colon() {
    char* to = out_.room(0);
    to[-1] = ':';
  }

  JsonBuffer& out_;
};

template <typename Map, typename WriteValue>
void JsonWriter::map(const Map& entries, WriteValue write_value) {
  using Entry = typename Map::value_type;
  constexpr std::size_t kFew = 32;
  std::array<const Entry*, kFew> few;
  std::vector<const Entry*> many;
  const Entry** sorted = few.data();
  if (entries.size() > kFew) {
    many.resize(entries.size());
    sorted = many.data();
  }
  const Entry** end = sorted;
  for (const Entry& entry : entries) *end++ = &entry;
  std::sort(sorted, end, [](const Entry* a, const Entry* b) { return a->first < b->first; });
  put("{");
  for (; sorted != end; ++sorted) {
    map_key((*sorted)->first);
    write_value((*sorted)->second);
  }
  close('}');
  put(",");
}

}  // namespace natsproof

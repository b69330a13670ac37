// What generated read_json() is written with: simdjson On-Demand over one document, each value
// going straight where it belongs.
//
// A reader stands at a value; a call consumes it. The first mistake is kept, and from then on
// failed() is true, loops end and values are zero: generated code need not check each step.
// finish() then says what was wrong, and finds the place in a slow second pass over the document
// (json_place.h).
//
// The mapping is ProtoJSON (https://protobuf.dev/programming-guides/json/) as the conformance suite
// of Protobuf has it in 2026: newer than Debian's Protobuf 3.21, where integers in strings are
// plain digits; since then "1e3" and "1.0" are integers, as they are without quotes.
//
// Strict where the mapping is: a null stands only for an absent field, every key at
// most once, nothing is skipped unread. Where that is stricter than Protobuf's own reader:
// tests/oracle/json_oracle.cc.
//
// One reader at a time in a thread: parser and copy of the document (simdjson wants 64 bytes behind
// it) belong to the thread and are used again. Beyond what the message itself needs nothing is
// allocated once they have grown.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "models/runtime/decode_error.h"

namespace google::protobuf {
class Descriptor;
}

namespace natsproof {

// A key as it stands in a document: the JSON name, or the name in the .proto file.
class JsonName {
 public:
  constexpr JsonName(std::string_view json, std::string_view original)  // NOLINT: swappable
      : json_(json), original_(original) {
    for (std::size_t i = 0; i < 8 && i <= json.size(); ++i) {
      const std::uint64_t c = i < json.size() ? static_cast<unsigned char>(json[i]) : '"';
      head_ |= c << (8 * i);
      mask_ |= std::uint64_t{0xff} << (8 * i);
    }
  }
  constexpr JsonName(std::string_view name) : JsonName(name, name) {}  // NOLINT: implicit

  // Whether the string whose first character is at `key`, and whose first eight bytes
  // (little-endian) are `head`, is the JSON name and no more, without escapes. REQUIRES: `end` is
  // the document's, with eight bytes behind it.
  [[nodiscard]] bool stands_at(const char* key, std::uint64_t head, const char* end) const {
    if ((head & mask_) != head_) return false;
    const std::size_t size = json_.size();
    return size < 8 || (size < static_cast<std::size_t>(end - key) && key[size] == '"' &&
                        std::memcmp(key + 8, json_.data() + 8, size - 8) == 0);
  }
  [[nodiscard]] bool is(std::string_view name) const { return name == json_ || name == original_; }
  [[nodiscard]] std::string_view original() const { return original_; }

 private:
  std::string_view json_, original_;
  std::uint64_t head_ = 0;
  std::uint64_t mask_ = 0;
};

struct JsonEnumValue {
  JsonName name;
  std::int32_t number;
};

class JsonReader {
 public:
  static constexpr int kMaxDepth = 64;

  explicit JsonReader(std::string_view document);
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  [[nodiscard]] bool failed() const { return failed_; }
  // What became of it, when the root value has been read. `root` is the message's type.
  [[nodiscard]] Decoded finish(const google::protobuf::Descriptor& root);
  // The value the reader stands at, or has just read, is wrong: `what` says how. Only the first
  // mistake is kept.
  void fail(std::string what);

  // Consumes a null; false, and nothing consumed, when something else is there.
  [[nodiscard]] bool null();

  bool boolean();
  std::int32_t int32();
  std::int64_t int64();
  std::uint32_t uint32();
  std::uint64_t uint64();
  float float32();
  double float64();
  // A name, or the number of any value, declared or not.
  std::int32_t enumeration(std::span<const JsonEnumValue> values);
  void string(std::string& text);
  void bytes(std::string& data);  // base64, standard or URL-safe, padded or not
  // The same, valid until the next call.
  std::string_view text();

  // One call of on_field(index in `names`) per field of the object; it has to consume the field's
  // value.
  template <std::size_t N, typename OnField>
  void object(const std::array<JsonName, N>& names, OnField on_field);
  // One call of on_element() per element of the array.
  template <typename OnElement>
  void list(OnElement on_element);
  // One call of on_value(V&) per entry of the object, with the new entry in `map` (a
  // google::protobuf::Map).
  template <typename Map, typename OnValue>
  void map(Map& map, OnValue on_value);

  // What stands there, for google.protobuf.Value: its first character.
  [[nodiscard]] char peek();
  // A number in a list or an object of google.protobuf.Value: never in a string.
  double number();

 private:
  using Value = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand::value;
  using Object = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand::object;
  using Array = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand::array;
  using Field = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand::field;
  using Document = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand::document;

  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

  bool begin(Object& object);
  bool begin(Array& array);
  void end() { --depth_; }
  // simdjson has found a mistake of syntax; the second pass will say where.
  void fail_syntax();
  void fail_expecting(const char* what);  // a value of another type stands there
  void fail_at(const char* place, std::string what);
  [[nodiscard]] const char* token();  // the value's first character
  // The characters of the string at `raw`: in the document when nothing is escaped, else in the
  // scratch.
  std::string_view unescape(const char* raw);
  template <typename Integer>
  Integer integer();
  template <typename Integer>
  Integer integer_in_string();
  template <typename Integer>
  Integer integer_with_fraction_or_exponent(std::string_view number);

  // The index of the key in `names`, looking from `from` on first. kUnknown: failed.
  std::size_t find(const char* key, std::span<const JsonName> names, std::size_t from) {
    std::uint64_t head;
    std::memcpy(&head, key, sizeof head);
    for (std::size_t i = from; i < names.size(); ++i) {
      if (names[i].stands_at(key, head, end_)) return i;
    }
    return find_anywhere(key, names);
  }
  std::size_t find_anywhere(const char* key, std::span<const JsonName> names);
  void fail_duplicate(const char* key);

  bool read_key(const char* raw, std::string& key);
  bool read_key(const char* raw, bool& key);
  bool read_key(const char* raw, std::int32_t& key);
  bool read_key(const char* raw, std::int64_t& key);
  bool read_key(const char* raw, std::uint32_t& key);
  bool read_key(const char* raw, std::uint64_t& key);

  Document document_;
  Value value_;
  const char* begin_ = nullptr;  // of the thread's copy of the document
  const char* end_ = nullptr;
  int depth_ = 0;
  bool failed_ = false;
  const char* place_ = nullptr;  // of the mistake; null: one of syntax
  std::string what_;
};

template <std::size_t N, typename OnField>
void JsonReader::object(const std::array<JsonName, N>& names, OnField on_field) {
  Object object;
  if (!begin(object)) return;
  std::array<std::uint64_t, N / 64 + 1> seen{};
  std::size_t next = 0;  // documents are mostly in the schema's order
  for (auto found : object) {
    Field field;
    if (std::move(found).get(field)) return fail_syntax();
    const char* key = field.key().raw();
    const std::size_t index = find(key, names, next);
    if (index == kUnknown) return;
    const std::uint64_t bit = std::uint64_t{1} << (index % 64);
    if (seen[index / 64] & bit) return fail_duplicate(key);
    seen[index / 64] |= bit;
    next = index + 1;
    value_ = field.value();
    on_field(index);
    if (failed_) return;
  }
  end();
}

template <typename OnElement>
void JsonReader::list(OnElement on_element) {
  Array array;
  if (!begin(array)) return;
  for (auto found : array) {
    if (std::move(found).get(value_)) return fail_syntax();
    on_element();
    if (failed_) return;
  }
  end();
}

template <typename Map, typename OnValue>
void JsonReader::map(Map& map, OnValue on_value) {
  Object object;
  if (!begin(object)) return;
  for (auto found : object) {
    Field field;
    if (std::move(found).get(field)) return fail_syntax();
    const char* raw = field.key().raw();
    typename Map::key_type key{};
    if (!read_key(raw, key)) return;
    const auto [entry, fresh] = map.try_emplace(std::move(key));
    if (!fresh) return fail_duplicate(raw);
    value_ = field.value();
    on_value(entry->second);
    if (failed_) return;
  }
  end();
}

}  // namespace natsproof

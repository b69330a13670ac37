// Reading a JSON document that anybody may have written or edited.
//
// A JsonReading keeps the first mistake and turns every later read into a default value, so that a
// reader is written as if the document were right and asks once, at the end (and in its loops),
// whether it was. JsonNode is a place in the document and its path
// (`repetitions[0].tasks[1].planned`); both borrow the document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

// A key that stands twice in one object; nothing: none does. Parsers take the last of them and tell
// nobody, so that a file could say one thing to a person and another to a program. REQUIRES: `text`
// is JSON.
std::optional<std::string> repeated_key(std::string_view text);
Error repeated_key_error(const std::string& key);

// Of a text with a zero byte: parsers take it for the end and tell nobody what comes after.
Error zero_byte_error(std::size_t at);

class JsonReading {
 public:
  [[nodiscard]] bool ok() const { return !mistake_; }
  // REQUIRES: !ok().
  [[nodiscard]] const Error& mistake() const { return *mistake_; }
  void fail(const std::string& path, const std::string& what) {
    if (!mistake_) mistake_ = Error{path.empty() ? what : path + ": " + what};
  }

 private:
  std::optional<Error> mistake_;
};

class JsonNode {
 public:
  // More of anything than any run has; sums of a thousand of them still fit 64 bits.
  static constexpr std::uint64_t kMostCounted = 1'000'000'000'000'000;

  JsonNode(const nlohmann::json& value, std::string path, JsonReading& reading)
      : value_(&value), path_(std::move(path)), reading_(&reading) {}

  // A member that must be there.
  [[nodiscard]] JsonNode at(const std::string& key) const;
  // A member that may be missing or null.
  [[nodiscard]] std::optional<JsonNode> find(const std::string& key) const;
  // Length of an array; 0 and a mistake for anything else or for more than `most`.
  [[nodiscard]] std::size_t items(std::size_t most = std::numeric_limits<std::size_t>::max()) const;
  [[nodiscard]] JsonNode item(std::size_t index) const;  // REQUIRES: index < items()

  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool flag() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] std::uint64_t whole(std::uint64_t most = kMostCounted) const;
  [[nodiscard]] std::uint32_t small() const;
  [[nodiscard]] Duration duration() const;    // ns; 0 to kMostCounted (11 days)
  [[nodiscard]] std::int64_t utc_ms() const;  // from RFC 3339
  // The members of an object in the order of their keys; a mistake for anything else.
  [[nodiscard]] const nlohmann::json::object_t& members() const;
  [[nodiscard]] JsonNode member(const std::string& key, const nlohmann::json& value) const;

  [[nodiscard]] const nlohmann::json& value() const { return *value_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  void fail(const std::string& what) const { reading_->fail(path_, what); }
  [[nodiscard]] bool ok() const { return reading_->ok(); }

 private:
  void expected(std::string_view what) const;

  const nlohmann::json* value_;
  std::string path_;
  JsonReading* reading_;
};

}  // namespace natsproof

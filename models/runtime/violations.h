// What a decoded message breaks of its schema's rules.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natsproof {

struct Violation {
  std::string path;     // items[3].product.variants[0].price_cents, preferences["colour"]
  std::string rule;     // as rules.proto names it: required, min_chars, pattern, check, …
  std::string message;  // a sentence: what is wrong with the value, and what is allowed
  bool operator==(const Violation&) const = default;
};

// A place in a message: a chain through the callers' stack frames, made into text only when
// something is wrong there.
struct Path {
  const Path* parent = nullptr;
  std::string_view field;            // in the schema's spelling
  std::int64_t index = -1;           // of an element of a repeated field
  const std::string* key = nullptr;  // of an entry of a map: preferences["colour"]
  std::string_view bare_key = {};    // of one whose keys are not strings: by_number[-7]

  [[nodiscard]] std::string text() const;
};

// Filled by the generated validate(). Allocates nothing while the message is valid. One thread at a
// time.
class Violations {
 public:
  // Validation stops here: nobody reads more, and a hostile message shall not make us write more.
  static constexpr std::size_t kMost = 64;

  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] bool full() const { return list_.size() == kMost; }  // there may be more
  [[nodiscard]] std::span<const Violation> list() const { return list_; }

  void add(const Path& at, std::string_view rule, std::string message);  // nothing, when full
  void clear() { list_.clear(); }

 private:
  std::vector<Violation> list_;
};

}  // namespace natsproof

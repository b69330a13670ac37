#include "models/runtime/json_place.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "models/runtime/utf8.h"
#include "models/runtime/violations.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What the schema says stands at a value; unknown once the document has left the schema.
struct Expected {
  const Descriptor* message = nullptr;    // an object with its fields
  const FieldDescriptor* map = nullptr;   // an object with entries
  const FieldDescriptor* list = nullptr;  // an array of elements
};

// google.protobuf.Struct and the like are written in a form of their own.
bool has_own_form(const Descriptor& message) {
  return message.file()->package() == "google.protobuf";
}

Expected expected_of(const FieldDescriptor& field, bool element) {
  if (field.is_map()) return {.map = &field};
  if (field.is_repeated() && !element) return {.list = &field};
  const Descriptor* message = field.message_type();
  return {.message = message && !has_own_form(*message) ? message : nullptr};
}

const FieldDescriptor* find_field(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->json_name() == name || field->name() == name) return field;
  }
  return nullptr;
}

// An entry of a map, `["colour"]`, cut where it is long.
std::string entry_part(const std::string& key) {
  return Path{.field = "", .key = &key}.text();
}

// What stands for an unknown field: anything, and as long as the document.
std::string unknown_part(const std::string& key) {
  constexpr std::size_t kMostBytes = 100;
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kOfNames =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
  const bool is_name = !key.empty() && key.size() <= kMostBytes &&
                       key.find_first_not_of(kOfNames) == key.npos &&
                       kDigits.find(key[0]) == kDigits.npos;
  return is_name ? key : entry_part(key);
}

class Scanner {
 public:
  Scanner(std::string_view document, std::optional<std::size_t> place, int max_depth)
      : text_(document), place_(place), max_depth_(max_depth) {}

  std::optional<DecodeError> scan(const Descriptor& root) {
    skip_space();
    if (value({.message = &root})) {
      skip_space();
      if (at_ < text_.size()) mistake("text behind the end of the document");
    }
    return found_;
  }

 private:
  // Each of these is false when the search is over: a mistake, or the place.
  bool value(Expected expected);
  bool object(Expected expected);
  bool array(Expected expected);
  bool scalar();
  bool string(std::string* content);
  bool escape(std::string* content);
  bool hex4(unsigned& code);
  bool number();
  bool literal(std::string_view word);

  bool mistake(std::string what) { return mistake_at(at_, std::move(what)); }
  bool mistake_at(std::size_t offset, std::string what) {
    found_ = DecodeError{path(), offset, std::move(what)};
    return false;
  }
  bool arrived() {
    found_ = DecodeError{.path = path(), .offset = at_};
    return false;
  }
  [[nodiscard]] std::string path() const {
    std::string joined;
    for (const std::string& part : path_) {
      if (!joined.empty() && part[0] != '[') joined += '.';
      joined += part;
    }
    return joined;
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }
  std::string here() const {
    if (at_ >= text_.size()) return "the document ends";
    const std::size_t length = utf8_length(text_, at_);
    if (length == 0 || static_cast<unsigned char>(text_[at_]) < 0x20) {
      return fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text_[at_]));
    }
    return fmt::format("`{}`", text_.substr(at_, length));
  }

  std::string_view text_;
  std::optional<std::size_t> place_;
  int max_depth_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<std::string> path_;
  std::optional<DecodeError> found_;
};

bool Scanner::value(Expected expected) {
  const bool there = place_ && at_ >= *place_;
  if (peek() == '{') return there ? arrived() : object(expected);
  if (peek() == '[') return there ? arrived() : array(expected);
  const std::size_t from = at_;
  if (!scalar()) return false;
  const std::size_t behind = at_;
  skip_space();
  // Otherwise what follows is the mistake.
  const char next = peek();
  const bool whole = depth_ == 0 || next == ',' || next == '}' || next == ']';
  at_ = there && whole ? from : behind;
  return there && whole ? arrived() : true;
}

bool Scanner::scalar() {
  switch (peek()) {
    case '"':
      return string(nullptr);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return number();
  }
}

bool Scanner::object(Expected expected) {
  if (++depth_ > max_depth_)
    return mistake(fmt::format("nested deeper than {} levels", max_depth_));
  ++at_;
  skip_space();
  if (peek() != '}') {
    while (true) {
      if (peek() != '"') return mistake(fmt::format("expected a key or `}}`; {}", here()));
      const std::size_t key_at = at_;
      std::string key;
      if (!string(&key)) return false;
      Expected inner;
      if (expected.map) {
        inner = expected_of(*expected.map->message_type()->map_value(), true);
        path_.push_back(entry_part(key));
      } else {
        const FieldDescriptor* field =
            expected.message ? find_field(*expected.message, key) : nullptr;
        if (field) inner = expected_of(*field, false);
        path_.push_back(field ? field->name() : unknown_part(key));
      }
      if (place_ && key_at >= *place_) {
        at_ = key_at;
        return arrived();
      }
      skip_space();
      if (peek() != ':') return mistake(fmt::format("expected `:` behind a key; {}", here()));
      ++at_;
      skip_space();
      if (!value(inner)) return false;
      path_.pop_back();
      skip_space();
      if (peek() == '}') break;
      if (peek() != ',') return mistake(fmt::format("expected `,` or `}}`; {}", here()));
      ++at_;
      skip_space();
    }
  }
  ++at_;
  --depth_;
  return true;
}

bool Scanner::array(Expected expected) {
  if (++depth_ > max_depth_)
    return mistake(fmt::format("nested deeper than {} levels", max_depth_));
  ++at_;
  skip_space();
  if (peek() != ']') {
    const Expected inner = expected.list ? expected_of(*expected.list, true) : Expected{};
    for (std::size_t index = 0;; ++index) {
      path_.push_back(fmt::format("[{}]", index));
      if (!value(inner)) return false;
      path_.pop_back();
      skip_space();
      if (peek() == ']') break;
      if (peek() != ',') return mistake(fmt::format("expected `,` or `]`; {}", here()));
      ++at_;
      skip_space();
    }
  }
  ++at_;
  --depth_;
  return true;
}

bool Scanner::hex4(unsigned& code) {
  code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    const bool digit = c >= '0' && c <= '9';
    const char letter = static_cast<char>(c | 0x20);
    if (at_ >= text_.size()) return mistake("the document ends in a string");
    if (!digit && (letter < 'a' || letter > 'f'))
      return mistake("\\u wants four hexadecimal digits");
    code = code * 16 + static_cast<unsigned>(digit ? c - '0' : letter - 'a' + 10);
  }
  return true;
}

void append_utf8(std::string& text, unsigned code) {
  const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  }
}

bool Scanner::escape(std::string* content) {
  const std::size_t from = at_++;
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at_ >= text_.size()) return mistake("the document ends in a string");
  const char kind = peek();
  if (kind != 'u') {
    const std::size_t known = kEscapes.find(kind);
    if (known == kEscapes.npos)
      return mistake_at(from, "a backslash before what it does not escape");
    if (content) *content += kMeanings[known];
    ++at_;
    return true;
  }
  ++at_;
  unsigned code = 0;
  if (!hex4(code)) return false;
  if (code >= 0xdc00 && code < 0xe000) {
    return mistake_at(from, "the second half of a surrogate pair without the first");
  }
  if (code >= 0xd800 && code < 0xdc00) {
    unsigned low = 0;
    if (text_.substr(at_, 2) != "\\u") {
      return mistake_at(from, "the first half of a surrogate pair without the second");
    }
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xdc00 || low >= 0xe000) {
      return mistake_at(from, "the first half of a surrogate pair without the second");
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (content) append_utf8(*content, code);
  return true;
}

bool Scanner::string(std::string* content) {
  const std::size_t from = at_++;
  while (true) {
    if (at_ >= text_.size()) return mistake_at(from, "a string that is not closed");
    const char c = peek();
    if (c == '"') break;
    if (c == '\\') {
      if (!escape(content)) return false;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      return mistake(fmt::format("a control character in a string, 0x{:02x}; write it as \\u{:04x}",
                                 static_cast<unsigned>(c), static_cast<unsigned>(c)));
    }
    const std::size_t length = utf8_length(text_, at_);
    if (length == 0) {
      return mistake(fmt::format("not UTF-8: byte 0x{:02x}", static_cast<unsigned char>(c)));
    }
    if (content) content->append(text_, at_, length);
    at_ += length;
  }
  ++at_;
  return true;
}

bool Scanner::literal(std::string_view word) {
  if (text_.substr(at_, word.size()) != word)
    return mistake(fmt::format("expected a value; {}", here()));
  at_ += word.size();
  return true;
}

bool Scanner::number() {
  const std::size_t from = at_;
  const auto digits = [&] {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - first;
  };
  if (peek() == '-') ++at_;
  const bool zero = peek() == '0';
  const std::size_t whole = digits();
  if (whole == 0) {
    if (at_ > from) return mistake_at(from, "a minus without a number");
    return mistake(fmt::format("expected a value; {}", here()));
  }
  if (zero && whole > 1) return mistake_at(from, "a number with a leading zero");
  if (peek() == '.') {
    ++at_;
    if (digits() == 0) return mistake_at(from, "a number without digits behind its point");
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (digits() == 0) return mistake_at(from, "a number without digits in its exponent");
  }
  return true;
}

}  // namespace

std::optional<DecodeError> find_json_place(std::string_view document,
                                           std::optional<std::size_t> place, const Descriptor& root,
                                           int max_depth) {
  return Scanner(document, place, max_depth).scan(root);
}

}  // namespace natsproof

// The bytes a JSON document is written to: grows, is never zeroed, and is used again and again; and
// what could not be written. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "models/runtime/encode_error.h"

namespace google::protobuf {
class Descriptor;
}

namespace natsproof {

class JsonBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }  // keeps its memory

  // For what writes: room for `bytes` more behind the written ones. They count from append_until()
  // on.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]] {
      grow(bytes);
    }
    return bytes_.get() + size_;
  }
  void append_until(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

  // What would stand here has no form in JSON. Only the first mistake is kept.
  void fail(std::string what);

  // A document of its own begins here. When it has failed, mistake() takes back what is written of
  // it; `root` is its message's type.
  std::size_t begin_document() {
    failed_ = false;
    return size_;
  }
  // Fails where more than kMaxDepth objects and lists, as many as JsonReader takes, are within each
  // other: for messages that can be in themselves, once they are written.
  static constexpr int kMaxDepth = 64;
  void check_depth(std::size_t begin);
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] EncodeError mistake(std::size_t begin, const google::protobuf::Descriptor& root);

 private:
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool failed_ = false;
  std::size_t place_ = 0;  // of the mistake
  std::string what_;
};

}  // namespace natsproof

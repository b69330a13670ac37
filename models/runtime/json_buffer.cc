#include "models/runtime/json_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "models/runtime/json_place.h"

namespace natsproof {

void JsonBuffer::grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 256;
  capacity_ = std::max({kLeast, 2 * capacity_, size_ + bytes});
  std::unique_ptr<char[]> larger{new char[capacity_]};
  if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
}

void JsonBuffer::fail(std::string what) {
  if (!failed_) {
    failed_ = true;
    place_ = size_;
    what_ = std::move(what);
  }
  // Stands in for the value: what takes back a comma behind it leaves the document before as it is.
  constexpr std::string_view kValue = "null,";
  std::memcpy(room(kValue.size()), kValue.data(), kValue.size());
  size_ += kValue.size();
}

void JsonBuffer::check_depth(std::size_t begin) {
  if (failed_) return;
  int depth = 0;
  for (std::size_t at = begin; at < size_; ++at) {
    switch (bytes_[at]) {
      case '"':
        for (++at; bytes_[at] != '"'; ++at) {
          if (bytes_[at] == '\\') ++at;
        }
        break;
      case '{':
      case '[':
        if (++depth > kMaxDepth) {
          failed_ = true;
          place_ = at;
          what_ = fmt::format("nested deeper than {} levels of objects and lists", kMaxDepth);
          return;
        }
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
  }
}

EncodeError JsonBuffer::mistake(std::size_t begin, const google::protobuf::Descriptor& root) {
  // Up to the mistake it is a document that breaks off there.
  const auto found =
      find_json_place(view().substr(begin, place_ - begin), std::nullopt, root, kMaxDepth);
  size_ = begin;
  return {.path = found ? found->path : "", .message = what_};
}

}  // namespace natsproof

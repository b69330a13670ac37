// Bytes on their way out of one connection, and which requests they carry.
//
// A request counts as sent with the write that takes its last byte. Nothing is allocated once the
// buffers have grown to the load; written bytes are dropped without copying what is left more than
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/transport.h"

namespace natsproof {

class Outbox {
 public:
  // Where the copy lies, to be patched; valid until the next call.
  char* append(std::string_view bytes) {
    drop_written();
    const std::size_t at = bytes_.size();
    bytes_.append(bytes);
    appended_ += bytes.size();
    return bytes_.data() + at;
  }
  // The request whose last byte was the last one appended.
  void mark(Sequence sequence) {
    if (first_mark_ == marks_.size()) {
      marks_.clear();
      first_mark_ = 0;
    } else if (first_mark_ > marks_.size() / 2) {
      marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(first_mark_));
      first_mark_ = 0;
    }
    marks_.push_back({appended_, sequence});
  }

  [[nodiscard]] std::string_view unwritten() const {
    return std::string_view(bytes_).substr(written_);
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - written_; }

  // The first `count` unwritten bytes are gone: calls sent(sequence) for each request they
  // complete. `sent` may append.
  template <typename Sent>
  void wrote(std::size_t count, Sent&& sent) {
    written_ += count;
    const std::uint64_t gone = appended_ - size();
    while (first_mark_ < marks_.size() && marks_[first_mark_].end <= gone) {
      const Sequence sequence = marks_[first_mark_++].sequence;
      sent(sequence);
    }
  }

  // Forgets everything and gives the memory back.
  void reset() { *this = Outbox{}; }

 private:
  struct Mark {
    std::uint64_t end = 0;  // counted from the first byte ever appended
    Sequence sequence = 0;
  };

  // Moving less than what was dropped keeps the whole linear.
  void drop_written() {
    if (written_ == bytes_.size()) {
      bytes_.clear();
    } else if (written_ > bytes_.size() / 2) {
      bytes_.erase(0, written_);
    } else {
      return;
    }
    written_ = 0;
  }

  std::string bytes_;
  std::size_t written_ = 0;  // of bytes_
  std::uint64_t appended_ = 0;
  std::vector<Mark> marks_;
  std::size_t first_mark_ = 0;
};

}  // namespace natsproof

// The NATS protocol as a server speaks it: MSG, HMSG, PING, PONG, +OK, -ERR, INFO; parsed in place,
// one event a call.
//
// The peer may send anything: lengths are checked before they are used, lines and messages are
// bounded, and whatever is not the protocol is a fault with a sentence. Keeps no bytes and no state
// between calls but the text of the fault: a frame that is not there whole is given again, from its
// beginning, once more of it has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace natsproof {

struct WireEvent {
  enum class Kind : std::uint8_t { message, ping, pong, ok, error, info };
  Kind kind = Kind::ok;
  std::uint64_t subscription = 0;  // of a message: its sid
  std::string_view subject, reply_to, headers,
      payload;            // of a message; they point into the data given
  std::string_view text;  // error: the server's words; info: the JSON
};

struct WireStep {
  enum class Outcome : std::uint8_t {
    event,       // `size` bytes made an event
    incomplete,  // the frame is not there whole; `size` is its size if its first line tells, else 0
    fault,       // not the protocol, see WireParser::fault(); nothing that follows can be trusted
  };
  Outcome outcome = Outcome::incomplete;
  std::size_t size = 0;
};

class WireParser {
 public:
  static constexpr std::size_t kMaxControlLineBytes = 4096;  // with its CRLF
  static constexpr std::size_t kMaxInfoLineBytes =
      64 * 1024;  // INFO names every server of a cluster
  static constexpr std::size_t kMaxMessageBytes =
      64 * 1024 * 1024;  // the most a server can be set to

  explicit WireParser(std::size_t max_message_bytes = kMaxMessageBytes)
      : max_message_bytes_(max_message_bytes) {}

  // Reads the frame at the beginning of `data` into `event`. On anything but an event `event` has
  // no meaning.
  [[nodiscard]] WireStep next(std::string_view data, WireEvent& event);
  // What was wrong, as a sentence without the server's name.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  WireStep message(std::string_view data, std::size_t verb_size, bool with_headers,
                   WireEvent& event);
  WireStep line(std::string_view data, std::size_t verb_size, WireEvent::Kind kind,
                WireEvent& event);
  WireStep unfinished_line(std::string_view data, std::size_t limit);
  WireStep wrong(std::string_view what, std::string_view data);

  std::size_t max_message_bytes_;
  std::string fault_;
};

}  // namespace natsproof

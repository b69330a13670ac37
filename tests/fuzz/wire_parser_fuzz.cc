// Any bytes as what a server says: the parser stays in bounds, and where the bytes are cut changes
// nothing.
//
// The first byte of the input chooses the cuts; the rest is the stream.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/subject.h"
#include "messaging/wire/info.h"
#include "messaging/wire/parser.h"

namespace natsproof {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

struct Reading {
  std::vector<std::string> events;
  std::string fault;
  bool operator==(const Reading&) const = default;
};

void note(const WireEvent& event, std::string_view frame, Reading& reading) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(event.kind)));
  if (event.kind == WireEvent::Kind::message) {
    for (const auto part : {event.subject, event.reply_to, event.headers, event.payload}) {
      require(is_within(part, frame));
      text.append("|").append(part);
    }
    require(!event.subject.empty());
    text += std::to_string(event.subscription);
    (void)sequence_of_reply(event.subject);
  } else if (event.kind == WireEvent::Kind::error || event.kind == WireEvent::Kind::info) {
    require(is_within(event.text, frame));
    text += event.text;
    if (event.kind == WireEvent::Kind::info) (void)parse_info(event.text);
  }
  reading.events.push_back(std::move(text));
}

// Gives the parser `step` more bytes at a time, in memory of exactly that size so that a sanitizer
// sees any overrun.
Reading read_in_steps(std::string_view stream, std::size_t step) {
  WireParser parser(1 << 16);
  Reading reading;
  std::size_t begin = 0, end = 0, wanted = 0;
  while (end < stream.size()) {
    end = std::min(end + step, stream.size());
    if (end - begin < wanted) continue;
    const std::vector<char> copy(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                                 stream.begin() + static_cast<std::ptrdiff_t>(end));
    std::string_view data(copy.data(), copy.size());
    for (;;) {
      WireEvent event;
      const WireStep step_made = parser.next(data, event);
      if (step_made.outcome == WireStep::Outcome::fault) {
        require(!parser.fault().empty());
        reading.fault = "fault";  // which excerpt it quotes depends on what had come
        return reading;
      }
      if (step_made.outcome == WireStep::Outcome::incomplete) {
        // A promise: with fewer bytes than this nothing will come of it.
        require(step_made.size == 0 || step_made.size > data.size());
        wanted = step_made.size;
        break;
      }
      require(step_made.size > 0 && step_made.size <= data.size());
      note(event, data.substr(0, step_made.size), reading);
      data.remove_prefix(step_made.size);
      begin += step_made.size;
    }
  }
  return reading;
}

}  // namespace
}  // namespace natsproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace natsproof;
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Reading whole = read_in_steps(stream, std::max<std::size_t>(stream.size(), 1));
  // Each step copies what is unread: a long stream is cut into fewer pieces.
  require(read_in_steps(stream, 1 + data[0] % 64 + size / 32) == whole);
  if (size < 300) require(read_in_steps(stream, 1) == whole);
  return 0;
}

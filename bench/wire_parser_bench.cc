// Parsing what a server sends.
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "messaging/wire/parser.h"

namespace natsproof {
namespace {

// The frames of a whole read, one after the other, as the client parses them; time is per frame.
void parse_frames(benchmark::State& state, const std::string& frame) {
  constexpr benchmark::IterationCount kFrames = 64;
  std::string data;
  for (int i = 0; i < kFrames; ++i) data += frame;
  WireParser parser;
  WireEvent event;
  while (state.KeepRunningBatch(kFrames)) {
    std::string_view left = data;
    while (!left.empty()) {
      const WireStep step = parser.next(left, event);
      if (step.outcome != WireStep::Outcome::event) return state.SkipWithError("not a frame");
      benchmark::DoNotOptimize(event);
      left.remove_prefix(step.size);
    }
  }
}

void parse_msg(benchmark::State& state) {
  parse_frames(state, "MSG _INBOX.abcdefghijklmnopqrstuv.0001.0000000004d2 0 128\r\n" +
                          std::string(128, 'x') + "\r\n");
}
BENCHMARK(parse_msg);

void parse_hmsg(benchmark::State& state) {
  const std::string headers = "NATS/1.0\r\nTraceparent: 00-0123456789abcdef\r\n\r\n";
  const std::string sizes =
      std::to_string(headers.size()) + " " + std::to_string(headers.size() + 128);
  parse_frames(state, "HMSG _INBOX.abcdefghijklmnopqrstuv.0001.0000000004d2 0 " + sizes + "\r\n" +
                          headers + std::string(128, 'x') + "\r\n");
}
BENCHMARK(parse_hmsg);

void parse_no_responders(benchmark::State& state) {
  parse_frames(state,
               "HMSG _INBOX.abcdefghijklmnopqrstuv.0001.0000000004d2 0 16 16\r\n"
               "NATS/1.0 503\r\n\r\n\r\n");
}
BENCHMARK(parse_no_responders);

}  // namespace
}  // namespace natsproof

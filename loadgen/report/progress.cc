#include "loadgen/report/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr Duration kLiveEvery = 100ms;
constexpr Duration kLineEvery = 10s;
constexpr const char* kClearLine = "\r\x1b[K";

double done(const ProgressState& state) {
  if (state.total <= 0ns) return 0;
  const double share =
      static_cast<double>(state.elapsed.count()) / static_cast<double>(state.total.count());
  return std::clamp(share, 0.0, 1.0);
}

std::string bar(double share) {
  constexpr std::size_t kWidth = 14;
  const auto filled = static_cast<std::size_t>(share * kWidth);
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "]";
}

std::string figures(const ProgressState& state) {
  std::string text = state.warmup
                         ? "warm-up"
                         : fmt::format("{}", format_rate(Rate{std::max(0.0, state.sent_per_s)}));
  if (state.p50) text += " p50 " + format_duration(*state.p50);
  if (state.p99) text += " p99 " + format_duration(*state.p99);
  return text + fmt::format(" {} failed", format_count(state.failures));
}

}  // namespace

Progress::Progress(std::FILE* out, bool terminal, bool quiet, const Clock& clock)
    : out_(out), terminal_(terminal), quiet_(quiet), clock_(clock) {}

Progress::~Progress() {
  finish();
}

void Progress::update(const ProgressState& state) {
  if (quiet_) return;
  const Instant now = clock_.now();
  const bool fresh = state.repetition != last_repetition_;
  if (!fresh && last_ && now - *last_ < (terminal_ ? kLiveEvery : kLineEvery)) return;
  last_ = now;
  last_repetition_ = state.repetition;

  const std::string where = fmt::format("{}/{}", state.repetition, state.repetitions);
  if (terminal_) {
    const std::string line = fmt::format("{} {:3.0f} %  {}  {}", bar(done(state)),
                                         100 * done(state), where, figures(state));
    fmt::print(out_, "{}{}", kClearLine, shortened(line, 79));
    line_open_ = true;
  } else {
    fmt::print(out_, "repetition {}, {} of {}: {}, {} sent, {} in flight\n", where,
               format_duration(state.elapsed), format_duration(state.total), figures(state),
               format_count(state.sent), format_count(state.in_flight));
  }
  std::fflush(out_);
}

void Progress::note(const std::string& line) {
  finish();
  fmt::print(out_, "{}\n", printable(line));
  std::fflush(out_);
}

void Progress::finish() {
  if (!line_open_) return;
  fmt::print(out_, "{}", kClearLine);
  std::fflush(out_);
  line_open_ = false;
}

}  // namespace natsproof

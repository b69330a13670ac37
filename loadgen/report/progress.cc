#include "loadgen/report/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr Duration kLiveEvery = 100ms;
constexpr Duration kLineEvery = 10s;
constexpr std::size_t kMostColumns = 79;
constexpr std::size_t kPointColumns = 16;
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

// Of what was answered in this repetition until now, its warm-up included: no figures of the run.
std::string percentiles(const ProgressState& state) {
  std::string text;
  if (state.p50) text += " p50 " + format_duration(*state.p50);
  if (state.p99) text += " p99 " + format_duration(*state.p99);
  return text;
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
  if (!terminal_ && pending_ && state.repetition != state_.repetition) {
    print_line();
    last_ = now;
  }
  state_ = state;
  pending_ = true;
  if (terminal_) {
    if (last_ && now - *last_ < kLiveEvery) return;
    print_live();
    last_ = now;
  } else if (!last_) {
    last_ = now;
  } else if (now - *last_ >= kLineEvery) {
    print_line();
    last_ = now;
  }
}

void Progress::note(const std::string& line) {
  clear_live_line();
  fmt::print(out_, "{}\n", printable(line));
  std::fflush(out_);
}

void Progress::finish() {
  clear_live_line();
  if (!terminal_ && pending_) print_line();
}

void Progress::print_live() {
  const std::string rate =
      state_.warmup ? "warm-up" : format_rate(Rate{std::max(0.0, state_.sent_per_s)});
  const std::string point =
      state_.of.empty() ? "" : " " + shortened(printable(state_.of), kPointColumns);
  const std::string line = fmt::format(
      "{} {:3.0f} %  {}{}: {}{} {} failed", bar(done(state_)), 100 * done(state_),
      state_.tracing ? "tracing" : fmt::format("in {}/{}", state_.repetition, state_.repetitions),
      point, rate, percentiles(state_), format_count(state_.failures));
  fmt::print(out_, "{}{}", kClearLine, shortened(line, kMostColumns));
  std::fflush(out_);
  line_open_ = true;
  pending_ = false;
}

// The rate of the moment says little where lines are seconds apart.
void Progress::print_line() {
  fmt::print(
      out_, "{}{}, {} of {}: {} sent,{}{} {} failed, {} in flight\n",
      state_.tracing ? "tracing"
                     : fmt::format("repetition {}/{}", state_.repetition, state_.repetitions),
      state_.of.empty() ? "" : " at " + printable(state_.of), format_duration(state_.elapsed),
      format_duration(state_.total), format_count(state_.sent), percentiles(state_),
      state_.p50 || state_.p99 ? " in this repetition," : "", format_count(state_.failures),
      format_count(state_.in_flight));
  std::fflush(out_);
  pending_ = false;
}

void Progress::clear_live_line() {
  if (!line_open_) return;
  fmt::print(out_, "{}", kClearLine);
  std::fflush(out_);
  line_open_ = false;
}

}  // namespace natsproof

// What the machine does while a repetition runs: the hiccup thread and the counters, put into a
// PlatformRecord.
//
// One thread calls everything but stalls(), whose list the recorders of other threads read until
// end(). All memory that the hiccup thread needs is allocated by the constructor.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/recorder.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/stall_list.h"
#include "loadgen/platform/hiccup_thread.h"
#include "loadgen/platform/machine_watch.h"

namespace natsproof {

class PlatformWatch {
 public:
  // `root`: where /proc and /sys lie.
  explicit PlatformWatch(std::filesystem::path root = "/") : root_(std::move(root)) {}

  [[nodiscard]] const StallList& stalls() const { return stalls_; }

  // Starts the hiccup thread. Once. Borrows `claims`; of `tasks`, whose timeouts stalls may make,
  // it keeps nothing.
  void begin(const RecordedWindow& window, std::span<const Claim> claims,
             std::span<const RecordedTask> tasks = {});
  // To be called when it says so, and as often as wanted besides: reads the counters at the begin
  // and the end of the measurement. When to call it again, or Instant::max().
  Instant look(Instant now);
  // The measurement ends now.
  void cut(Instant now);
  // Ends the thread; the stalls are all there from now on.
  void end();

  // After end(): platform, what of it is an event, and Block::stalled. REQUIRES: the repetition's
  // tasks and blocks, of all workers, are in it.
  void add_to(Repetition& repetition) const;
  [[nodiscard]] PlatformRecord record() const;

 private:
  void count_stalled_requests(Repetition& repetition) const;

  std::filesystem::path root_;
  StallList stalls_;
  HiccupThread hiccups_{stalls_};
  RecordedWindow window_;
  std::span<const Claim> claims_;
  Duration shortest_stall_{};
  std::optional<MachineReading> before_, after_;
};

// Those of which a part lies in the measurement, as long as they were seen.
std::vector<Stall> seen_in(const StallList& list, const RecordedWindow& window);
// The longest `most` of stalls that lie by start, in the same order.
std::vector<Stall> longest_stalls(std::vector<Stall> stalls, std::size_t most);
// What of it a reader of the run's events must know: a suspended machine, a wall clock that was
// set.
std::vector<std::string> events_of(const PlatformRecord& record);

}  // namespace natsproof

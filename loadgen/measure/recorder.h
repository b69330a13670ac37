// What one worker has measured: it turns decided requests into counts, histograms, blocks and
// intervals.
//
// What successes need is allocated by the constructor; no call on the request path locks or
// formats, and two kinds of event allocate, each a bounded number of times: the first failure of a
// class of a task, and the first reply of an instance of a task's service, a histogram (216 KiB)
// each, in the warm-up where they happen there. One worker's thread records; take_tasks() after the
// run gives the records to be merged. The intervals leave through an IntervalExchange while the run
// goes on. Requests over a latency claim's limit are held against the machine's stalls, where
// somebody records those: by take_blocks() all of them are.
//
// The three times of docs/measurement.md, "Instants and times", are taken here and nowhere else:
// see Recorder::sent() and Recorder::decided().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/interval_exchange.h"
#include "loadgen/measure/over_log.h"
#include "loadgen/measure/request_class.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/stall_list.h"
#include "loadgen/measure/time_slices.h"

namespace natsproof {

struct RecordedTask {
  std::string name;
  Duration timeout{};
  bool content_verified = true;
  bool tells_apart = true;
};

// When the repetition begins and which part of it is measured. A request belongs to the phase of
// its intended send.
struct RecordedWindow {
  Instant start;           // of the repetition
  Instant measured_from;   // end of the warm-up
  Instant measured_until;  // end of the window
  [[nodiscard]] bool measures(Instant intended) const {
    return intended >= measured_from && intended < measured_until;
  }
};

// A request whose class has been decided.
struct Decided {
  std::size_t task = 0;
  RequestClass request_class = RequestClass::ok;
  RefusedReason reason = RefusedReason::down;  // where refused
  Instant intended, actual;                    // actual is meaningless where refused
  Instant at;                                  // received, or the instant that decided otherwise
  int error_code = 0;                          // of a service error or a rejection
  std::string_view served_by{};                // the instance that an ok reply names; empty: none
};

class Recorder {
 public:
  // `stalls` outlives the recorder; nullptr: nobody records any.
  Recorder(std::span<const RecordedTask> tasks, std::span<const Claim> claims, bool open_loop,
           RecordedWindow window, const StallList* stalls = nullptr);
  Recorder(const Recorder&) = delete;  // its log refers to its blocks
  Recorder& operator=(const Recorder&) = delete;

  void planned(std::size_t task, Instant intended) { ++counts(task, intended).planned; }
  void sent(std::size_t task, Instant intended, Instant actual, std::uint64_t bytes);
  void decided(const Decided& request);
  // A reply came, of whatever kind; `first` if it decided the request.
  void reply(std::size_t task, Instant intended, bool first, std::uint64_t bytes);
  void late(std::size_t task, Instant intended) { ++counts(task, intended).late; }
  void duplicate(std::size_t task, Instant intended) { ++counts(task, intended).duplicate; }
  void stray() { ++stray_; }

  // To be called now and then, e.g. once per loop pass: hands a finished second over.
  void roll(Instant now) { intervals_->roll(now); }
  [[nodiscard]] IntervalExchange& intervals() { return *intervals_; }

  // The results; the recorder is empty afterwards. [0] is "*", then the tasks in order.
  std::vector<TaskRecord> take_tasks();
  // REQUIRES: no stall is added any more.
  std::vector<std::vector<Block>> take_blocks();
  std::vector<TimeSlices> take_slices();  // [claim]

 private:
  static constexpr int kHighestErrorCode = 999;  // larger or negative codes are counted as 0

  RequestCounts& counts(std::size_t task, Instant intended) {
    return window_.measures(intended) ? tasks_[task].measured : tasks_[task].warmup;
  }
  void count_blocks(const Decided& request, Duration response, Duration service);
  Histogram& instance(std::size_t task, std::string_view id);

  struct ErrorCodes {
    std::array<std::uint64_t, kHighestErrorCode + 1> measured{}, warmup{};
  };

  RecordedWindow window_;
  double slices_per_ns_;
  bool open_loop_;
  std::vector<Claim> claims_;
  std::vector<std::vector<std::size_t>> claims_of_task_;  // that have blocks
  std::vector<std::vector<std::size_t>> means_of_task_;
  std::vector<TaskRecord> tasks_;
  std::vector<ErrorCodes> error_codes_;
  // [task]: in the order of their first replies, the others last; room for all from the start.
  std::vector<std::vector<InstanceRecord>> instances_;
  std::vector<std::vector<Block>> blocks_;           // [claim][second]
  std::vector<std::optional<SliceCounter>> slices_;  // [claim]; nothing: it has none
  std::unique_ptr<OverLog> over_log_;  // nullptr: no stalls, or no claim they could explain
  std::uint64_t stray_ = 0;
  std::unique_ptr<IntervalExchange> intervals_;
};

// Seconds of a window, the last one counted whole.
std::size_t whole_seconds(Duration window);
// Whether a claim is tested request by request, and so has blocks.
bool has_blocks(const Claim& claim);

}  // namespace natsproof

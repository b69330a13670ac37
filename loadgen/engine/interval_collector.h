// Gathers the workers' one-second intervals into a repetition's, off the workers' path. One thread.
#pragma once

#include <cstdint>
#include <map>

#include "loadgen/measure/histogram.h"
#include "loadgen/measure/interval_exchange.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

class IntervalCollector {
 public:
  // Appends to repetition.intervals, in order. The repetition outlives the collector.
  IntervalCollector(Repetition& repetition, std::uint32_t workers)
      : repetition_(repetition), workers_(workers) {}

  void collect(IntervalExchange& exchange);
  // Of a worker that has ended.
  void finish(IntervalExchange& exchange);
  // After the last finish().
  void end();

  [[nodiscard]] const Histogram& so_far() const { return so_far_; }

 private:
  struct Pending {
    IntervalCounts counts;
    std::uint32_t workers = 0;
  };
  void add(const IntervalCounts& counts);
  void write(std::int64_t second, const IntervalCounts& counts);

  Repetition& repetition_;
  std::uint32_t workers_;
  std::map<std::int64_t, Pending> pending_;
  Histogram so_far_;
};

}  // namespace natsproof

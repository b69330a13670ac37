// Whether a plan's abort limit is broken: counts seconds as they are completed. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/measure/run_record.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

class AbortWatch {
 public:
  explicit AbortWatch(AbortLimit limit) : limit_(std::move(limit)) {}

  // The next completed second, of all workers (one that a slow collector let grow longer counts as
  // one). True where it is broken now, and from then on. A second in which no request was decided
  // says nothing: see AbortLimit.
  bool add(const Interval& interval);

  // The limit and what broke it: `errors > 50% for 5s: 5 seconds in a row with 72.0 % to 100 % of
  // requests failed`. REQUIRES: it is broken.
  [[nodiscard]] std::string why() const;

 private:
  AbortLimit limit_;
  std::int64_t in_a_row_ = 0;
  double least_ = 1, most_ = 0;  // share of failed requests, of the seconds in a row
  bool broken_ = false;
};

}  // namespace natsproof

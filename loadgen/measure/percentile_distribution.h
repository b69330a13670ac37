// `.hgrm`: one histogram as a table of percentiles, as HdrHistogram's
// outputPercentileDistribution() prints it and its plotter draws it: five lines for every halving
// of the distance to 100 %, values in milliseconds to a microsecond.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {

struct PercentileDistribution {
  struct Line {
    Duration value{};
    Quantile level;           // what the line is about; up to 1
    std::uint64_t count = 0;  // of recordings up to the value
    bool operator==(const Line&) const = default;
  };
  std::vector<Line> lines;  // ascending in all three
  double mean_ns = 0, stddev_ns = 0;
  Duration max{};
  std::uint64_t count = 0;
};

PercentileDistribution percentile_distribution(const Histogram& histogram);

std::string write_percentile_distribution(const PercentileDistribution& distribution);
// Reads files of other programs too, taking their values for milliseconds. Errors name the line;
// any bytes may be given.
Result<PercentileDistribution> read_percentile_distribution(std::string_view text);

}  // namespace natsproof

#include "loadgen/judge/judgement.h"
#include "loadgen/judge/statistics.h"

namespace natsproof {

QuantileInterval quantile_interval(const Histogram& histogram, Quantile q, double design_effect) {
  QuantileInterval interval;
  const RankInterval ranks = rank_interval(q, histogram.count(), design_effect);
  if (ranks.lower) interval.lower = histogram.value_at_rank(*ranks.lower);
  if (ranks.upper) interval.upper = histogram.value_at_rank(*ranks.upper);
  return interval;
}

}  // namespace natsproof

#include "loadgen/engine/interval_collector.h"

#include <algorithm>

namespace natsproof {

void IntervalCollector::collect(IntervalExchange& exchange) {
  exchange.collect([&](const IntervalCounts& counts) { add(counts); });
}

void IntervalCollector::finish(IntervalExchange& exchange) {
  exchange.finish([&](const IntervalCounts& counts) { add(counts); });
}

void IntervalCollector::add(const IntervalCounts& counts) {
  so_far_.merge(counts.latency);
  if (workers_ == 1) return write(counts.second, counts);
  Pending& pending = pending_[counts.second];
  pending.counts.sent += counts.sent;
  for (std::size_t c = 0; c < kRequestClasses; ++c) pending.counts.classes[c] += counts.classes[c];
  pending.counts.latency.merge(counts.latency);
  if (++pending.workers < workers_) return;
  while (!pending_.empty() && pending_.begin()->first <= counts.second) {
    write(pending_.begin()->first, pending_.begin()->second.counts);
    pending_.erase(pending_.begin());
  }
}

void IntervalCollector::end() {
  for (const auto& [second, pending] : pending_) write(second, pending.counts);
  pending_.clear();
}

void IntervalCollector::write(std::int64_t second, const IntervalCounts& counts) {
  Interval interval{.utc_ms = repetition_.started_utc_ms + second * 1000,
                    .start = second * 1s,
                    .length = 1s,
                    .warmup = second * 1s < repetition_.warmup,
                    .classes = counts.classes};
  if (!repetition_.intervals.empty()) {
    Interval& before = repetition_.intervals.back();
    before.length = std::max<Duration>(interval.start - before.start, 1s);
  }
  interval.count = counts.latency.count();
  if (interval.count > 0) {
    const Histogram latency = counts.latency.coarse();
    interval.p50 = latency.value_at(Quantile{0.5});
    interval.p99 = latency.value_at(Quantile{0.99});
    interval.max = latency.max();
    interval.hdr = latency.encode_coarse();
  }
  repetition_.intervals.push_back(std::move(interval));
}

}  // namespace natsproof

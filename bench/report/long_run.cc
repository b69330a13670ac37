#include "bench/report/long_run.h"

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {
namespace {

using Generator = std::mt19937_64;

Duration lognormal(Duration median, double sigma, Generator& generator) {
  std::normal_distribution<double> normal(0, sigma);
  return Duration{std::llround(static_cast<double>(median.count()) * std::exp(normal(generator)))};
}

struct Times {
  Duration lag{}, service{};
};

// Tasks differ; one request in a hundred waits for something, one in ten thousand for long.
Times times_of(std::uint32_t task, Generator& generator) {
  Times times{.lag = lognormal(45us, 0.5, generator),
              .service = lognormal(200us + 15us * task, 0.35, generator)};
  const auto chance = generator() % 10'000;
  if (chance < 100) times.service += lognormal(1ms, 0.6, generator);
  if (chance == 0) times.service += lognormal(10ms, 0.8, generator);
  return times;
}

void count_ok(TaskRecord& task, const Times& times) {
  RequestCounts& counts = task.measured;
  ++counts.planned;
  ++counts.of(RequestClass::ok);
  ++counts.replies;
  ++counts.in_window;
  counts.bytes_out += 128;
  counts.bytes_in += 128;
  const Duration response = times.lag + times.service;
  task.send_lag.record(times.lag);
  task.response.record(response);
  task.service.record(times.service);
  ++task.time_buckets[time_bucket(response)];
  task.instances.front().service.record(times.service);
}

bool is_over(const Claim& claim, Duration time) {
  return claim.is_latency() && claim.is_over(time);
}

ServerSample told_by_server(const ResourceSample& sample, std::uint64_t second,
                            Generator& generator) {
  return {.at = sample.at,
          .cpu_share = 0.2 + 0.001 * static_cast<double>(generator() % 10),
          .resident_bytes = sample.resident_bytes,
          .connections = 9,
          .in_messages = 4000 * second + generator() % 100,
          .out_messages = 4000 * second + generator() % 100};
}

// Server, services and generator, once a second.
std::vector<ResourceRecord> sampled(std::uint32_t seconds, Generator& generator) {
  std::vector<ResourceRecord> records;
  for (const char* of : {"server", "services", "generator"}) {
    ResourceRecord record{.of = of, .processes = 1, .samples = {}, .not_available = {}};
    ResourceSample sample{.resident_bytes = 20'000'000, .threads = 9};
    for (std::uint32_t second = 0; second <= seconds; ++second) {
      sample.at = second * 1s + Duration{static_cast<Duration::rep>(generator() % 1'000'000)};
      sample.cpu += Duration{static_cast<Duration::rep>(200'000'000 + generator() % 10'000'000)};
      sample.resident_bytes += 4096 * (generator() % 3);
      sample.voluntary_switches += 2000 + generator() % 100;
      sample.involuntary_switches += generator() % 40;
      record.samples.push_back(sample);
      if (records.empty()) record.server_says.push_back(told_by_server(sample, second, generator));
    }
    records.push_back(std::move(record));
  }
  return records;
}

PlatformRecord stalled(std::uint32_t seconds, Generator& generator) {
  PlatformRecord platform;
  platform.shortest_stall = 500us;
  for (std::uint32_t i = 0; i < 1000 * seconds; ++i)
    platform.hiccups.record(lognormal(30us, 0.5, generator));
  for (std::size_t i = 0; i < PlatformRecord::kMostStalls; ++i) {
    const Duration length = platform.shortest_stall + lognormal(300us, 0.3, generator);
    platform.stalls.push_back(
        {.start = i * Duration{1s} * seconds / PlatformRecord::kMostStalls, .length = length});
    ++platform.stall_count;
    platform.stalled += length;
  }
  platform.steal = 0.001234;
  platform.voluntary_switches = 1'234'567;
  platform.involuntary_switches = 4321;
  return platform;
}

// Each task with four calls of its own.
TraceRecord traced(std::uint32_t tasks, Generator& generator) {
  TraceRecord trace{.p50_traced = 275us,
                    .p50_untraced = 266us,
                    .least_p50_untraced = 262us,
                    .most_p50_untraced = 281us};
  for (std::uint32_t t = 1; t <= tasks; ++t) {
    TracedTask task{.name = fmt::format("task{}", t), .ok = 7000, .traced = 7000};
    task.groups = {{.name = "typical", .from_quantile = 0.45, .to_quantile = 0.55, .requests = 700},
                   {.name = "slow", .from_quantile = 0.985, .to_quantile = 0.995, .requests = 70}};
    for (TraceGroup& group : task.groups) {
      for (const char* part :
           {"generator lag", "client out", "on the way there", "queueing in the service", "decode",
            "validate", "work", "encode", "on the way back", "client in", "not explained"}) {
        const double mean =
            static_cast<double>(lognormal(20us, 0.5, generator).count()) + 1.0 / (1 + t);
        group.parts.push_back({part, 0, mean});
        group.total_ns += mean;
        if (part != std::string_view("work")) continue;
        for (const char* call : {"fraud", "inventory", "payment", "stock", "own"})
          group.parts.push_back({call, 1, mean / 5});
      }
    }
    trace.tasks.push_back(std::move(task));
  }
  return trace;
}

class LongRepetition {
 public:
  LongRepetition(const LongRun& shape, const std::vector<Claim>& claims, std::uint32_t number)
      : shape_(shape),
        claims_(claims),
        slices_(claims.begin(), claims.end()),
        generator_(number + 1) {
    constexpr std::int64_t kStarted = 1'772'366'400'250;  // 2026-03-01
    repetition_.started_utc_ms = kStarted + std::int64_t{number} * (shape.seconds + 3) * 1000;
    repetition_.seed = generator_();
    repetition_.warmup = 1s;
    repetition_.window = shape.seconds * 1s;
    repetition_.tasks.resize(1 + shape.tasks);
    for (std::size_t t = 0; t < repetition_.tasks.size(); ++t) {
      TaskRecord& task = repetition_.tasks[t];
      task.name = t == 0 ? std::string(kAllTasks) : fmt::format("task{}", t);
      task.timeout = 250ms;
      task.instances.push_back({.id = fmt::format("H8sQ0rJ5mZbW2cX7vT1y{:02}", t), .service = {}});
    }
    repetition_.blocks.assign(claims.size(), std::vector<Block>(shape.seconds));
  }

  Repetition run() {
    for (std::uint32_t second = 0; second <= shape_.seconds; ++second) one_second(second);
    for (TaskRecord& task : repetition_.tasks) task.send_lag = task.send_lag.coarse();
    const std::uint64_t sent = repetition_.tasks.front().measured.handed_over();
    repetition_.connections = {{.server_id = "NA", .client_id = 5, .sent = sent, .received = sent}};
    repetition_.workers = {
        {.wall = repetition_.window + 1s, .busy = repetition_.window / 5, .wakeups = sent}};
    for (std::uint32_t ping = 0; ping < 10 * shape_.seconds; ++ping)
      repetition_.floor.record(lognormal(80us, 0.4, generator_));
    for (const SliceCounter& slices : slices_) repetition_.slices.push_back(slices.take());
    repetition_.platform = stalled(shape_.seconds, generator_);
    repetition_.resources = sampled(shape_.seconds, generator_);
    return std::move(repetition_);
  }

 private:
  // The first is the warm-up's, of which only the interval is kept.
  void one_second(std::uint32_t second) {
    const bool warmup = second == 0;
    latency_.reset();
    for (std::uint64_t i = 0; i < shape_.rate_per_s; ++i) {
      const auto task = static_cast<std::uint32_t>(generator_() % shape_.tasks);
      const Times times = times_of(task, generator_);
      latency_.record(times.lag + times.service);
      if (warmup) continue;
      count_ok(repetition_.tasks[0], times);
      count_ok(repetition_.tasks[task + 1], times);
      count_claims(second - 1, repetition_.tasks[task + 1].name, times);
    }
    const Histogram latency = latency_.coarse();
    Interval interval{.utc_ms = repetition_.started_utc_ms + second * 1000,
                      .start = second * 1s,
                      .length = 1s,
                      .warmup = warmup,
                      .classes = {shape_.rate_per_s},
                      .count = latency.count(),
                      .p50 = latency.value_at(Quantile{0.5}),
                      .p99 = latency.value_at(Quantile{0.99}),
                      .max = latency.max(),
                      .hdr = latency.encode_coarse()};
    repetition_.intervals.push_back(std::move(interval));
  }

  void count_claims(std::uint32_t second, const std::string& task, const Times& times) {
    for (std::size_t c = 0; c < claims_.size(); ++c) {
      if (claims_[c].task != kAllTasks && claims_[c].task != task) continue;
      const bool by_response = claims_[c].metric == Metric::response;
      const bool over_service = is_over(claims_[c], times.service);
      const Duration time = by_response ? times.lag + times.service : times.service;
      const std::size_t slice = second * kSlices / shape_.seconds;
      slices_[c].count(slice, false, time);
      Block& block = repetition_.blocks[c][second];
      ++block.planned;
      block.over += is_over(claims_[c], time);
      block.over_service += over_service;
      // One second in four has a stall, of one request or two in a hundred.
      const bool stalled = second % 4 == 0 && generator_() % 64 == 0;
      block.over_granted += over_service && !stalled;
      block.stalled += stalled;
    }
  }

  const LongRun& shape_;
  const std::vector<Claim>& claims_;
  std::vector<SliceCounter> slices_;
  Generator generator_;
  Repetition repetition_;
  Histogram latency_;
};

}  // namespace

RunRecord long_run(const LongRun& shape) {
  RunRecord record;
  record.conditions = {
      .plan_name = "long",
      .about = "A run that never happened.",
      .schedule = format_rate({static_cast<double>(shape.rate_per_s)}) + " Poisson",
      .offered = {static_cast<double>(shape.rate_per_s)},
      .client = "wire",
      .pacing = "sleep",
      .connections = 4,
      .planned_repetitions = shape.repetitions,
      .covers = 3ms,
      .cores = 2,
      .clock_source = "tsc",
      .clock_resolution = 1ns,
      .scope = "loopback, server, services and generator share 2 cores"};
  std::vector<std::string> names;
  std::vector<std::string> claims = {"response p99 < 5ms", "success >= 99.9%"};
  for (std::uint32_t t = 1; t <= shape.tasks; ++t) {
    names.push_back(fmt::format("task{}", t));
    claims.push_back(names.back() + (t % 2 == 0 ? " response p99 < 2ms" : " service p50 < 400us"));
  }
  for (const std::string& text : claims) {
    auto claim = parse_claim(text, names);
    if (!claim) throw std::invalid_argument(claim.error().message);
    record.claims.push_back(*claim);
  }
  for (std::uint32_t r = 0; r < shape.repetitions; ++r)
    record.repetitions.push_back(LongRepetition(shape, record.claims, r).run());
  Generator generator(shape.repetitions);
  record.trace = traced(shape.tasks, generator);
  return record;
}

}  // namespace natsproof

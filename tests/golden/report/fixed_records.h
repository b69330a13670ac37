// Records of runs that never happened, the same on every machine: what reports are rendered from.
//
// Only integers decide, so that no library's rounding shows in a golden file.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// One request as the story has it.
struct ToldRequest {
  std::size_t task = 0;  // of the story's tasks
  RequestClass request_class = RequestClass::ok;
  RefusedReason reason = RefusedReason::down;
  int error_code = 0;
  Duration lag = 0ns;
  Duration service = 0ns;  // or until it was decided otherwise
  bool late = false, duplicate = false;
  std::string served_by{};  // the instance an ok reply names
};

struct Story {
  std::string name = "baseline";
  std::string about = "Echo at a steady 2,000 requests a second.";
  bool open_loop = true;
  std::uint32_t users = 0;
  std::uint64_t rate_per_s = 2000;
  std::uint32_t planned_repetitions = 5, repetitions = 5;
  std::uint64_t seconds = 5;
  std::vector<std::string> tasks = {"echo"};
  std::vector<std::string> claims;
  bool content_verified = true;
  // The i-th request of the run; `chance` is a number of its own below a million.
  std::function<ToldRequest(std::uint64_t i, std::uint64_t chance)> tell;
};

// Microseconds around 200, two in a hundred some four times slower, one in a thousand twenty times.
inline Duration told_service(std::uint64_t chance) {
  const Duration usual = 180us + Duration{static_cast<Duration::rep>(chance % 1000) * 60};
  if (chance >= 999'000) return usual * 20;
  if (chance >= 980'000) return usual * 4;
  return usual;
}
inline Duration told_lag(std::uint64_t chance) {
  return 20us + Duration{static_cast<Duration::rep>(chance % 997) * 30};
}

namespace fixed_records_detail {

inline void count(const ToldRequest& request, bool in_window, RequestCounts& counts) {
  ++counts.planned;
  ++counts.of(request.request_class);
  const bool success = is_success(request.request_class);
  const bool answered = success || request.request_class == RequestClass::wrong_reply ||
                        request.request_class == RequestClass::service_error ||
                        request.request_class == RequestClass::no_responders;
  if (request.request_class == RequestClass::refused) {
    ++counts.refused[static_cast<std::size_t>(request.reason)];
  } else {
    counts.bytes_out += 128;
  }
  counts.late += request.late;
  counts.duplicate += request.duplicate;
  counts.replies += std::uint64_t{answered} + request.late + request.duplicate;
  counts.bytes_in += answered ? 128 : 0;
  counts.in_window += success && in_window;
  if (request.error_code != 0) ++counts.error_codes[request.error_code];
}

inline Histogram& instance(const std::string& id, TaskRecord& task) {
  auto at = task.instances.begin();
  while (at != task.instances.end() && at->id < id) ++at;
  if (at == task.instances.end() || at->id != id)
    at = task.instances.insert(at, InstanceRecord{.id = id, .service = {}});
  return at->service;
}

inline void record(const ToldRequest& request, bool open_loop, bool in_window, TaskRecord& task) {
  count(request, in_window, task.measured);
  if (request.request_class == RequestClass::refused) return;
  if (open_loop) task.send_lag.record(request.lag);
  if (is_success(request.request_class)) {
    if (open_loop) task.response.record(request.lag + request.service);
    task.service.record(request.service);
    ++task.time_buckets[time_bucket(open_loop ? request.lag + request.service : request.service)];
    if (!request.served_by.empty()) instance(request.served_by, task).record(request.service);
  } else {
    task.failed_after[static_cast<std::size_t>(request.request_class)].record(request.service);
  }
}

inline bool breaks(const Claim& claim, const ToldRequest& request, Duration time, bool in_window) {
  if (!is_success(request.request_class)) return true;
  if (claim.is_latency()) return claim.is_over(time);
  return claim.metric == Metric::achieved && !in_window;
}

}  // namespace fixed_records_detail

inline Repetition told_repetition(const Story& story, const std::vector<Claim>& claims,
                                  std::uint32_t number) {
  namespace detail = fixed_records_detail;
  Repetition repetition;
  repetition.started_utc_ms = 1'772'366'400'250 + std::int64_t{7000} * number;  // 2026-03-01
  repetition.seed = story.planned_repetitions + number;
  repetition.warmup = 1s;
  repetition.window = std::chrono::seconds{story.seconds};
  repetition.tasks.resize(1 + story.tasks.size());
  repetition.tasks[0].name = kAllTasks;
  for (std::size_t t = 0; t < story.tasks.size(); ++t)
    repetition.tasks[t + 1].name = story.tasks[t];
  for (TaskRecord& task : repetition.tasks) {
    task.timeout = 250ms;
    task.content_verified = story.content_verified;
  }
  repetition.blocks.resize(claims.size());
  for (auto& blocks : repetition.blocks) blocks.resize(story.seconds);
  std::vector<SliceCounter> slices(claims.begin(), claims.end());

  Interval warmup{.utc_ms = repetition.started_utc_ms, .length = 1s, .warmup = true};
  repetition.intervals.push_back(warmup);
  for (std::uint64_t second = 0; second < story.seconds; ++second) {
    Interval interval{.utc_ms = repetition.started_utc_ms + 1000 * (static_cast<int>(second) + 1),
                      .start = std::chrono::seconds{second + 1},
                      .length = 1s};
    Histogram times;
    for (std::uint64_t i = 0; i < story.rate_per_s; ++i) {
      const std::uint64_t index = (number * story.seconds + second) * story.rate_per_s + i;
      const ToldRequest request = story.tell(index, mix64(index) % 1'000'000);
      const bool in_window = second + 1 < story.seconds || i + 2 < story.rate_per_s;
      detail::record(request, story.open_loop, in_window, repetition.tasks[0]);
      detail::record(request, story.open_loop, in_window, repetition.tasks[request.task + 1]);
      const Duration response = request.lag + request.service;
      for (std::size_t c = 0; c < claims.size(); ++c) {
        if (claims[c].task != kAllTasks && claims[c].task != story.tasks[request.task]) continue;
        Block& block = repetition.blocks[c][second];
        const bool by_response = claims[c].metric == Metric::response;
        ++block.planned;
        block.over +=
            detail::breaks(claims[c], request, by_response ? response : request.service, in_window);
        const bool over_service = detail::breaks(claims[c], request, request.service, in_window);
        block.over_service += over_service;
        block.over_granted += over_service;
        const std::uint64_t slice =
            (second * story.rate_per_s + i) * kSlices / (story.seconds * story.rate_per_s);
        slices[c].count(slice, !is_success(request.request_class),
                        by_response ? response : request.service);
      }
      ++interval.classes[static_cast<std::size_t>(request.request_class)];
      if (is_success(request.request_class))
        times.record(story.open_loop ? response : request.service);
    }
    interval.count = times.count();
    if (interval.count > 0) {
      interval.p50 = times.value_at(Quantile{0.5});
      interval.p99 = times.value_at(Quantile{0.99});
      interval.max = times.max();
      interval.hdr = times.encode();
    }
    repetition.intervals.push_back(interval);
  }
  for (std::size_t c = 0; c < claims.size(); ++c)
    repetition.slices.push_back(has_slices(claims[c]) ? slices[c].take() : TimeSlices{});
  const std::uint64_t sent = repetition.tasks[0].measured.handed_over();
  repetition.connections = {{.server_id = "NA", .client_id = 5, .sent = sent, .received = sent}};
  repetition.workers = {{.wall = repetition.window + 1s, .busy = 900ms, .wakeups = 9000}};
  for (int ping = 0; ping < 50; ++ping) repetition.floor.record(80us + 1us * ping);
  return repetition;
}

// A calm machine; or one whose hypervisor takes a tenth of it, in stalls of 40 ms, and that was put
// to sleep and had its clock set in the first repetition.
inline PlatformRecord told_platform(bool calm, std::uint32_t number) {
  PlatformRecord platform;
  for (int wake = 0; wake < 5000; ++wake) platform.hiccups.record(20us + 10ns * wake);
  platform.shortest_stall = calm ? 100us : 200us;
  platform.hiccup_cpu = 15ms;
  platform.steal = calm ? 0.0 : 0.1;
  platform.throttled = 0ns;
  platform.voluntary_switches = 20'000 + number;
  platform.involuntary_switches = 50;
  platform.suspended = platform.wall_clock_step = 0ns;
  if (calm) return platform;
  platform.stall_count = 12;
  for (int stall = 0; stall < 12; ++stall)
    platform.stalls.push_back({1s + stall * 400ms, 40ms + stall * 1ms});
  for (const Stall& stall : platform.stalls) {
    platform.stalled += stall.length;
    platform.hiccups.record(stall.length);
  }
  platform.throttled.reset();
  if (number == 0) {
    platform.suspended = 90s;
    platform.wall_clock_step = -1500ms;
  }
  return platform;
}

inline RunRecord told_run(const Story& story) {
  RunRecord record;
  record.conditions = {
      .plan_name = story.name,
      .about = story.about,
      .open_loop = story.open_loop,
      .users = story.users,
      .schedule =
          story.open_loop ? format_rate({static_cast<double>(story.rate_per_s)}) + " Poisson" : "",
      .offered = {story.open_loop ? static_cast<double>(story.rate_per_s) : 0},
      .client = "wire",
      .pacing = "sleep",
      .workers = 1,
      .connections = 4,
      .planned_repetitions = story.planned_repetitions,
      .covers = 3ms,
      .cores = 2,
      .clock_source = "tsc",
      .clock_resolution = 1ns,
      .scope =
          "loopback, server, services and generator share 2 cores: no network, no remote host"};
  record.plan_yaml = "name: " + story.name + "\n";
  record.provenance = {{"git", "0123abc"}, {"command line", "natsproof run " + story.name}};
  record.platform = {{"cpu", "a processor"}, {"kernel", "6.1"}};
  for (const std::string& text : story.claims) {
    auto claim = parse_claim(text, story.tasks);
    if (!claim) throw std::invalid_argument(claim.error().message);
    record.claims.push_back(*claim);
  }
  for (std::uint32_t r = 0; r < story.repetitions; ++r)
    record.repetitions.push_back(told_repetition(story, record.claims, r));
  return record;
}

// Everything answered, everything fast.
inline RunRecord sound_run() {
  Story story;
  story.claims = {"response p50 < 1ms", "response p99 < 5ms", "success >= 99%"};
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.lag = told_lag(chance), .service = told_service(chance)};
  };
  RunRecord record = told_run(story);
  record.platform["governor"] = "performance";
  record.platform["idle_states"] = "POLL, C1, C6 (off)";
  for (std::uint32_t r = 0; r < record.repetitions.size(); ++r)
    record.repetitions[r].platform = told_platform(true, r);
  return record;
}

// Two tasks; orders are slow in 4 of 100, some are refused by the service, some never answered.
inline RunRecord slow_orders() {
  Story story;
  story.name = "orders_mix";
  story.about = "Echo and order placement at a steady 2,000 requests a second.";
  story.tasks = {"echo", "place_order"};
  story.claims = {"echo response p99 < 5ms", "place_order response p99 < 2ms", "success >= 99%"};
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.lag = told_lag(chance), .service = told_service(chance)};
    if (i % 5 < 2) return request;
    request.task = 1;
    request.service = chance % 100 < 4 ? request.service * 12 : request.service * 3;
    if (chance % 1000 == 7) {
      request.request_class = RequestClass::service_error;
      request.error_code = chance % 2000 == 7 ? 400 : 503;
    } else if (chance % 1000 == 8) {
      request.request_class = RequestClass::timeout;
      request.service = 250ms + Duration{static_cast<Duration::rep>(chance)};
      request.late = chance % 2000 == 8;
    } else if (chance % 100 == 9) {
      request.request_class = RequestClass::rejected;
      request.error_code = 422;
    }
    return request;
  };
  return told_run(story);
}

// Too short, too few repetitions.
inline RunRecord short_run() {
  Story story;
  story.name = "quick";
  story.about = "A first look.";
  story.planned_repetitions = story.repetitions = 2;
  story.seconds = 2;
  story.rate_per_s = 1000;
  story.claims = {"response p99 < 1ms", "response p99.9 < 5ms", "response p99.99 < 50ms"};
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.lag = told_lag(chance), .service = told_service(chance)};
  };
  return told_run(story);
}

// The generator sent late, on a machine in trouble; the plan has loosened a gate.
inline RunRecord late_generator() {
  Story story;
  story.claims = {"response p99 < 2ms", "success >= 99%"};
  story.content_verified = false;
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.lag = told_lag(chance) * (chance % 20 == 0 ? 60 : 1),
                       .service = told_service(chance)};
  };
  RunRecord record = told_run(story);
  record.conditions.gate_limits = {{"headroom", 0.9}};
  for (std::uint32_t r = 0; r < record.repetitions.size(); ++r) {
    Repetition& repetition = record.repetitions[r];
    repetition.connections[0].received.reset();
    repetition.platform = told_platform(false, r);
    for (Block& block : repetition.blocks[0]) block.stalled = 200;
  }
  return record;
}

inline RunRecord closed_loop() {
  Story story;
  story.name = "saturate";
  story.about = "256 users without think time.";
  story.open_loop = false;
  story.users = 256;
  story.rate_per_s = 10'000;
  story.claims = {"service p99 < 5ms", "throughput > 9000/s"};
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.service = told_service(chance) * 2};
  };
  return told_run(story);
}

// Nobody is there to answer.
inline RunRecord nobody_home() {
  Story story;
  story.claims = {"response p99 < 5ms", "success >= 99%"};
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.request_class = RequestClass::no_responders,
                       .lag = told_lag(chance),
                       .service = told_service(chance)};
  };
  return told_run(story);
}

// Stopped by hand in the second repetition.
inline RunRecord stopped_run() {
  Story story;
  story.repetitions = 1;
  story.claims = {"response p99 < 5ms"};
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.lag = told_lag(chance), .service = told_service(chance)};
  };
  RunRecord record = told_run(story);
  story.seconds = 2;
  record.repetitions.push_back(told_repetition(story, record.claims, 1));
  record.repetitions[1].interrupted = true;
  record.interrupted = true;
  return record;
}

// The server was restarted now and again, and says so in words that are not to be trusted.
inline RunRecord restarted_server() {
  Story story;
  story.name = "restarts";
  story.about = "A server that restarts every second.";
  story.claims = {"success >= 95%"};
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.lag = told_lag(chance), .service = told_service(chance)};
    if (i % 2000 >= 1990) {
      request.request_class = RequestClass::disconnected;
      request.service = 100us;
      request.late = i % 2000 == 1999;
    } else if (i % 2000 >= 1900) {
      request.request_class = RequestClass::refused;
    } else {
      request.duplicate = i % 2000 == 7;
    }
    return request;
  };
  RunRecord record = told_run(story);
  for (Repetition& repetition : record.repetitions) {
    repetition.reconnects = 4;
    repetition.tasks[0].stray = 3;
    repetition.connections[0].faulty = true;
    repetition.events = {
        "the wall clock was set during the repetition",  // by all of them: said once
        "+1.950 s: lost the connection: 'Server Shutdown'", "+1.998 s: connected again",
        "+2.950 s: lost the connection: \x1b[2J\x07 \xc2\x9b not for your terminal",
        "+2.999 s: connected again"};
  }
  return record;
}

// A service died in the first repetition; six tasks.
inline RunRecord dead_service() {
  Story story;
  story.name = "many";
  story.about = "Six tasks.";
  story.repetitions = 1;
  story.seconds = 1;
  story.tasks = {"echo", "place_order", "cancel", "list_orders_of_a_customer", "pay", "refund"};
  story.claims = {"pay response p99 < 5ms"};
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.task = i % 6, .lag = told_lag(chance), .service = told_service(chance)};
    if (request.task == 4) {
      request.request_class = RequestClass::timeout;
      request.service = 250ms;
    }
    return request;
  };
  RunRecord record = told_run(story);
  record.failure = "service natsproof-orders was killed by signal 9 (Killed)";
  record.repetitions[0].failure = record.failure;
  return record;
}

// Services with several instances, ledgers and faults, and a plan that gives up when too much
// fails.
inline RunRecord given_up() {
  Story story;
  story.name = "faults";
  story.about = "Orders under injected faults.";
  story.tasks = {"echo", "place_order"};
  story.repetitions = 2;
  story.claims = {"success >= 99%"};
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.lag = told_lag(chance), .service = told_service(chance)};
    if (i % 4 == 0) {
      request.served_by = "echo-" + std::to_string(chance % 30);
      return request;
    }
    request.task = 1;
    if (chance % 500 == 0) {
      request.request_class = RequestClass::timeout;
      request.service = 250ms;
    } else if (chance % 500 < 3) {
      request.request_class = RequestClass::service_error;
      request.error_code = chance % 500 == 1 ? 503 : 429;
    } else if (chance % 100 == 5) {
      request.request_class = RequestClass::rejected;
      request.error_code = 400;
    } else {
      constexpr const char* kInstances[] = {"H8sQ0rJ5mZbW2cX7vT1y3k", "aPq4LxN9dF6gU0eR8iO2jS",
                                            "zC5vB7nM1kL3hG9fD4sA6w"};
      request.served_by = kInstances[chance % 3];
      if (chance % 1000 == 7) request.service = 60ms + Duration{static_cast<Duration::rep>(chance)};
      if (chance % 1000 == 10) request.service = 30ms;
      // Exactly a bound: the longer bucket's.
      if (i == 2001) request.service = 500ms - request.lag;
    }
    return request;
  };
  RunRecord record = told_run(story);
  for (Repetition& repetition : record.repetitions) {
    for (int connection = 1; connection <= 4; ++connection) {
      repetition.set_up.record(410us + 50us * connection);
      repetition.first_request.record(300us * connection);
    }
    repetition.ledger = {.never_arrived = 500,
                         .not_replied = 6,
                         .reply_lost = 1,
                         .replied_late = 3,
                         .executed_again = 2};
    repetition.injected = {{"drop_before", 500}, {"error_503", 6}};
  }
  record.repetitions[1].aborted = "`errors > 50% for 5s`: 61.20 % failed from +1 s to +6 s";
  return record;
}

// A closed loop of kinds of users, on so many connections that their times have quantiles.
inline RunRecord kinds_of_users() {
  RunRecord record = closed_loop();
  record.conditions.schedule = "10 users of 5 kinds";
  record.conditions.users = 10;
  for (Repetition& repetition : record.repetitions) {
    for (int connection = 0; connection < 250; ++connection) {
      repetition.set_up.record(400us + 1us * connection);
      repetition.first_request.record(500us + 2us * connection);
    }
    repetition.ledger = LedgerCounts{};
  }
  return record;
}

}  // namespace natsproof

// The record of a run: everything measured, as plain data.
//
// It is saved whole (run_file.h); every report and every verdict is made from it and can be made
// again. Workers fill one TaskRecord per task and merge after the run. All times are durations from
// the run's monotonic clock; UTC only where named.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/platform_record.h"
#include "loadgen/measure/request_class.h"
#include "loadgen/measure/resource_record.h"
#include "loadgen/measure/saved_file.h"
#include "loadgen/measure/time_slices.h"
#include "loadgen/measure/trace_record.h"
#include "loadgen/measure/unanswered.h"

namespace natsproof {

// Exact counts of requests whose intended send lies in one phase.
struct RequestCounts {
  std::uint64_t planned = 0;  // by the schedule; in a closed loop: issued
  std::array<std::uint64_t, kRequestClasses> classes{};
  std::array<std::uint64_t, kRefusedReasons> refused{};
  std::uint64_t replies =
      0;  // all that came for this phase: answered + late + duplicate (stray has no phase)
  std::uint64_t late = 0;       // after the class was decided as timeout or disconnected
  std::uint64_t duplicate = 0;  // after a first reply
  std::uint64_t in_window = 0;  // successes received before the window's end
  std::uint64_t bytes_out = 0,
                bytes_in = 0;  // payload and headers of requests handed over, of first replies
  std::map<int, std::uint64_t>
      error_codes;  // of service_error and rejected, by Nats-Service-Error-Code or inline status

  [[nodiscard]] std::uint64_t of(RequestClass c) const {
    return classes[static_cast<std::size_t>(c)];
  }
  std::uint64_t& of(RequestClass c) { return classes[static_cast<std::size_t>(c)]; }
  [[nodiscard]] std::uint64_t successes() const {
    return of(RequestClass::ok) + of(RequestClass::rejected);
  }
  [[nodiscard]] std::uint64_t decided() const;      // sum of classes
  [[nodiscard]] std::uint64_t handed_over() const;  // planned - refused
  void merge(const RequestCounts& other);
};

// The requests that one instance of a service answered, as its replies say.
struct InstanceRecord {
  std::string id;     // as `served_by` has it; or kOtherInstances
  Histogram service;  // of ok replies that name it, in the measurement
};
// A worker keeps so many instances of a task apart; what names another one after that is counted
// under the id that no instance has.
inline constexpr std::size_t kMostInstances = 64;
inline constexpr std::string_view kOtherInstances = "(others)";

// Bounds of the coarse time buckets: below the first, ..., the last and longer.
inline constexpr std::array<Duration, 4> kTimeBucketBounds = {25ms, 50ms, 100ms, 500ms};
inline constexpr std::size_t kTimeBuckets = kTimeBucketBounds.size() + 1;
// A bound itself belongs to the bucket above it.
constexpr std::size_t time_bucket(Duration time) {
  std::size_t bucket = 0;
  for (const Duration bound : kTimeBucketBounds) bucket += time >= bound;
  return bucket;
}

struct TaskRecord {
  std::string name;  // "*": all tasks together
  Duration timeout{};
  bool content_verified = true;  // false with `expect: no_error`
  // Whether the content shows which request a reply belongs to; false: of requests that are all
  // alike, two replies could have been swapped.
  bool tells_apart = true;
  RequestCounts measured;
  RequestCounts warmup;
  std::uint64_t stray = 0;  // replies with no live slot; only in "*"
  Histogram response,
      service;         // of ok and rejected together; response stays empty in a closed loop
  Histogram send_lag;  // of every request handed over; open loop only; of a run that is over with
                       // two significant digits
  std::array<Histogram, kRequestClasses>
      failed_after;  // received or decided − actual send, per failure class
  // Exact counts of ok and rejected by response time; by service time in a closed loop.
  std::array<std::uint64_t, kTimeBuckets> time_buckets{};
  std::vector<InstanceRecord> instances;  // sorted by id
  void merge(const TaskRecord& other);
};

// One claim's requests whose intended send lies in one second of the measurement.
struct Block {
  std::uint64_t planned = 0;
  std::uint64_t over = 0;  // broke the claim: failed, or over its limit; exact
  std::uint64_t over_service =
      0;  // the same with service time in the place of response time: the benefit of the doubt
  std::uint64_t over_granted = 0;  // of those, the ones that no recorded stall explains
  std::uint64_t stalled =
      0;  // planned ones that a stall overlapped by more than 10 % of the limit, about
  std::uint64_t slots = 0;  // in which planned ones lie (load_spread.h); not saved
};

// What one second looked like; a request belongs to the second in which it was decided.
struct Interval {
  std::int64_t utc_ms = 0;     // its beginning
  Duration start{}, length{};  // from the repetition's start, warm-up included
  bool warmup = false;
  std::array<std::uint64_t, kRequestClasses> classes{};
  // Of ok and rejected: response time; service time in a closed loop. Kept as text and with two
  // significant digits, for a run has many seconds and none of them has requests for more.
  std::uint64_t count = 0;
  Duration p50{}, p99{}, max{};  // 0 where count is 0
  std::string hdr;               // Histogram::encode_coarse(); empty where count is 0
};

// A server that load connections sat on, as its INFO has it.
struct ServerRecord {
  std::string id, name, version;  // empty: not told
  std::string url;                // as it was dialled, without a login
};

// One load connection's count of requests against the server's own.
struct ConnectionRecord {
  std::string server_id;              // where it began; one of the repetition's `servers`
  std::vector<std::string> moved_to;  // ids of those it went on with after a loss
  std::uint64_t client_id = 0;
  std::uint64_t sent = 0;  // requests handed over, and what else the client sent as messages
  std::optional<std::uint64_t>
      received;         // in_msgs of the server's /connz; nothing: it could not be asked
  bool faulty = false;  // was lost in the run: left out of the comparison, and counted
};

// Times are of the measurement alone: warm-up and drain have a load of their own.
struct WorkerRecord {
  Duration wall{};            // the measurement, until the load was stopped where it was
  Duration busy{};            // in loop passes that moved a message
  Duration spinning{};        // in passes that polled without sleeping and moved nothing
  std::uint64_t wakeups = 0;  // in the whole repetition
};

struct Repetition {
  std::int64_t started_utc_ms = 0;
  std::uint64_t seed = 0;
  Duration warmup{};  // as it was
  Duration window{};  // the measured seconds
  bool interrupted = false;
  std::string failure;            // why it could not be finished; empty: it was
  std::vector<TaskRecord> tasks;  // [0] is "*", then in the plan's order
  std::vector<std::vector<Block>>
      blocks;  // [claim][second]; empty for claims without a per-request test
  // [claim]: how evenly its requests lie within their seconds, in (0..1] (load_spread.h); 1 where
  // it is missing.
  std::vector<double> spread;
  std::vector<TimeSlices> slices;  // [claim]; a claim without any, or none at all: not taken
  std::vector<Interval> intervals;
  std::vector<ServerRecord> servers;  // that the connections sat on, in the order found
  std::vector<ConnectionRecord> connections;
  std::vector<WorkerRecord> workers;
  Histogram floor;          // PING round trips on connections of their own, in the measurement
  Histogram set_up;         // of each load connection: from connect() to the server's first answer
  Histogram first_request;  // service time of the first request of each load connection, of
                            // whatever phase, where a service answered it
  std::optional<LedgerCounts> ledger;  // nothing: no service keeps one
  // Faults that services injected, warm-up included, as they count them: `drop_before`.
  std::map<std::string, std::uint64_t> injected;
  std::string aborted;  // the plan's abort limit and what broke it; empty: it was not
  std::optional<PlatformRecord> platform;  // nothing: nobody looked
  std::vector<ResourceRecord> resources;
  std::uint64_t reconnects = 0;
  std::uint64_t clock_steps_back = 0;
  std::vector<std::string>
      events;  // disconnections, server errors, `+2.315 s: ...`, a bounded number
};

// What the judge needs to know of the plan and the place; the whole plan stands in `plan_yaml`.
struct Conditions {
  std::string plan_name, about;
  bool open_loop = true;
  std::uint32_t users = 0;  // closed loop
  std::string schedule;     // open loop, for people: `2,000/s Poisson`
  Rate offered;             // open loop: mean over the window
  std::string client;       // wire | nats.c | nats.c-default
  std::string services;     // the staged ones and what they are told, for people; empty: none
  std::string pacing;       // sleep | hybrid | spin
  std::uint32_t workers = 1, connections = 1;
  std::uint32_t planned_repetitions = 1;
  Duration covers{};   // PROVEN needs D* of at least this
  bool staged = true;  // server and services on this host, started by this run
  bool loopback = true;
  std::uint32_t cores = 1;
  double time_scale = 1;     // --time
  std::string clock_source;  // of the kernel, e.g. `tsc`
  Duration clock_resolution{};
  std::string scope;                          // the sentence every report opens with
  std::map<std::string, double> gate_limits;  // changed by the plan, by gate name
};

struct RunRecord {
  static constexpr const char* kSchema = "natsproof.run/1";
  Conditions conditions;
  std::string plan_yaml;  // as run, with every default filled in
  std::vector<Claim> claims;
  std::map<std::string, std::string>
      provenance;  // git revision, compiler, flags, versions, command line, seed
  std::map<std::string, std::string> platform;  // CPU, kernel, clock source, container limits
  bool interrupted = false;
  std::string failure;  // empty: the run ended as planned
  std::vector<Repetition> repetitions;
  std::optional<TraceRecord> trace;  // nothing: not asked for
  std::optional<SavedFile> file;     // that it was read from; nothing: it is the run's own
};

}  // namespace natsproof

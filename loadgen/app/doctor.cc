#include "loadgen/app/doctor.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/app/clients.h"
#include "loadgen/app/doctor_probes.h"
#include "loadgen/app/options.h"
#include "loadgen/app/provenance.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/platform_record.h"
#include "loadgen/platform/platform_watch.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/stage/nats_server.h"
#include "loadgen/stage/stage.h"

namespace natsproof {
namespace {

constexpr int kSleeps = 1000;     // as many as a p99 needs
constexpr unsigned kWorkers = 1;  // of the load this advice is for
// Server, services and system, beside each worker: docs/measurement.md, "Instants and times".
constexpr unsigned kCoresBeside = 3;
// The gates' limits that the conclusions rest on.
constexpr int kFloorShare = 4;         // the floor's p99 at most a quarter of a limit
constexpr int kLagShare = 10;          // p99 of the send lag at most a tenth
constexpr int kResolutionShare = 100;  // the clock's resolution at most 1 %

void print_line(std::string_view name, std::string_view text) {
  fmt::print("  {:<22}{}\n", name, text);
}
void print_quantile_heads(std::string_view name) {
  fmt::print("  {:<36}{:>9}{:>12}{:>18}{:>10}{:>9}\n", name, "p50", "p99", "95 % interval", "max",
             "n");
}
// Of probes, which are few and short: the interval takes them for independent.
void print_quantiles(std::string_view name, const Histogram& times) {
  // A slow machine may have had time for fewer than a quantile needs.
  const auto supported = [&](Quantile q) {
    return quantile_support(q, times.count()) != QuantileSupport::none;
  };
  const auto figure = [&](Quantile q) {
    return supported(q) ? format_duration(times.value_at(q))
                        : "needs " + format_count(needed_for(q));
  };
  constexpr Quantile kP99{0.99};
  fmt::print("  {:<36}{:>9}{:>12}{:>18}{:>10}{:>9}\n", name, figure(Quantile{0.5}), figure(kP99),
             supported(kP99) ? format_interval(quantile_interval(times, kP99, 1)) : "",
             format_duration(times.max()), format_count(times.count()));
}
Duration p99(const Histogram& times) {
  return times.value_at(Quantile{0.99});
}

void print_machine() {
  const auto facts = platform();
  fmt::print("Machine\n");
  print_line("CPU", facts.at("cpu"));
  print_line("cores", fmt::format("{} to run on; container limit: {}", facts.at("cores"),
                                  facts.at("cpu_limit")));
  print_line("memory",
             fmt::format("{}; container limit: {}", facts.at("memory"), facts.at("memory_limit")));
  print_line("frequency governor", facts.at("governor"));
  print_line("idle states",
             fmt::format("{}; driver: {}", facts.at("idle_states"), facts.at("idle_driver")));
  print_line("system", fmt::format("{}, {}", facts.at("os"), facts.at("kernel")));
}

ClockFacts print_clock(const Clock& clock) {
  const ClockFacts facts = clock_facts(clock);
  fmt::print("\nClock\n");
  print_line("source", facts.source);
  print_line("resolution",
             fmt::format("{} (the smallest step seen); one reading takes {}",
                         format_duration(facts.resolution), format_duration(facts.cost)));
  print_line("steps back", fmt::format("{} in {} readings", format_count(facts.steps_back),
                                       format_count(facts.readings)));
  return facts;
}

// The lag with the load threads' slack.
Result<Histogram> print_wake_ups(const Clock& clock) {
  const Duration own = current_timer_slack();
  const Result<Histogram> as_it_is = wake_up_lag(clock, own, kSleeps);
  Result<Histogram> least = wake_up_lag(clock, 1ns, kSleeps);
  fmt::print("\n");
  print_quantile_heads("Wake-up, late after a sleep of 1 ms");
  if (as_it_is && least) {
    print_quantiles(fmt::format("timer slack {} (the system's)", format_duration(own)), *as_it_is);
    print_quantiles("timer slack 1 ns (the load's)", *least);
  } else {
    print_line("not measured", least ? as_it_is.error().message : least.error().message);
  }
  return least;
}

// What the machine does while something else goes on.
class Meanwhile {
 public:
  explicit Meanwhile(const Clock& clock) : clock_(clock), began_(clock.now()) {
    watch_.begin({began_, began_, Instant::max()}, {});
    watch_.look(began_);
  }
  // REQUIRES: called once.
  void print(std::string_view while_what) {
    const Instant now = clock_.now();
    watch_.cut(now);
    watch_.end();
    const PlatformRecord found = watch_.record();
    const double seconds = to_seconds(now - began_);
    fmt::print("\n");
    print_quantile_heads(fmt::format("Meanwhile, {}", while_what));
    if (found.hiccups.empty()) {
      print_line("woken late", kNotAvailable);
    } else {
      print_quantiles("woken late from 1 ms of sleep", found.hiccups);
    }
    Duration longest{};
    for (const Stall& stall : found.stalls) longest = std::max(longest, stall.length);
    print_line(
        "stalls",
        found.stall_count == 0
            ? fmt::format("none of {} or longer", format_duration(found.shortest_stall))
            : fmt::format("{} of {} or longer, {} of the time, the longest {}",
                          format_count(found.stall_count), format_duration(found.shortest_stall),
                          format_share(to_seconds(found.stalled) / seconds),
                          format_duration(longest)));
    print_line("steal",
               found.steal ? format_share(*found.steal) + " of the cores' time" : kNotAvailable);
    print_line("throttled", !found.throttled          ? kNotAvailable
                            : *found.throttled == 0ns ? "never"
                                                      : format_duration(*found.throttled));
    print_line("context switches", !found.voluntary_switches || !found.involuntary_switches
                                       ? kNotAvailable
                                       : fmt::format("this program waited {} and was put aside {}",
                                                     rate(*found.voluntary_switches, seconds),
                                                     rate(*found.involuntary_switches, seconds)));
    if (found.suspended.value_or(0ns) > 0ns)
      print_line("suspended", format_duration(*found.suspended));
    if (const Duration step = found.wall_clock_step.value_or(0ns); step != 0ns) {
      print_line("wall clock", fmt::format("set {} by {}", step > 0ns ? "forward" : "back",
                                           format_duration(std::chrono::abs(step))));
    }
    print_line("the looking took",
               found.hiccup_cpu
                   ? format_share(to_seconds(*found.hiccup_cpu) / seconds) + " of a core"
                   : kNotAvailable);
  }

 private:
  static std::string rate(std::uint64_t count, double seconds) {
    return format_rate({static_cast<double>(count) / seconds});
  }

  const Clock& clock_;
  Instant began_;
  PlatformWatch watch_;
};

void print_round_trips(const RoundTrips& trips) {
  fmt::print("\n");
  print_quantile_heads("Round trips through the server");
  print_quantiles("PING to the server and back, wire", trips.ping);
  print_quantiles("request to an echo, bare socket", trips.bare);
  print_quantiles("request to the same echo, wire", trips.wire);
  const auto ratio = [&](double q) {
    return static_cast<double>(trips.wire.value_at(Quantile{q}).count()) /
           static_cast<double>(trips.bare.value_at(Quantile{q}).count());
  };
  fmt::print("  {:<36}{:>12}{:>12}\n", "wire / bare socket", fmt::format("{:.3f}", ratio(0.5)),
             fmt::format("{:.3f}", ratio(0.99)));
  fmt::print("  {:<36}{:>12}  ({} requests of {} in flight, same echo)\n", "bare socket, saturated",
             format_rate(trips.saturated), kDoctorInFlight, format_bytes(kDoctorPayloadBytes));
}

void conclude(std::string_view sentence) {
  // Wrapped at 100 columns, two of them for the margin.
  std::string line = " ";
  std::size_t width = 1;
  const auto shown = [](std::string_view word) {  // UTF-8: continuation bytes take no column
    std::size_t columns = 0;
    for (const char c : word) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return columns;
  };
  while (!sentence.empty()) {
    const std::string_view word = sentence.substr(0, sentence.find(' '));
    if (width + 1 + shown(word) > 100) {
      fmt::print("{}\n", line);
      line = "   ";
      width = 3;
    }
    line.append(" ").append(word);
    width += 1 + shown(word);
    sentence.remove_prefix(std::min(sentence.size(), word.size() + 1));
  }
  fmt::print("{}\n", line);
}

void print_conclusions(const ClockFacts& clock, const Result<Histogram>& lag,
                       const RoundTrips* trips) {
  fmt::print("\nConclusions\n");
  const unsigned have = cores();
  if (have < kWorkers + kCoresBeside) {
    conclude(fmt::format(
        "- Pacing is `sleep` by default: {} {} fewer than the {} that one worker, server, services "
        "and system take. A generator that spins here takes the server's core.",
        have, have == 1 ? "core is" : "cores are", kWorkers + kCoresBeside));
  } else {
    conclude(fmt::format(
        "- Pacing is `hybrid` by default: {} cores are enough for {} worker(s) that spin the last "
        "stretch before a send.",
        have, have - kCoresBeside));
  }
  if (clock.steps_back > 0) {
    conclude("- The clock steps back: nothing can be proven or refuted here.");
  } else {
    conclude(fmt::format(
        "- Clock: claims from {} up can be judged; below, its resolution is more than 1 % of "
        "the limit.",
        format_duration(clock.resolution * kResolutionShare)));
  }
  if (lag) {
    conclude(fmt::format(
        "- Wake-up: with pacing `sleep`, the send lag's p99 is more than a tenth of response "
        "claims below about {}: "
        "they can be proven here, but refuted only where the service times alone break them too.",
        format_duration(p99(*lag) * kLagShare)));
  }
  if (trips == nullptr) return;
  conclude(fmt::format(
      "- Floor: claims below about {} can be refuted here only where they are broken by more than "
      "the floor: its p99, {} "
      "for a PING, is more than a quarter of them.",
      format_duration(p99(trips->ping) * kFloorShare), format_duration(p99(trips->ping))));
  conclude(fmt::format(
      "- No service behind this server can be expected to answer faster than the bare socket's "
      "echo: p50 {}, p99 {}.",
      format_duration(trips->bare.value_at(Quantile{0.5})), format_duration(p99(trips->bare))));
}

}  // namespace

int run_doctor(const DoctorOptions& options) {
  const SteadyClock clock;
  // First of all, for its process must start before any thread does.
  StageOptions stage_options;
  stage_options.own_server = options.servers.empty();
  stage_options.servers = options.servers;
  const auto stage = Stage::set(stage_options);

  print_machine();
  const ClockFacts clock_found = print_clock(clock);
  const Result<Histogram> lag = print_wake_ups(clock);

  fmt::print("\nServer\n");
  if (!stage) {
    print_line("none", stage.error().message);
    Meanwhile meanwhile(clock);
    std::this_thread::sleep_for(options.length);
    meanwhile.print("with nothing to do");
    print_conclusions(clock_found, lag, nullptr);
    return kExitStage;
  }
  const ServerAddress& server = (*stage)->servers().front();
  if (stage_options.own_server) {
    const auto binary = find_nats_server();
    print_line("binary", binary ? *binary : binary.error().message);
  }
  Meanwhile meanwhile(clock);
  const auto look = [&]() -> Result<RoundTrips> {
    if (const Result<void> reached = check_servers({server}, true); !reached)
      return reached.error();
    Result<RoundTrips> measured = measure_round_trips(clock, server, options.length);
    if (!measured) return Error{fmt::format("{}: {}", server.display(), measured.error().message)};
    return measured;
  };
  const Result<RoundTrips> trips = look();
  if (!trips) {
    print_line("not measured", trips.error().message);
    meanwhile.print("while that was tried");
    print_conclusions(clock_found, lag, nullptr);
    return kExitStage;
  }
  print_line("address", fmt::format("{}{}", server.display(),
                                    stage_options.own_server ? ", started for this" : ""));
  print_line("version", fmt::format("{}; messages up to {}", trips->server.version,
                                    format_bytes(trips->server.max_payload_bytes)));
  print_round_trips(*trips);
  meanwhile.print("while the round trips went on");
  print_conclusions(clock_found, lag, &*trips);
  return 0;
}

}  // namespace natsproof

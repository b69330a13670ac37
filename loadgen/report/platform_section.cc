#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::string_view kNotAvailable = "not available";
// The gate whose limit says from which share on, of time or of requests, what the machine did
// matters; and that limit where no claim has it read.
constexpr std::string_view kNoiseGate = "platform noise";
constexpr double kUsualLimit = 0.01;

// A repetition's figure, where it was read, put together with those of the others.
struct Sum {
  double value = 0;
  Duration window{};  // of the repetitions that have it
  void add(double part, Duration time) {
    value += part;
    window += time;
  }
  // Nothing: no repetition has it.
  [[nodiscard]] std::optional<double> per_s() const {
    if (window <= 0ns) return std::nullopt;
    return value / to_seconds(window);
  }
};

Duration longest_of(const PlatformRecord& platform) {
  Duration longest{};
  for (const Stall& stall : platform.stalls) longest = std::max(longest, stall.length);
  return longest;
}

// All repetitions together.
struct Weather {
  Histogram hiccups;
  Duration shortest_stall{}, longest_stall{}, suspended{}, longest_step{};
  std::uint64_t stall_count = 0;
  Sum stalled, steal, throttled, voluntary, involuntary;
  std::size_t looked_at = 0;

  void add(const PlatformRecord& platform, Duration window) {
    ++looked_at;
    hiccups.merge(platform.hiccups);
    shortest_stall = platform.shortest_stall;
    longest_stall = std::max(longest_stall, longest_of(platform));
    stall_count += platform.stall_count;
    if (!platform.hiccups.empty()) stalled.add(to_seconds(platform.stalled), window);
    if (platform.steal) steal.add(*platform.steal * to_seconds(window), window);
    if (platform.throttled) throttled.add(to_seconds(*platform.throttled), window);
    if (platform.voluntary_switches)
      voluntary.add(static_cast<double>(*platform.voluntary_switches), window);
    if (platform.involuntary_switches)
      involuntary.add(static_cast<double>(*platform.involuntary_switches), window);
    // A file may say anything.
    suspended += std::min(platform.suspended.value_or(0ns), Duration::max() - suspended);
    const Duration step = platform.wall_clock_step.value_or(0ns);
    if (std::chrono::abs(step) > std::chrono::abs(longest_step)) longest_step = step;
  }
};

Weather weather_of(const RunRecord& record) {
  Weather weather;
  for (const Repetition& repetition : record.repetitions) {
    if (repetition.platform) weather.add(*repetition.platform, repetition.window);
  }
  return weather;
}

// The claim of the smallest limit; nullptr: none is about latency.
const Claim* strictest(const RunRecord& record) {
  const Claim* strictest = nullptr;
  for (const Claim& claim : record.claims) {
    if (claim.is_latency() && (strictest == nullptr || claim.limit < strictest->limit))
      strictest = &claim;
  }
  return strictest;
}

// The share of a claim's planned requests that a stall met.
double stalled_share(const RunRecord& record, std::size_t claim) {
  std::uint64_t stalled = 0, planned = 0;
  for (const Repetition& repetition : record.repetitions) {
    if (claim >= repetition.blocks.size()) continue;
    for (const Block& block : repetition.blocks[claim]) {
      stalled += block.stalled;
      planned += block.planned;
    }
  }
  return share_of(stalled, planned);
}

// As the gate has it for the claim, a plan's own limit included; for any where there is none.
double noise_limit(const ReportPage& page, const Claim* claim) {
  for (const GateResult& gate : page.judgement.gates) {
    if (gate.name == kNoiseGate && (claim == nullptr || gate.claim == claim->text))
      return gate.limit;
  }
  const auto changed = page.conditions.gate_limits.find(std::string(kNoiseGate));
  return changed == page.conditions.gate_limits.end() ? kUsualLimit : changed->second;
}

enum class Word { none, fine, matters };

Word word_of(double figure, double limit) {
  return figure > limit ? Word::matters : Word::fine;
}

class MachineTable {
 public:
  explicit MachineTable(ReportPage& page)
      : page_(page),
        weather_(weather_of(page.record)),
        strictest_(strictest(page.record)),
        noise_limit_(noise_limit(page, strictest_)) {}

  void add() {
    if (weather_.looked_at == 0) return;
    page_.section("MACHINE", strictest_ == nullptr
                                 ? "in the measurement"
                                 : fmt::format("in the measurement, and whether it matters to `{}`",
                                               strictest_->text));
    add_clock();
    add_hiccups();
    add_stalls();
    add_steal();
    add_throttled();
    add_switches();
    add_busiest_worker();
    add_processor();
    add_clocks_that_jumped();
  }

 private:
  void row(Word word, std::string_view label, std::string_view text) {
    constexpr std::size_t kWord = 9, kLabel = 16;
    const std::string_view shown = word == Word::fine      ? "fine"
                                   : word == Word::matters ? "matters"
                                                           : "";
    const std::string lines =
        wrapped("  " + left(shown, kWord) + left(label, kLabel), std::string(text));
    if (word != Word::matters) return page_.add(lines);
    page_.add("  " + page_.painted(Paint::yellow, shown) + lines.substr(2 + shown.size()));
  }
  // As the gate of that name has it.
  [[nodiscard]] Word word_of_gate(std::string_view name) const {
    for (const GateResult& gate : page_.judgement.gates) {
      if (gate.name == name && gate.passed) return *gate.passed ? Word::fine : Word::matters;
    }
    return Word::none;
  }
  [[nodiscard]] Word word_of_time(Duration time) const {
    if (strictest_ == nullptr) return Word::none;
    return time > strictest_->limit / 10 ? Word::matters : Word::fine;
  }

  void add_clock() {
    const Conditions& conditions = page_.conditions;
    if (conditions.clock_resolution <= 0ns) return row(Word::none, "clock", kNotAvailable);
    row(word_of_gate("clock"), "clock",
        fmt::format(
            "{}, step {}",
            conditions.clock_source.empty() ? kNotAvailable : printable(conditions.clock_source),
            format_duration(conditions.clock_resolution)));
  }
  void add_hiccups() {
    const Histogram& late = weather_.hiccups;
    if (late.empty()) return row(Word::none, "wake-ups", kNotAvailable);
    std::vector<std::string> parts;
    for (const Quantile q : {Quantile{0.5}, Quantile{0.99}}) {
      if (quantile_support(q, late.count()) != QuantileSupport::none)
        parts.push_back(format_quantile(q) + " " + format_duration(late.value_at(q)));
    }
    parts.push_back(late.out_of_range() > 0 ? "max not known"
                                            : "max " + format_duration(late.max()));
    row(word_of_time(late.value_at(Quantile{0.99})), "wake-ups",
        fmt::format("{}, late by {}", format_count(late.count()), fmt::join(parts, ", ")));
  }
  void add_stalls() {
    const std::optional<double> share = weather_.stalled.per_s();
    if (!share) return row(Word::none, "stalls", kNotAvailable);
    std::string text =
        fmt::format("{} of {} or longer",
                    weather_.stall_count == 0 ? "none" : format_count(weather_.stall_count),
                    format_duration(weather_.shortest_stall));
    if (weather_.stall_count > 0) {
      text += fmt::format(", {} of the time, the longest {}", format_share(*share),
                          format_duration(weather_.longest_stall));
    }
    double most = 0;
    for (std::size_t i = 0; i < page_.record.claims.size(); ++i) {
      if (page_.record.claims[i].is_latency())
        most = std::max(most, stalled_share(page_.record, i));
    }
    if (most > 0) text += fmt::format("; they met {} of the requests", format_share(most));
    row(strictest_ == nullptr ? Word::none : word_of(most, noise_limit_), "stalls", text);
  }
  void add_steal() {
    const std::optional<double> share = weather_.steal.per_s();
    if (!share) return row(Word::none, "steal", kNotAvailable);
    row(word_of(*share, noise_limit_), "steal",
        fmt::format("{} of the cores' time went to other machines", format_share(*share)));
  }
  void add_throttled() {
    const std::optional<double> share = weather_.throttled.per_s();
    if (!share) return row(Word::none, "throttled", kNotAvailable);
    constexpr double kMostSeconds = 9e9;  // that fit a Duration: a file may say anything
    const auto time = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(weather_.throttled.value, kMostSeconds)));
    row(word_of(*share, noise_limit_), "throttled",
        time == 0ns ? "never"
                    : fmt::format("{} by the CPU limit, {} of the time", format_duration(time),
                                  format_share(*share)));
  }
  void add_switches() {
    const auto voluntary = weather_.voluntary.per_s(), involuntary = weather_.involuntary.per_s();
    if (!voluntary || !involuntary) return row(Word::none, "switches", kNotAvailable);
    row(Word::none, "switches",
        fmt::format("the generator waited {} and was put aside {}", format_rate({*voluntary}),
                    format_rate({*involuntary})));
  }
  void add_busiest_worker() {
    double busiest = 0;
    bool known = false;
    for (const Repetition& repetition : page_.record.repetitions) {
      for (const WorkerRecord& worker : repetition.workers) {
        if (worker.wall <= 0ns) continue;
        known = true;
        busiest = std::max(busiest, to_seconds(worker.busy) / to_seconds(worker.wall));
      }
    }
    if (!known) return row(Word::none, "busiest worker", kNotAvailable);
    row(word_of_gate("headroom"), "busiest worker",
        fmt::format("had something to do {} of the time", format_share(busiest)));
  }
  void add_processor() {
    const auto fact = [&](const char* name) -> std::string {
      const auto found = page_.record.platform.find(name);
      return found == page_.record.platform.end() ? std::string(kNotAvailable)
                                                  : printable(found->second);
    };
    row(Word::none, "processor",
        fmt::format("frequency governor {}; idle states {}", fact("governor"),
                    fact("idle_states")));
  }
  void add_clocks_that_jumped() {
    if (weather_.suspended > 0ns) {
      row(Word::matters, "suspended",
          fmt::format(
              "{}: the clock that times requests stood still, and whoever is remote went on; "
              "see gate `clock`",
              format_duration(weather_.suspended)));
    }
    if (const Duration step = weather_.longest_step; step != 0ns) {
      row(Word::none, "wall clock",
          fmt::format("set {} by {}: UTC times do not fit together, latencies do",
                      step > 0ns ? "forward" : "back", format_duration(std::chrono::abs(step))));
    }
  }

  ReportPage& page_;
  Weather weather_;
  const Claim* strictest_;
  double noise_limit_;
};

}  // namespace

void add_platform_section(ReportPage& page) {
  MachineTable(page).add();
}

}  // namespace natsproof

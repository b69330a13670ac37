#include "loadgen/judge/platform_noise.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/core.h>

#include "loadgen/judge/claim_counts.h"
#include "loadgen/measure/recorder.h"

namespace natsproof {
namespace {

// A share over several repetitions, of which some do not know.
class SharedOut {
 public:
  void add(double part, double whole) {
    part_ += part;
    whole_ += whole;
  }
  [[nodiscard]] std::optional<double> share() const {
    if (whole_ <= 0) return std::nullopt;
    return part_ / whole_;
  }

 private:
  double part_ = 0, whole_ = 0;
};

double number(Duration duration) {
  return static_cast<double>(duration.count());
}

bool counts_stalled_requests(const Claim& claim) {
  return claim.is_latency() && has_blocks(claim);
}

// The shortest stall that matters to the claim.
Duration disturbing(const Claim& claim, Duration timeout) {
  return (claim.is_latency() ? claim.limit : timeout) / 10;
}

std::uint64_t missed_stalls(std::span<const Repetition> repetitions) {
  std::uint64_t missed = 0;
  for (const Repetition& repetition : repetitions) {
    if (repetition.platform) missed += repetition.platform->missed_stalls;
  }
  return missed;
}

std::string known_or_not(const char* name, const std::optional<double>& share,
                         const std::string& of) {
  return share ? fmt::format("{} {}{}", name, format_share(*share), of)
               : fmt::format("{} not known", name);
}

}  // namespace

StallTime time_in_stalls(const Repetition& repetition, Duration longer_than) {
  if (!repetition.platform) return {};
  const PlatformRecord& platform = *repetition.platform;
  const Duration from = repetition.warmup, until = repetition.warmup + repetition.window;
  Duration listed{}, shortest = Duration::max();
  StallTime found;
  for (const Stall& stall : platform.stalls) {
    const Duration part = std::max(
        Duration{}, std::min(until, stall.start + stall.length) - std::max(from, stall.start));
    listed += part;
    shortest = std::min(shortest, stall.length);
    if (stall.length <= longer_than) continue;
    found.time += part;
    ++found.count;
  }
  const std::uint64_t rest =
      platform.stall_count - std::min<std::uint64_t>(platform.stall_count, platform.stalls.size());
  if (rest > 0 && (shortest > longer_than || platform.missed_stalls > 0)) {
    found.time += std::max(Duration{}, platform.stalled - listed);
    found.count += rest;
  }
  return found;
}

PlatformNoise platform_noise(std::span<const Repetition> repetitions, const Claim& claim,
                             std::size_t index) {
  SharedOut steal, throttled, disturbed, stalled;
  bool looked_throughout = !repetitions.empty() && missed_stalls(repetitions) == 0;
  const Duration longer_than = disturbing(claim, shortest_timeout(repetitions, claim));
  for (const Repetition& repetition : repetitions) {
    const double window = number(repetition.window);
    const bool looked = repetition.platform && !repetition.platform->hiccups.empty();
    looked_throughout &= looked;
    if (!repetition.platform) continue;
    const PlatformRecord& platform = *repetition.platform;
    if (platform.steal) steal.add(*platform.steal * window, window);
    if (platform.throttled) throttled.add(number(*platform.throttled), window);
    if (!looked) continue;
    stalled.add(number(platform.stalled), window);
    if (!counts_stalled_requests(claim)) {
      disturbed.add(number(time_in_stalls(repetition, longer_than).time), window);
    } else if (index < repetition.blocks.size()) {
      for (const Block& block : repetition.blocks[index]) {
        disturbed.add(static_cast<double>(block.stalled), static_cast<double>(block.planned));
      }
    }
  }
  return {.steal = steal.share(),
          .throttled = throttled.share(),
          .disturbed = disturbed.share(),
          .stalled = looked_throughout ? stalled.share() : std::nullopt};
}

GateReading read_platform_noise(std::span<const Repetition> repetitions, const Claim& claim,
                                std::size_t index, std::uint32_t cores, double limit) {
  if (std::none_of(repetitions.begin(), repetitions.end(),
                   [](const Repetition& repetition) { return repetition.platform.has_value(); })) {
    return {.shown = "nobody looked at what the machine did"};
  }
  const PlatformNoise noise = platform_noise(repetitions, claim, index);
  Duration shortest = disturbing(claim, shortest_timeout(repetitions, claim));
  for (const Repetition& repetition : repetitions) {  // shorter ones are not recorded
    if (repetition.platform) shortest = std::max(shortest, repetition.platform->shortest_stall);
  }
  const Duration taken = time_taken(noise, cores, measured_time(repetitions));
  const bool is_little =
      has_blocks(claim) && taken <= disturbing(claim, shortest_timeout(repetitions, claim));
  const std::string stalls =
      noise.disturbed ? fmt::format("stalls over {}:", format_duration(shortest)) : "stalls";
  struct Part {
    std::optional<double> share;
    std::string shown;
    bool counts = true;
  };
  const std::string little =
      is_little && taken > 0ns
          ? fmt::format(" (steal and throttling {} in all: too little to matter to a request)",
                        format_duration(taken))
          : "";
  const Part parts[] = {
      {noise.steal, known_or_not("steal", noise.steal, " of the cores' time"), !is_little},
      {noise.throttled, known_or_not("throttled", noise.throttled, " of the time") + little,
       !is_little},
      {noise.disturbed,
       known_or_not(stalls.c_str(), noise.disturbed,
                    counts_stalled_requests(claim) ? " of requests" : " of the time")}};
  GateReading reading;
  for (const Part& part : parts) {
    if (part.share)
      reading.figure = std::max(reading.figure.value_or(0), part.counts ? *part.share : 0);
  }
  bool is_named = !reading.figure || *reading.figure == 0;  // the worst
  for (const Part& part : parts) {
    reading.shown += (reading.shown.empty() ? "" : ", ") + part.shown;
    if (!is_named && part.counts && part.share == reading.figure) {
      reading.shown += " (the worst)";
      is_named = true;
    }
  }
  if (reading.figure) {
    constexpr double kRounding = 1 + 1e-12;  // 2 of 2,000 are within 0.1 %
    reading.passed = *reading.figure <= limit * kRounding;
    reading.shown += fmt::format("; limit {}", format_share(limit));
  }
  if (const std::uint64_t missed = missed_stalls(repetitions); missed > 0) {
    if (reading.passed == true) reading.passed.reset();
    reading.shown +=
        fmt::format("; {} more stalls found no room in the list", format_count(missed));
  }
  return reading;
}

bool stalls_account_for(const PlatformNoise& noise, std::uint32_t cores, double limit) {
  if (!noise.stalled || !noise.steal) return false;
  const double throttled = noise.throttled.value_or(0) / std::max(1U, cores);
  return std::max(*noise.steal, throttled) - *noise.stalled <= limit;
}

std::optional<Duration> time_absent(const Repetition& repetition, std::uint32_t cores) {
  if (!repetition.platform) return std::nullopt;
  const PlatformRecord& platform = *repetition.platform;
  if (platform.hiccups.empty() || platform.missed_stalls > 0 || !platform.steal)
    return std::nullopt;
  const PlatformNoise noise{
      .steal = platform.steal,
      .throttled = repetition.window > 0ns && platform.throttled
                       ? std::optional(number(*platform.throttled) / number(repetition.window))
                       : std::nullopt};
  return time_taken(noise, cores, repetition.window) + platform.stalled;
}

Duration time_taken(const PlatformNoise& noise, std::uint32_t cores, Duration measured) {
  const double of_cores = noise.steal.value_or(0) * std::max(1U, cores);
  const double taken = std::max(of_cores, noise.throttled.value_or(0)) * number(measured);
  // A file may tell of more than a duration holds; a claim's limit is added to it.
  constexpr double kMost = 4e18;
  return Duration{std::llround(std::min(taken, kMost))};
}

}  // namespace natsproof

// Fixed records of what processes took, and a judgement of claims on it.
#pragma once

#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {

inline ResourceRecord told_resources(const char* of, double cores, std::uint64_t base_kib,
                                     std::uint64_t kib_per_s, int repetition) {
  ResourceRecord record{.of = of, .processes = 1, .names = "one (pid 5)"};
  record.fresh = repetition == 0;
  for (int second = 0; second <= 6; ++second) {
    const int all = repetition * 6 + second;
    const auto n = static_cast<std::uint64_t>(all);
    record.samples.push_back({.at = 1s * second,
                              .cpu = Duration{static_cast<std::int64_t>(cores * 1e9)} * all,
                              .resident_bytes = (base_kib + kib_per_s * n) * 1024,
                              .threads = 9,
                              .voluntary_switches = 2000 * n,
                              .involuntary_switches = 51 * n});
  }
  return record;
}

inline RunRecord sampled_processes() {
  RunRecord record = sound_run();
  record.claims = {parse_claim("cpu(server) < 80%", {}).value(),
                   parse_claim("memory_growth(services) < 1MiB/min", {}).value(),
                   parse_claim("cpu(generator) <= 150%", {}).value()};
  for (int r = 0; r < static_cast<int>(record.repetitions.size()); ++r) {
    Repetition& repetition = record.repetitions[static_cast<std::size_t>(r)];
    repetition.blocks.assign(record.claims.size(), {});
    repetition.resources = {told_resources(kServerRole, 0.423, 16'000, 0, r),
                            told_resources(kServicesRole, 1.5, 30'000, 300, r),
                            {.of = kGeneratorRole, .not_available = "/proc/5/stat cannot be read"}};
    if (r == 3) {
      repetition.resources[1].samples.resize(4);
      repetition.resources[1].ended = "orders (pid 7) is gone";
    }
  }
  return record;
}

// The server is others', and its services are not known.
inline RunRecord processes_of_others() {
  RunRecord record = sampled_processes();
  for (Repetition& repetition : record.repetitions) {
    ResourceRecord& server = repetition.resources[0];
    server.by_varz = true;
    for (ResourceSample& sample : server.samples)
      sample.threads = sample.voluntary_switches = sample.involuntary_switches = 0;
    repetition.resources[1] = {.of = kServicesRole,
                               .not_available = "not started by this run, so not sampled"};
  }
  return record;
}

inline Judgement judged_processes() {
  return {.verdict = Verdict::refuted,
          .why = "`memory_growth(services) < 1MiB/min` does not hold.",
          .claims = {{.text = "cpu(server) < 80%",
                      .verdict = Verdict::proven,
                      .measured = 0.423,
                      .unit = "cores",
                      .why = "Mean share of one core over the repetitions 42.0 % to 42.6 %, each "
                             "bound at 95 %."},
                     {.text = "memory_growth(services) < 1MiB/min",
                      .verdict = Verdict::refuted,
                      .measured = 18'432'000,
                      .unit = "bytes_per_min",
                      .why = "Growth over the repetitions 17.4 MiB/min to 17.7 MiB/min, each bound "
                             "at 95 %."},
                     {.text = "cpu(generator) <= 150%",
                      .verdict = Verdict::inconclusive,
                      .unit = "cores",
                      .why = "Not available: /proc/5/stat cannot be read."}},
          .gates = passed_gates(),
          .repetitions = std::vector<Verdict>(5, Verdict::refuted)};
}

}  // namespace natsproof

#include "loadgen/app/selftest/selftest.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/time.h"
#include "base/units.h"
#include "loadgen/app/options.h"
#include "loadgen/app/run_plan.h"
#include "loadgen/app/selftest/check_row.h"
#include "loadgen/app/selftest/claim_coverage.h"
#include "loadgen/app/selftest/known_delays.h"
#include "loadgen/app/selftest/lying_services.h"
#include "loadgen/app/selftest/selftest_table.h"
#include "loadgen/app/selftest/starved_generator.h"
#include "loadgen/app/selftest/stopped_service.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/stage/nats_server.h"

namespace natsproof {
namespace {

constexpr int kTries = 3;

// The rows of one try; an error: it could not be made.
using Rows = Result<std::vector<CheckRow>>;

// What one check leaves for the next ones.
struct Control {
  bool proven = false;
};

// A measurement and what is to be found in it.
struct Check {
  std::string group, doing;
  std::function<Rows()> run;
  const Control* needs = nullptr;  // can show nothing, as often as it is tried, if that is unsound
};

Rows rows_unless(const std::string& not_begun, const std::function<std::vector<CheckRow>()>& find) {
  if (interrupted()) return std::vector<CheckRow>{};
  if (!not_begun.empty()) return Error{not_begun};
  return find();
}

Rows run_delays() {
  const DelaysMeasured measured = measure_delays();
  return rows_unless(measured.run.not_begun, [&] { return find_delays(measured); });
}
Rows run_stops() {
  const StopMeasured measured = measure_stops();
  return rows_unless(measured.run.not_begun, [&] { return find_stops(measured); });
}
Rows run_closed_loop() {
  const StopMeasured measured = measure_closed_loop();
  return rows_unless(measured.run.not_begun, [&] { return find_closed_loop(measured); });
}
Rows run_starved() {
  const StarvedMeasured measured = measure_starved();
  const std::string& first = measured.undisturbed.not_begun;
  return rows_unless(first.empty() ? measured.starved.not_begun : first,
                     [&] { return find_starved(measured); });
}
Rows run_control(Control& control) {
  const MeasuredRun run = measure_liar("");
  return rows_unless(run.not_begun, [&] {
    std::vector<CheckRow> rows = find_sound(run);
    control.proven = outcome_of(rows) == Outcome::holds;
    std::vector<CheckRow> agreement = find_agreement(run);
    std::move(agreement.begin(), agreement.end(), std::back_inserter(rows));
    return rows;
  });
}
Rows run_liar(const Liar& liar, const Control& control) {
  const MeasuredRun run = measure_liar(liar.faults);
  return rows_unless(run.not_begun,
                     [&] { return std::vector{find_liar(liar, run, control.proven)}; });
}

// `control` outlives them.
std::vector<Check> all_checks(Control& control) {
  std::vector<Check> checks = {
      {"delays",
       "known delays: an echo that waits 0.2, 1 and 5 ms, by turns with one that does not",
       run_delays},
      {"stops", "known stops: the service, then the generator, stand still for 200 ms, open loop",
       run_stops},
      {"stops", "the same stop of the service, seen by a closed loop", run_closed_loop},
      {"liars", "a sound service, and the server's own counters",
       [&] { return run_control(control); }}};
  for (const Liar& liar : liars()) {
    checks.push_back({"liars", fmt::format("a service that {}", liar.does),
                      [&] { return run_liar(liar, control); }, &control});
  }
  checks.push_back({"starved", "a generator that gets too little of its core", run_starved});
  checks.push_back(
      {"coverage", "verdicts on claims at the edge, simulated",
       [] { return Rows(find_coverage(simulate_coverage(kSimulatedClaims, kCoverageSeed))); }});
  return checks;
}

// Lines on stderr: what is being done, and what came of it.
class Progress {
 public:
  Progress(std::size_t checks, bool quiet)
      : checks_(checks), quiet_(quiet), colour_(isatty(STDERR_FILENO) != 0) {}

  void begin(const std::string& doing) {
    began_ = clock_.now();
    print(fmt::format("[{:>2}/{}] {} ...", ++number_, checks_, doing));
  }
  void again(Outcome outcome) { print(fmt::format(" {}; again ...", outcome_name(outcome))); }
  void end(Outcome outcome) {
    const char* code = outcome == Outcome::holds ? "32" : outcome == Outcome::fails ? "31" : "33";
    const std::string name(outcome_name(outcome));
    print(fmt::format(" {} ({})\n", colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, name) : name,
                      format_duration(clock_.now() - began_)));
  }
  void give_up() { print("\n"); }

 private:
  void print(const std::string& text) const {
    if (!quiet_) fmt::print(stderr, "{}", text);
  }
  SteadyClock clock_;
  std::size_t checks_, number_ = 0;
  bool quiet_, colour_;
  Instant began_;
};

// What does not hold, or could not be made, is tried again, and then says what came before.
std::vector<CheckRow> try_check(const Check& check, Progress& progress) {
  std::string before;
  const int tries = check.needs == nullptr || check.needs->proven ? kTries : 1;
  for (int attempt = 1;; ++attempt) {
    const Rows made = check.run();
    if (interrupted()) return {};
    std::vector<CheckRow> rows =
        made ? *made : std::vector{not_made(check.doing, made.error().message)};
    const Outcome outcome = outcome_of(rows);
    if (outcome == Outcome::holds || attempt == tries) {
      std::string& note = rows.front().note;
      if (attempt > 1) {
        note += fmt::format("{}Try {} of at most {}; before: {}.", note.empty() ? "" : " ", attempt,
                            kTries, before);
      }
      return rows;
    }
    before += fmt::format("{}{}", before.empty() ? "" : ", ",
                          made ? outcome_name(outcome) : "could not be made");
    progress.again(outcome);
  }
}

}  // namespace

std::vector<std::string> selftest_groups() {
  Control control;
  std::vector<std::string> names;
  for (const Check& check : all_checks(control)) {
    if (names.empty() || names.back() != check.group) names.push_back(check.group);
  }
  return names;
}

int run_selftest(const SelftestOptions& options) {
  const SteadyClock clock;
  const Instant began = clock.now();
  Control control;
  std::vector<Check> checks = all_checks(control);
  std::erase_if(checks, [&](const Check& check) {
    return !options.only.empty() &&
           std::find(options.only.begin(), options.only.end(), check.group) == options.only.end();
  });
  // Without a server no check can be made. The selftest takes no --server, and cannot advise it.
  if (const auto binary = find_nats_server(""); !binary) {
    fmt::print(stderr, "natsproof: {}\n", binary.error().message);
    return kExitStage;
  }
  catch_interrupts();
  Progress progress(checks.size(), options.quiet);
  std::vector<CheckRow> all;
  for (const Check& check : checks) {
    progress.begin(check.doing);
    std::vector<CheckRow> rows = try_check(check, progress);
    if (interrupted()) {
      progress.give_up();
      fmt::print(stderr, "natsproof: interrupted: nothing is shown\n");
      return exit_status(Verdict::invalid);
    }
    progress.end(outcome_of(rows));
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  std::size_t left_out = 0;
  if (!options.only.empty()) {
    const std::vector<std::string> groups = selftest_groups();
    left_out = static_cast<std::size_t>(
        std::count_if(groups.begin(), groups.end(), [&](const std::string& group) {
          return std::find(options.only.begin(), options.only.end(), group) == options.only.end();
        }));
  }
  fmt::print("{}\n{}", render_selftest_table(all, {.colour = isatty(STDOUT_FILENO) != 0}),
             render_conclusion(all, left_out, clock.now() - began));
  return exit_status(all);
}

}  // namespace natsproof

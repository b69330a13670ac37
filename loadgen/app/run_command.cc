#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/random.h"
#include "base/units.h"
#include "loadgen/app/clients.h"
#include "loadgen/app/commands.h"
#include "loadgen/app/keep_account.h"
#include "loadgen/app/plan_of.h"
#include "loadgen/app/provenance.h"
#include "loadgen/engine/repetition.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/progress.h"
#include "loadgen/stage/stage.h"

namespace natsproof {
namespace {

std::atomic<bool> interrupted{false};

// The first signal ends the load and keeps the results; a second one ends us, and our children with
// us.
void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int stage_failed(const std::string& why) {
  fmt::print(stderr, "natsproof: {}\n", why);
  return kExitStage;
}

// Instances that are not ours would answer our requests: on a server that others may use, that
// needs a word from the user.
Result<void> check_foreign_instances(const Plan& plan, const std::vector<ServerAddress>& servers,
                                     bool yes) {
  if (plan.services.empty() || yes) return {};
  if (std::all_of(servers.begin(), servers.end(),
                  [](const ServerAddress& s) { return s.is_loopback(); }))
    return {};
  auto found = find_services(servers, 500ms);
  if (!found) return found.error();
  for (const FoundService& service : *found) {
    for (const std::string& name : services_to_stage(plan)) {
      if (service.name != kServiceNamePrefix + name) continue;
      return Error{
          fmt::format("{} already answers on {} (instance {}): it would share the load with ours. "
                      "Stop it, leave "
                      "`services` out of the plan to use it, or say --yes",
                      service.name, servers.front().display(), service.id)};
    }
  }
  return {};
}

// Before the run, not after it.
Result<void> check_results_folder(const std::string& out) {
  if (out.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (!error && access(out.c_str(), W_OK) == 0) return {};
  return Error{fmt::format("--out {}: cannot write there ({}); nothing was started", out,
                           error ? error.message() : "no permission")};
}

std::string scope_of(const std::vector<ServerAddress>& servers, const Plan& plan, bool staged,
                     unsigned on_cores) {
  const bool loopback =
      std::all_of(servers.begin(), servers.end(), [](const auto& s) { return s.is_loopback(); });
  const std::string share = fmt::format("share {} core{}", on_cores, on_cores == 1 ? "" : "s");
  if (staged)
    return fmt::format("loopback: server, services and generator {}; no network, no remote host",
                       share);
  if (loopback)
    return fmt::format("loopback: the server at {}{} and the generator {}; no network",
                       servers.front().display(), plan.services.empty() ? "" : ", the services",
                       share);
  return fmt::format("over the network to {}; generator on {} core{}{}", servers.front().display(),
                     on_cores, on_cores == 1 ? "" : "s",
                     plan.services.empty() ? "" : ", services beside it");
}

Conditions conditions_of(const Plan& plan, const std::vector<ServerAddress>& servers, bool staged,
                         double time_scale) {
  const Load& load = plan.load;
  const SteadyClock clock;
  const ClockFacts facts = clock_facts(clock);
  Conditions c;
  c.plan_name = plan.name;
  c.about = plan.about;
  c.open_loop = load.model == LoadModel::open;
  c.users = load.users;
  if (c.open_loop) {
    c.schedule = describe_schedule(load);
  } else if (!plan.users.empty() || !load.user_profile.empty()) {
    c.schedule = describe_users(plan);
  }
  if (c.open_loop)
    c.offered =
        Rate{Profile(load.profile).total() / (static_cast<double>(load.duration.count()) * 1e-9)};
  c.client = client_name(plan.client);
  c.pacing = pacing_name(effective_pacing(load, cores()));
  c.workers = load.workers;
  c.connections = load.connections;
  c.planned_repetitions = load.repetitions;
  c.covers = plan.covers;
  c.staged = staged;
  c.loopback =
      std::all_of(servers.begin(), servers.end(), [](const auto& s) { return s.is_loopback(); });
  c.cores = cores();
  c.time_scale = time_scale;
  c.clock_source = facts.source;
  c.clock_resolution = facts.resolution;
  c.scope = scope_of(servers, plan, staged, c.cores);
  c.gate_limits = plan.gates;
  return c;
}

// The progress of the whole run, from that of its repetitions.
class Watcher {
 public:
  Watcher(const Plan& plan, Progress& progress, Stage& stage)
      : plan_(plan), progress_(progress), stage_(stage) {}

  void begin(std::uint32_t repetition) {
    repetition_ = repetition;
    last_sent_ = 0;
    last_elapsed_ = {};
  }
  void watch(const LiveFigures& live) {
    const auto seconds = static_cast<double>((live.elapsed - last_elapsed_).count()) * 1e-9;
    const double rate = seconds > 0 ? static_cast<double>(live.sent - last_sent_) / seconds : 0;
    progress_.update({.repetition = repetition_ + 1,
                      .repetitions = plan_.load.repetitions,
                      .warmup = live.warmup,
                      .elapsed = repetition_ * live.total + std::min(live.elapsed, live.total),
                      .total = plan_.load.repetitions * live.total,
                      .sent_per_s = rate,
                      .sent = live.sent,
                      .failures = live.failures,
                      .in_flight = live.in_flight,
                      .p50 = live.p50,
                      .p99 = live.p99});
    if (seconds >= 0.5) {
      last_sent_ = live.sent;
      last_elapsed_ = live.elapsed;
    }
    note_deaths();
  }
  void note_deaths() {
    for (std::string& death : stage_.deaths()) {
      progress_.note(death);
      deaths_.push_back(std::move(death));
    }
  }
  std::vector<std::string> take_deaths() { return std::exchange(deaths_, {}); }

 private:
  const Plan& plan_;
  Progress& progress_;
  Stage& stage_;
  std::uint32_t repetition_ = 0;
  std::uint64_t last_sent_ = 0;
  Duration last_elapsed_{};
  std::vector<std::string> deaths_;
};

// Fills record.repetitions; an error only where not even the first repetition could begin.
Result<void> run_repetitions(const Plan& plan, Stage& stage, Progress& progress,
                             RunRecord& record) {
  Watcher watcher(plan, progress, stage);
  RepetitionOptions options;
  options.servers = stage.servers();
  options.pacing = effective_pacing(plan.load, cores());
  options.make_transport = [&plan](const Clock& clock) { return make_client(plan.client, clock); };
  if (!stage.monitor().empty()) {
    options.received_by_server = [&stage](const ConnectionRecord& connection) {
      return messages_received_by_server(stage.monitor(), connection.client_id);
    };
  }
  const auto account = keep_account(plan, options);
  options.watch = [&watcher](const LiveFigures& live) { watcher.watch(live); };
  options.interrupted = &interrupted;
  for (std::uint32_t i = 0; i < plan.load.repetitions && !interrupted; ++i) {
    options.seed = mix64(plan.load.seed + i);
    watcher.begin(i);
    auto repetition = run_repetition(plan, options);
    watcher.note_deaths();
    if (!repetition) {
      if (record.repetitions.empty()) return repetition.error();
      record.failure = fmt::format("repetition {} of {} could not begin: {}", i + 1,
                                   plan.load.repetitions, repetition.error().message);
      break;
    }
    for (std::string& death : watcher.take_deaths()) {
      if (record.failure.empty()) record.failure = death;
      repetition->events.push_back(std::move(death));
    }
    const std::string& aborted = repetition->aborted;
    if (!aborted.empty()) {
      // First, for it is what ended the run; a death may be what broke the limit.
      record.failure =
          fmt::format("aborted in repetition {} of {}: {}{}{}", i + 1, plan.load.repetitions,
                      aborted, record.failure.empty() ? "" : "; ", record.failure);
    }
    const bool last = !aborted.empty();
    record.repetitions.push_back(std::move(*repetition));
    if (last) break;
  }
  record.interrupted = interrupted;
  return {};
}

}  // namespace

int run_command(const RunOptions& options) {
  const auto chosen = plan_of(options);
  if (!chosen) return kExitUsage;
  const Plan& plan = chosen->plan;
  auto given = options.server.addresses();
  if (!given) {
    fmt::print(stderr, "natsproof: {}\n", given.error().message);
    return kExitUsage;
  }
  if (!options.subject.empty() && given->empty()) {
    fmt::print(stderr,
               "natsproof: --subject {} needs --server: a server that starts here has nobody to "
               "answer it\n",
               options.subject);
    return kExitUsage;
  }
  if (auto writable = check_results_folder(options.out); !writable) {
    fmt::print(stderr, "natsproof: {}\n", writable.error().message);
    return kExitUsage;
  }
  if (!options.quiet) fmt::print(stderr, "{}", describe_plan(plan, true));

  catch_interrupts();
  const bool staged = given->empty();
  if (!staged) {
    if (auto answer = check_servers(*given); !answer) return stage_failed(answer.error().message);
  }
  if (auto foreign = check_foreign_instances(plan, *given, options.yes); !foreign)
    return stage_failed(foreign.error().message);
  auto stage = Stage::set({.services = services_to_stage(plan),
                           .service_client = std::string(client_name(plan.service_client)),
                           .instances = plan.instances,
                           .inline_neighbours = plan.inline_neighbours,
                           .work = plan.work,
                           .faults = plan.faults,
                           .own_server = staged,
                           .servers = *given});
  if (!stage) return stage_failed(stage.error().message);

  RunRecord record;
  record.conditions = conditions_of(plan, (*stage)->servers(), staged, chosen->time_scale);
  record.plan_yaml = write_plan_yaml(plan);
  record.claims = plan.claims;
  record.provenance = provenance(options.command_line);
  record.provenance["seed"] = std::to_string(plan.load.seed);
  record.platform = platform();

  Progress progress(stderr, isatty(STDERR_FILENO) != 0, options.quiet);
  const auto ran = run_repetitions(plan, **stage, progress, record);
  progress.finish();
  if (!ran) return stage_failed(ran.error().message);
  stage->reset();  // nothing of ours runs on while the report is read

  if (record.repetitions.empty()) {
    fmt::print(stderr, "natsproof: interrupted before anything was measured\n");
    return exit_status(Verdict::invalid);
  }
  const Judgement judgement = judge(record);
  const std::string folder =
      options.out.empty() ? results_folder(record.repetitions.front().started_utc_ms, plan.name)
                          : options.out;
  // Saved first: whoever reads the report may stop reading.
  const auto written = write_results(folder, record, judgement);
  fmt::print("{}",
             render_console_report(record, judgement, {.colour = isatty(STDOUT_FILENO) != 0}));
  std::fflush(stdout);
  if (!written) return stage_failed(written.error().message);
  if (!options.quiet)
    fmt::print(stderr, "Saved in {}; `natsproof report {}` prints this again.\n", folder, folder);
  return exit_status(judgement.verdict);
}

}  // namespace natsproof

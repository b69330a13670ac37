#include "loadgen/app/run_plan.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/random.h"
#include "base/units.h"
#include "loadgen/app/clients.h"
#include "loadgen/app/keep_account.h"
#include "loadgen/app/plan_of.h"
#include "loadgen/app/provenance.h"
#include "loadgen/app/watch_resources.h"
#include "loadgen/engine/load_source.h"
#include "loadgen/engine/repetition.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/sweep.h"
#include "loadgen/report/progress.h"
#include "loadgen/stage/stage.h"

namespace natsproof {
namespace {

std::atomic<bool> signalled{false};

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

// Those that the repetitions sat on.
std::vector<ServerRecord> servers_used(const RunRecord& record) {
  std::vector<ServerRecord> used;
  for (const Repetition& repetition : record.repetitions) {
    for (const ServerRecord& server : repetition.servers) {
      if (std::none_of(used.begin(), used.end(),
                       [&](const ServerRecord& other) { return other.id == server.id; }))
        used.push_back(server);
    }
  }
  return used;
}

// `nats://127.0.0.1:4222 (nats-server 2.9.10)`; a name only where the server was given one.
std::string server_text(const ServerRecord& server) {
  std::string known = server.version.empty() ? "" : "nats-server " + server.version;
  if (!server.name.empty() && server.name != server.id)
    known += fmt::format("{}named {}", known.empty() ? "" : ", ", server.name);
  return known.empty() ? server.url : fmt::format("{} ({})", server.url, known);
}

std::string servers_text(const std::vector<ServerRecord>& servers) {
  constexpr std::size_t kMostNamed = 3;
  std::string text = servers.size() == 1 ? "the server at " : "the servers at ";
  for (std::size_t i = 0; i < std::min(servers.size(), kMostNamed); ++i) {
    const bool is_last = i + 1 == servers.size();
    text += (i == 0 ? "" : is_last ? " and " : ", ") + server_text(servers[i]);
  }
  if (servers.size() > kMostNamed) text += fmt::format(" and {} more", servers.size() - kMostNamed);
  return text;
}

bool are_loopback(const std::vector<ServerRecord>& servers) {
  return std::all_of(servers.begin(), servers.end(), [](const ServerRecord& server) {
    const auto address = parse_server_address(server.url);
    return address && address->is_loopback();
  });
}

std::string scope_of(const std::vector<ServerRecord>& servers, const Plan& plan, bool staged,
                     unsigned on_cores) {
  const std::string share = fmt::format("share {} core{}", on_cores, on_cores == 1 ? "" : "s");
  if (staged)
    return fmt::format("loopback: server, services and generator {}; no network, no remote host",
                       share);
  if (are_loopback(servers))
    return fmt::format("loopback: {}{} and the generator {}; no network", servers_text(servers),
                       plan.services.empty() ? "" : ", the services", share);
  return fmt::format("over the network to {}; generator on {} core{}{}", servers_text(servers),
                     on_cores, on_cores == 1 ? "" : "s",
                     plan.services.empty() ? "" : ", services beside it");
}

// What is staged, and how it differs from the plain services.
std::string services_text(const Plan& plan) {
  const std::vector<std::string> staged = services_to_stage(plan);
  if (staged.empty()) return {};
  std::string text =
      fmt::format("services {} on {}", fmt::join(staged, ", "), client_name(plan.service_client));
  if (plan.instances > 1) text += fmt::format(", {} instances of each", plan.instances);
  if (plan.inline_neighbours) text += "; orders asks its neighbours in process";
  for (const auto& [service, spec] : plan.work)
    text += fmt::format("; work of {}: {}", service, spec);
  for (const auto& [service, spec] : plan.faults)
    text += fmt::format("; faults of {}: {}", service, spec);
  return text;
}

// The scope and the servers are found when they are used: record_servers().
Conditions conditions_of(const Plan& plan, const std::string& title, bool staged,
                         double time_scale) {
  const Load& load = plan.load;
  const SteadyClock clock;
  const ClockFacts facts = clock_facts(clock);
  Conditions c;
  c.plan_name = title;
  c.about = plan.about;
  c.open_loop = load.model == LoadModel::open;
  c.users = load.users;
  if (c.open_loop) {
    c.schedule = describe_schedule(load);
    c.offered = offered_rate(load);
  } else if (!plan.users.empty() || !load.user_profile.empty()) {
    c.schedule = describe_users(plan);
  }
  c.client = client_name(plan.client);
  c.services = services_text(plan);
  c.pacing = pacing_name(effective_pacing(load, cores()));
  c.workers = load.workers;
  c.connections = load.connections;
  c.planned_repetitions = load.repetitions;
  c.covers = plan.covers;
  c.staged = staged;
  c.cores = cores();
  c.time_scale = time_scale;
  c.clock_source = facts.source;
  c.clock_resolution = facts.resolution;
  c.gate_limits = plan.gates;
  return c;
}

StageOptions stage_options(const Plan& plan, const std::vector<ServerAddress>& servers) {
  return {.services = services_to_stage(plan),
          .service_client = std::string(client_name(plan.service_client)),
          .instances = plan.instances,
          .inline_neighbours = plan.inline_neighbours,
          .work = plan.work,
          .faults = plan.faults,
          .own_server = servers.empty(),
          .servers = servers};
}

// Whether one stage serves both: all that stage_options() takes of a plan is the same.
bool one_stage_serves(const Plan& a, const Plan& b) {
  return services_to_stage(a) == services_to_stage(b) && a.service_client == b.service_client &&
         a.instances == b.instances && a.inline_neighbours == b.inline_neighbours &&
         a.work == b.work && a.faults == b.faults;
}

// The progress of the whole series, from that of its repetitions.
class Watcher {
 public:
  Watcher(Progress& progress, std::uint32_t repetitions, Duration total)
      : progress_(progress), repetitions_(repetitions), total_(total) {}

  void begin(const std::string& point, Stage& stage, bool tracing = false) {
    point_ = point;
    tracing_ = tracing;
    stage_ = &stage;
    last_sent_ = 0;
    last_elapsed_ = {};
  }
  void watch(const LiveFigures& live) {
    const auto seconds = static_cast<double>((live.elapsed - last_elapsed_).count()) * 1e-9;
    const double rate = seconds > 0 ? static_cast<double>(live.sent - last_sent_) / seconds : 0;
    progress_.update({.repetition = ended_ + 1,
                      .repetitions = repetitions_,
                      .of = point_,
                      .warmup = live.warmup,
                      .tracing = tracing_,
                      .elapsed = before_ + std::min(live.elapsed, live.total),
                      .total = total_,
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
    for (std::string& death : stage_->deaths()) {
      progress_.note(death);
      deaths_.push_back(std::move(death));
    }
  }
  std::vector<std::string> take_deaths() { return std::exchange(deaths_, {}); }
  // A repetition of that length is over, or will not be run.
  void end(Duration length) {
    ++ended_;
    before_ += length;
  }

 private:
  Progress& progress_;
  std::uint32_t repetitions_;
  Duration total_;
  std::string point_;
  bool tracing_ = false;
  Stage* stage_ = nullptr;
  std::uint32_t ended_ = 0;
  Duration before_{};  // of the repetitions that are over
  std::uint64_t last_sent_ = 0;
  Duration last_elapsed_{};
  std::vector<std::string> deaths_;
};

Duration length_of(const Plan& plan) {
  return warmup_with_spawning(plan.load) + plan.load.duration;
}

class Rounds {
 public:
  Rounds(std::vector<PlanRun>& plans, const RunSurroundings& surroundings)
      : plans_(plans),
        surroundings_(surroundings),
        one_stage_(staged_alike(plans)),
        given_up_(plans.size()),
        progress_(stderr, isatty(STDERR_FILENO) != 0, surroundings.quiet),
        watcher_(progress_, rounds() * static_cast<std::uint32_t>(plans.size()), total()) {}

  void run() {
    for (std::uint32_t round = 0; round < rounds(); ++round) {
      for (const std::size_t i : order_of_round(plans_.size(), round)) {
        if (signalled) return;
        if (!given_up_[i]) run_repetition_of(i, round);
        watcher_.end(length_of(plans_[i].plan));
      }
    }
    for (PlanRun& run : plans_) {
      if (run.plan.trace && !run.record.repetitions.empty()) trace(run);
    }
  }

  // Afterwards: which of them the signal cut short. A traced repetition is not judged, and a run
  // whose other ones are complete is not cut short without it.
  void mark_interrupted() {
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      RunRecord& record = plans_[i].record;
      const bool cut = std::any_of(record.repetitions.begin(), record.repetitions.end(),
                                   [](const Repetition& r) { return r.interrupted; });
      record.interrupted =
          cut || (signalled && !given_up_[i] && record.repetitions.size() < rounds());
    }
  }

 private:
  [[nodiscard]] std::uint32_t rounds() const { return plans_.front().plan.load.repetitions; }
  [[nodiscard]] Duration total() const {
    Duration all{};
    for (const PlanRun& run : plans_) all += planned_length(run.plan);
    return all;
  }

  // What becomes of it is told in the trace alone: it is not judged.
  void trace(PlanRun& run) {
    TraceSamples samples;
    Repetition traced;
    const std::string failure = run_traced(run, samples, traced);
    watcher_.end(length_of(run.plan));
    if (failure.empty()) {
      run.record.trace = trace_record(samples, traced, run.record);
    } else {
      run.record.trace = TraceRecord{.tasks = {}, .not_available = failure};
    }
  }
  // Why there is nothing; empty: there is.
  std::string run_traced(PlanRun& run, TraceSamples& samples, Repetition& traced) {
    if (signalled) return "the run was interrupted before the traced repetition began";
    if (!run.record.failure.empty()) return "the run had failed before it began";
    if (auto set = set_stage(run.plan); !set) return set.error().message;
    watcher_.begin(run.point, *stage_, true);
    RepetitionOptions options = options_for(run.plan, rounds());
    options.watch = [this](const LiveFigures& live) { watcher_.watch(live); };
    options.trace = &samples;
    auto repetition = run_repetition(run.plan, options);
    watcher_.note_deaths();
    const std::vector<std::string> deaths = watcher_.take_deaths();
    if (plans_.size() > 1 && !deaths.empty()) stage_.reset();
    if (!repetition) return repetition.error().message;
    if (!deaths.empty()) return deaths.front();
    if (repetition->interrupted) return "the traced repetition was interrupted";
    if (!repetition->aborted.empty()) return "aborted: " + repetition->aborted;
    if (!repetition->failure.empty()) return repetition->failure;
    traced = std::move(*repetition);
    return {};
  }

  void run_repetition_of(std::size_t i, std::uint32_t index) {
    PlanRun& run = plans_[i];
    if (auto set = set_stage(run.plan); !set) return give_up(i, index, set.error().message);
    if (index == 0) begin_record(run);
    watcher_.begin(run.point, *stage_);
    RepetitionOptions options = options_for(run.plan, index);
    const auto account = keep_account(run.plan, stage_->ledger_file(), options);
    const auto resources = watch_resources(run.plan, *stage_, seen_, options);
    auto repetition = run_repetition(run.plan, options);
    if (repetition) resources->finish(*repetition);
    watcher_.note_deaths();
    std::vector<std::string> deaths = watcher_.take_deaths();
    // Another plan is not to be measured on what is left of a stage.
    const bool worn = !repetition || !deaths.empty() || !repetition->aborted.empty() ||
                      !repetition->failure.empty();
    if (plans_.size() > 1 && worn) stage_.reset();
    if (!repetition) return give_up(i, index, repetition.error().message);
    for (std::string& death : deaths) {
      if (run.record.failure.empty()) run.record.failure = death;
      repetition->events.push_back(std::move(death));
    }
    if (!repetition->failure.empty()) {
      run.record.failure =
          fmt::format("repetition {} of {}: {}", index + 1, rounds(), repetition->failure);
      given_up_[i] = true;
    }
    if (!repetition->aborted.empty()) {
      // First, for it is what ended the run; a death may be what broke the limit.
      std::string& failure = run.record.failure;
      failure = fmt::format("aborted in repetition {} of {}: {}{}{}", index + 1, rounds(),
                            repetition->aborted, failure.empty() ? "" : "; ", failure);
      given_up_[i] = true;
    }
    // Two significant digits are enough for the gate that reads it, and with three it would be a
    // third of the histograms in the file.
    for (TaskRecord& task : repetition->tasks) task.send_lag = task.send_lag.coarse();
    run.record.repetitions.push_back(std::move(*repetition));
    record_servers(run);
  }

  // What the connections really sat on, of all servers that were given or found.
  void record_servers(PlanRun& run) {
    for (ServerRecord& server : run.record.repetitions.back().servers) complete(server);
    Conditions& conditions = run.record.conditions;
    const std::vector<ServerRecord> used = servers_used(run.record);
    conditions.loopback = are_loopback(used);
    conditions.scope = scope_of(used, run.plan, conditions.staged, conditions.cores);
  }

  // nats.c does not tell a server's name and version; the wire client asks it once.
  void complete(ServerRecord& server) {
    if (!server.version.empty()) return;
    const auto [known, is_new] = known_servers_.try_emplace(server.id);
    if (is_new) {
      if (auto address = parse_server_address(server.url)) {
        const ServerAddress& login = stage_->servers().front();
        address->user = login.user;
        address->password = login.password;
        address->token = login.token;
        known->second = server_info_of(*address);
      }
    }
    // Behind one address there may be several.
    if (known->second.id != server.id) return;
    server.name = known->second.name;
    server.version = known->second.version;
  }

  // The plan's stage: the one that stands, where that serves it.
  Result<void> set_stage(const Plan& plan) {
    if (!one_stage_) stage_.reset();
    if (stage_) return {};
    if (auto foreign = check_foreign_instances(plan, surroundings_.servers, surroundings_.yes);
        !foreign)
      return foreign;
    auto stage = Stage::set(stage_options(plan, surroundings_.servers));
    if (!stage) return stage.error();
    stage_ = std::move(*stage);
    return {};
  }

  // A repetition could not begin: those after it are not tried.
  void give_up(std::size_t i, std::uint32_t index, const std::string& why) {
    PlanRun& run = plans_[i];
    given_up_[i] = true;
    if (run.record.repetitions.empty()) {
      run.not_begun = why;
    } else {
      run.record.failure =
          fmt::format("repetition {} of {} could not begin: {}", index + 1, rounds(), why);
    }
    if (plans_.size() > 1) progress_.note(fmt::format("{}: {}", run.point, why));
  }

  void begin_record(PlanRun& run) {
    RunRecord& record = run.record;
    record.conditions =
        conditions_of(run.plan, run.title, surroundings_.servers.empty(), run.time_scale);
    record.plan_yaml = write_plan_yaml(run.plan);
    record.claims = run.plan.claims;
    record.provenance = surroundings_.provenance;
    record.provenance["seed"] = std::to_string(run.plan.load.seed);
    record.platform = surroundings_.platform;
  }

  RepetitionOptions options_for(const Plan& plan, std::uint32_t index) {
    RepetitionOptions options;
    options.servers = stage_->servers();
    options.seed = mix64(plan.load.seed + index);
    options.pacing = effective_pacing(plan.load, cores());
    options.make_transport = [&plan](const Clock& clock) {
      return make_client(plan.client, clock);
    };
    if (!stage_->monitor().empty()) {
      options.received_by_server = [this](const ConnectionRecord& connection) {
        return messages_received_by_server(stage_->monitor(), connection.client_id);
      };
    }
    options.watch = [this](const LiveFigures& live) {
      watcher_.watch(live);
      if (surroundings_.watch) surroundings_.watch(*stage_, live);
    };
    options.interrupted = &signalled;
    return options;
  }

  std::vector<PlanRun>& plans_;
  const RunSurroundings& surroundings_;
  bool one_stage_;
  std::vector<bool> given_up_;  // of each: no further repetition is tried
  std::unique_ptr<Stage> stage_;
  SeenProcesses seen_;
  std::map<std::string, ServerInfo> known_servers_;  // by id
  Progress progress_;
  Watcher watcher_;
};

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { signalled = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return signalled;
}

bool staged_alike(const std::vector<PlanRun>& plans) {
  return std::all_of(plans.begin(), plans.end(), [&](const PlanRun& run) {
    return one_stage_serves(run.plan, plans.front().plan);
  });
}

void run_plans(std::vector<PlanRun>& plans, const RunSurroundings& surroundings) {
  Rounds rounds(plans, surroundings);
  rounds.run();
  rounds.mark_interrupted();
}

}  // namespace natsproof

#include "loadgen/app/watch_resources.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/units.h"
#include "loadgen/engine/load_source.h"
#include "loadgen/platform/process_sampler.h"
#include "loadgen/stage/server_figures.h"

namespace natsproof {
namespace {

constexpr Duration kEvery = 1s;
constexpr Duration kNearEnd = 150ms;  // more than a watch's pause: the last one is within it
constexpr Duration kYoung = 1min;     // longer than any stage takes to stand

Duration to_ms(Duration time) {
  return std::chrono::round<std::chrono::milliseconds>(time);
}

std::uint64_t to_kib(std::uint64_t bytes) {
  return bytes / 1024 * 1024;
}

// A server that others have started, where it runs on this host.
Result<std::vector<SampledProcess>> find_servers(const std::vector<ServerAddress>& servers) {
  std::vector<SampledProcess> found;
  for (const ServerAddress& server : servers) {
    if (!server.is_loopback())
      return Error{
          fmt::format("the server at {} is not on this host: only this host's processes "
                      "can be sampled",
                      server.display())};
    auto process = find_listener(server.port);
    if (!process) return process.error();
    if (process->name.find("nats") == std::string::npos)
      return Error{
          fmt::format("port {} is held by `{}` (pid {}), which is not known to be the "
                      "server itself",
                      server.port, process->name, process->pid)};
    const bool is_new = std::none_of(found.begin(), found.end(), [&](const SampledProcess& other) {
      return other.pid == process->pid;
    });
    if (is_new) found.push_back(*std::move(process));
  }
  return found;
}

// The processes of a role, or why they are not known.
Result<std::vector<SampledProcess>> processes_of(const char* role, Stage& stage) {
  const std::string_view of = role;
  if (of == kGeneratorRole) return std::vector<SampledProcess>{{"natsproof", ::getpid()}};
  std::vector<SampledProcess> staged;
  for (Stage::Process& process : stage.processes()) {
    if (process.role == role) staged.push_back({std::move(process.name), process.pid});
  }
  if (!staged.empty()) return staged;
  if (of == kServerRole) return find_servers(stage.servers());
  return Error{"not started by this run, so not sampled"};
}

// One role's sampling.
struct Sampled {
  ResourceRecord record;
  std::optional<ProcessSampler> sampler;
};

class Watch final : public ResourceWatch {
 public:
  Watch(const Plan& plan, Stage& stage, SeenProcesses& seen)
      : warmup_(warmup_with_spawning(plan.load)), total_(warmup_ + plan.load.duration) {
    for (const char* role : {kServerRole, kServicesRole, kGeneratorRole})
      roles_.push_back(begin(role, stage, seen));
    ResourceRecord& server = roles_.front().record;
    if (stage.monitor().empty()) {
      server.server_silent = "its monitoring port is not known";
    } else {
      figures_.emplace(stage.monitor());
    }
  }

  void look(const LiveFigures& live) {
    const Instant now = clock_.now();
    start_ = started_ ? std::min(start_, now - live.elapsed) : now - live.elapsed;
    started_ = true;
    const bool begins = !begun_ && live.elapsed >= warmup_;
    const bool ends = !ended_ && live.elapsed + kNearEnd >= total_;
    if (ended_ || (live.elapsed < next_ && !begins && !ends)) return;
    begun_ |= begins;
    ended_ = live.elapsed >= total_;
    next_ = (live.elapsed / kEvery + 1) * kEvery;
    for (Sampled& role : roles_) sample(role);
    if (figures_) ask_server();
  }

  void finish(Repetition& repetition) override {
    use_varz(roles_.front().record);
    note_slow_consumers(repetition);
    for (Sampled& role : roles_) repetition.resources.push_back(std::move(role.record));
  }

 private:
  static Sampled begin(const char* role, Stage& stage, SeenProcesses& seen) {
    Sampled sampled;
    sampled.record.of = role;
    auto processes = processes_of(role, stage);
    if (!processes) {
      sampled.record.not_available = processes.error().message;
      return sampled;
    }
    auto sampler = ProcessSampler::open(*std::move(processes));
    if (!sampler) {
      sampled.record.not_available = sampler.error().message;
      return sampled;
    }
    sampled.record.processes = sampler->size();
    sampled.record.names = sampler->names();
    const bool is_new = seen.insert(role + (": " + sampler->names())).second;
    const auto age = sampler->age_of_youngest();
    sampled.record.fresh = is_new && age && *age < kYoung;
    sampled.sampler = *std::move(sampler);
    return sampled;
  }

  void sample(Sampled& role) {
    if (!role.sampler || role.record.samples.size() >= kMostResourceSamples) return;
    auto sample = role.sampler->sample();
    const Duration at = to_ms(clock_.now() - start_);
    if (!sample) {
      role.sampler.reset();
      std::string& why =
          role.record.samples.empty() ? role.record.not_available : role.record.ended;
      why = sample.error().message;
      return;
    }
    sample->at = at;
    sample->cpu = to_ms(sample->cpu);
    sample->resident_bytes = to_kib(sample->resident_bytes);
    role.record.samples.push_back(*sample);
  }

  void ask_server() {
    ResourceRecord& server = roles_.front().record;
    auto says = figures_->ask();
    if (!says) {
      // Asked no more in this repetition: every question may cost the watch its patience.
      server.server_silent = says.error().message;
      figures_.reset();
      return;
    }
    if (server.server_says.size() >= kMostResourceSamples) return;
    says->at = to_ms(clock_.now() - start_);
    says->cpu_share = std::round(says->cpu_share * 1000) / 1000;
    says->resident_bytes = to_kib(says->resident_bytes);
    server.server_says.push_back(*says);
  }

  // Where /proc does not tell of the server, it is believed itself.
  static void use_varz(ResourceRecord& server) {
    if (!server.samples.empty() || server.server_says.size() < 2) return;
    server.samples = samples_of(server.server_says);
    server.by_varz = true;
    server.processes = 1;
    server.names = fmt::format("as it says itself (/varz); {}", server.not_available);
    server.not_available.clear();
  }

  void note_slow_consumers(Repetition& repetition) {
    const auto& says = roles_.front().record.server_says;
    if (says.empty() || says.back().slow_consumers <= says.front().slow_consumers) return;
    const auto first = std::find_if(says.begin(), says.end(), [&](const ServerSample& sample) {
      return sample.slow_consumers > says.front().slow_consumers;
    });
    repetition.events.push_back(
        fmt::format("+{:.3f} s: nats-server counts slow consumers: {} more by the repetition's end",
                    to_seconds(first->at),
                    format_count(says.back().slow_consumers - says.front().slow_consumers)));
  }

  SteadyClock clock_;
  Duration warmup_, total_;
  std::vector<Sampled> roles_;  // the server first
  std::optional<ServerFigures> figures_;
  bool started_ = false, begun_ = false, ended_ = false;
  Instant start_{};  // the repetition's: the earliest that any watch said
  Duration next_{};
};

}  // namespace

std::unique_ptr<ResourceWatch> watch_resources(const Plan& plan, Stage& stage, SeenProcesses& seen,
                                               RepetitionOptions& options) {
  auto watch = std::make_unique<Watch>(plan, stage, seen);
  options.watch = [own = watch.get(), next = options.watch](const LiveFigures& live) {
    own->look(live);
    if (next) next(live);
  };
  return watch;
}

}  // namespace natsproof

#include "loadgen/measure/waterfall.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace natsproof {
namespace {

enum Part : std::size_t {
  kLag,
  kOut,
  kThere,
  kElsewhere,
  kQueueing,
  kDecode,
  kValidate,
  kWork,
  kEncode,
  kBack,
  kIn,
  kUnexplained,
};
constexpr std::size_t kParts = kUnexplained + 1;
constexpr std::array<std::string_view, kParts> kPartNames = {"generator lag",
                                                             "client out",
                                                             "on the way there",
                                                             "elsewhere",
                                                             "queueing in the service",
                                                             "decode",
                                                             "validate",
                                                             "work",
                                                             "encode",
                                                             "on the way back",
                                                             "client in",
                                                             "not explained"};
constexpr std::string_view kInjected = "injected (work, faults)";
constexpr std::string_view kOwn = "own";

// From instant to instant, each in order after the one before and before the end.
class Walk {
 public:
  Walk(Instant start, Instant end) : at_(start), end_(std::max(start, end)), start_(start) {}

  // How long the part took; nothing where one of its ends is not known.
  std::optional<Duration> step(Part part, std::optional<Instant> to) {
    if (!to || *to < at_ || *to > end_) {
      known_ = false;
      return std::nullopt;
    }
    const bool explained = std::exchange(known_, true);
    const Duration took = *to - std::exchange(at_, *to);
    times_[explained ? part : kUnexplained] += took;
    if (!explained) return std::nullopt;
    told_[part] = true;
    return took;
  }
  [[nodiscard]] Instant at() const { return at_; }
  [[nodiscard]] bool known() const { return known_; }

  // REQUIRES: the last step was to the end.
  void finish(RequestParts& to, const std::vector<RequestParts::Part>& in_work) {
    told_[kUnexplained] = true;
    to.total = end_ - start_;
    for (std::size_t part = 0; part < kParts; ++part) {
      if (!told_[part]) continue;
      to.parts.push_back({kPartNames[part], 0, times_[part]});
      if (part == kWork) to.parts.insert(to.parts.end(), in_work.begin(), in_work.end());
    }
  }

 private:
  Instant at_;
  const Instant end_, start_;
  bool known_ = true;  // at_ is where the next part begins
  std::array<Duration, kParts> times_{};
  std::array<bool, kParts> told_{};
};

void add_to(std::vector<RequestParts::Part>& parts, std::string_view name, Duration time) {
  const auto found = std::find_if(parts.begin(), parts.end(), [&](const RequestParts::Part& part) {
    return part.name == name;
  });
  if (found != parts.end()) {
    found->time += time;
  } else {
    parts.push_back({name, 1, time});
  }
}

// What of a stretch of work was spent in calls. Time in several at once counts for the one that
// began first.
Duration add_calls(const TraceStamps& stamps, Instant from, Instant to,
                   std::vector<RequestParts::Part>& parts) {
  std::array<const TraceCall*, TraceStamps::kMostCalls> calls{};
  for (std::size_t i = 0; i < stamps.call_count; ++i) calls[i] = &stamps.calls[i];
  const auto end = calls.begin() + static_cast<std::ptrdiff_t>(stamps.call_count);
  std::stable_sort(calls.begin(), end,
                   [](const TraceCall* a, const TraceCall* b) { return a->begun < b->begun; });
  const Instant began = from;
  Duration in_calls{};
  for (auto call = calls.begin(); call != end; ++call) {
    const Instant begun = std::clamp((*call)->begun, from, to);
    const Instant ended = std::clamp((*call)->ended, begun, to);
    add_to(parts, (*call)->name(), ended - begun);
    in_calls += ended - begun;
    from = ended;
  }
  return (to - began) - in_calls;
}

// The service's own stages, from its receipt to its last stamp.
void walk_service(const TraceStamps& stamps, Walk& walk, std::vector<RequestParts::Part>& in_work) {
  Duration injected{}, own{};
  bool was_injected = false;
  const auto inject = [&](std::optional<Instant> until) {
    if (!until) return;
    const auto took = walk.step(kWork, until);
    injected += took.value_or(Duration::zero());
    was_injected = was_injected || took;
  };
  walk.step(kQueueing, stamps.at(TraceStage::begun));
  inject(stamps.at(TraceStage::handled));
  // An endpoint whose requests are no messages has neither.
  if (stamps.at(TraceStage::decoded) || stamps.at(TraceStage::validated)) {
    walk.step(kDecode, stamps.at(TraceStage::decoded));
    walk.step(kValidate, stamps.at(TraceStage::validated));
  }
  const Instant from = walk.at();
  if (const auto work = walk.step(kWork, stamps.at(TraceStage::answered)))
    own = add_calls(stamps, from, walk.at(), in_work);
  if (stamps.at(TraceStage::encoded)) walk.step(kEncode, stamps.at(TraceStage::encoded));
  inject(stamps.at(TraceStage::released));
  if (was_injected) in_work.push_back({kInjected, 1, injected});
  in_work.push_back({kOwn, 1, own});
}

// The parts of several requests, added up by name and depth in the order of the way.
class Sum {
 public:
  void add(const RequestParts& request) {
    ++requests_;
    total_ += static_cast<double>(request.total.count());
    for (const RequestParts::Part& part : request.parts) {
      if (part.depth == 0) {
        const auto at = static_cast<std::size_t>(
            std::find(kPartNames.begin(), kPartNames.end(), part.name) - kPartNames.begin());
        add(of_way_[at], part);
      } else {
        add(in_work_of(part.name), part);
      }
    }
  }
  // The same parts in the same order, without time: where groups begin from them, they have the
  // same ones, whatever calls their own requests made, and in which order.
  [[nodiscard]] Sum emptied() const {
    Sum empty;
    for (std::size_t part = 0; part < kParts; ++part) empty.of_way_[part].told = of_way_[part].told;
    for (const InWork& part : in_work_) empty.in_work_of(part.name).told = true;
    return empty;
  }

  void write(TraceGroup& to) const {
    to.requests = requests_;
    to.total_ns = mean(total_);
    for (std::size_t part = 0; part < kParts; ++part) {
      if (!of_way_[part].told) continue;
      to.parts.push_back({std::string(kPartNames[part]), 0, mean(of_way_[part].ns)});
      if (part == kWork) write_work(to);
    }
  }

 private:
  struct Time {
    double ns = 0;
    bool told = false;
  };
  struct InWork : Time {
    std::string name;
  };
  // Whoever answers may name what he likes.
  static constexpr std::size_t kMostInWork = 24;
  static constexpr std::string_view kOtherCalls = "other calls";

  static void add(Time& to, const RequestParts::Part& part) {
    to.ns += static_cast<double>(part.time.count());
    to.told = true;
  }
  Time& in_work_of(std::string_view name) {
    const auto named = [&](std::string_view wanted) {
      return std::find_if(in_work_.begin(), in_work_.end(),
                          [&](const InWork& part) { return part.name == wanted; });
    };
    if (const auto found = named(name); found != in_work_.end()) return *found;
    const bool ours = name == kInjected || name == kOwn;
    if (in_work_.size() >= kMostInWork && !ours) {
      name = kOtherCalls;
      if (const auto found = named(name); found != in_work_.end()) return *found;
    }
    InWork part;
    part.name = name;
    in_work_.push_back(std::move(part));
    return in_work_.back();
  }
  // Calls in the order in which they were first seen; then what was injected, and the rest.
  void write_work(TraceGroup& to) const {
    if (in_work_.size() < 2) return;  // all of it is its own
    const auto write_if = [&](auto wanted) {
      for (const InWork& part : in_work_)
        if (wanted(part.name)) to.parts.push_back({part.name, 1, mean(part.ns)});
    };
    write_if([](const std::string& name) { return name != kInjected && name != kOwn; });
    write_if([](const std::string& name) { return name == kInjected; });
    write_if([](const std::string& name) { return name == kOwn; });
  }
  [[nodiscard]] double mean(double sum) const {
    return requests_ == 0 ? 0 : sum / static_cast<double>(requests_);
  }

  std::uint64_t requests_ = 0;
  double total_ = 0;
  std::array<Time, kParts> of_way_{};
  std::vector<InWork> in_work_;
};

TraceGroup group_named(const char* name, double from, double to) {
  return {.name = name, .from_quantile = from, .to_quantile = to};
}

Duration median(const Histogram& service) {
  return service.empty() ? Duration::zero() : service.value_at(Quantile{0.5});
}

}  // namespace

RequestParts parts_of(const TracedRequest& request, bool open_loop) {
  RequestParts parts;
  std::vector<RequestParts::Part> in_work;
  Walk walk(open_loop ? request.intended : request.sent, request.verified);
  if (open_loop) walk.step(kLag, request.sent);
  if (request.stamps) {
    const TraceStamps& stamps = *request.stamps;
    const std::optional<Instant> arrived = stamps.at(TraceStage::received);
    // Where both run at once, the service may have it before the write returns.
    walk.step(kOut,
              arrived && request.flushed ? std::min(*request.flushed, *arrived) : request.flushed);
    walk.step(kThere, arrived);
    walk_service(stamps, walk, in_work);
    walk.step(kBack, request.received);
  } else {
    walk.step(kOut, request.flushed);
    walk.step(kElsewhere, request.received);
  }
  walk.step(kIn, request.verified);
  walk.finish(parts, in_work);
  return parts;
}

std::uint64_t requests_needed(const TraceGroup& group) {
  constexpr double kFewest = 10;
  return static_cast<std::uint64_t>(
      std::llround(kFewest / (group.to_quantile - group.from_quantile)));
}

std::vector<TraceGroup> trace_groups(const std::vector<const TracedRequest*>& requests,
                                     bool open_loop) {
  std::vector<RequestParts> all;
  all.reserve(requests.size());
  for (const TracedRequest* request : requests) all.push_back(parts_of(*request, open_loop));
  std::stable_sort(all.begin(), all.end(),
                   [](const RequestParts& a, const RequestParts& b) { return a.total < b.total; });
  std::vector<TraceGroup> groups = {group_named("typical", 0.45, 0.55),
                                    group_named("slow", 0.985, 0.995)};
  const auto n = static_cast<double>(all.size());
  const auto add_group = [&](const TraceGroup& group, Sum& sum) {
    if (all.size() < requests_needed(group)) return;
    const auto from = static_cast<std::size_t>(std::lround(group.from_quantile * n));
    const auto to = static_cast<std::size_t>(std::lround(group.to_quantile * n));
    for (std::size_t i = from; i < to; ++i) sum.add(all[i]);
  };
  Sum together;
  for (const TraceGroup& group : groups) add_group(group, together);
  for (TraceGroup& group : groups) {
    if (all.size() < requests_needed(group)) continue;
    Sum sum = together.emptied();
    add_group(group, sum);
    sum.write(group);
  }
  return groups;
}

TraceRecord trace_record(const TraceSamples& samples, const Repetition& traced,
                         const RunRecord& judged) {
  TraceRecord record;
  const std::vector<TaskRecord>& tasks = judged.repetitions.front().tasks;
  for (std::size_t task = 0; task < samples.ok.size() && task + 1 < tasks.size(); ++task) {
    TracedTask of{.name = tasks[task + 1].name, .ok = samples.ok[task]};
    std::vector<const TracedRequest*> stamped, plain;
    for (const TracedRequest& request : samples.requests) {
      if (request.task != task) continue;
      (request.stamps ? stamped : plain).push_back(&request);
      of.other_host += request.state == StampState::other_host;
      of.unreadable += request.state == StampState::unreadable;
    }
    of.traced = stamped.size();
    of.untraced = plain.size();
    of.groups = trace_groups(stamped.empty() ? plain : stamped, judged.conditions.open_loop);
    record.tasks.push_back(std::move(of));
  }
  Histogram untraced;
  for (const Repetition& repetition : judged.repetitions) {
    const Histogram& service = repetition.tasks.front().service;
    if (service.empty()) continue;
    const Duration own = median(service);
    if (untraced.empty()) record.least_p50_untraced = own;
    record.least_p50_untraced = std::min(record.least_p50_untraced, own);
    record.most_p50_untraced = std::max(record.most_p50_untraced, own);
    untraced.merge(service);
  }
  record.p50_untraced = median(untraced);
  record.p50_traced =
      traced.tasks.empty() ? Duration::zero() : median(traced.tasks.front().service);
  return record;
}

}  // namespace natsproof

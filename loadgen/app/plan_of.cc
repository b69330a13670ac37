#include "loadgen/app/plan_of.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "loadgen/engine/load_source.h"
#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/measure/load_spread.h"
#include "loadgen/plan/load_bound.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/planned.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;  // JSON is YAML, and quotes whatever it is given

Result<PlanSource> plan_of_flags(const RunOptions& options) {
  if (options.rate.empty())
    return Error{"--subject needs --rate: how many requests a second, as in `--rate 5000/s`"};
  Json task = {{"name", "request"}, {"subject", options.subject}};
  if (!options.request_file.empty()) {
    task["request"]["file"] = std::filesystem::absolute(options.request_file).string();
  }
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos)
      return Error{
          fmt::format("--header `{}` has no colon: write `--header 'Key: value'`", header)};
    const std::size_t value = header.find_first_not_of(' ', colon + 1);
    task["headers"][header.substr(0, colon)] =
        value == std::string::npos ? "" : header.substr(value);
  }
  if (!options.expect.empty()) task["expect"] = options.expect;
  Json plan = {{"name", "subject"},
               {"about", fmt::format("Requests to {} at {}, from the command line.",
                                     options.subject, options.rate)},
               {"load", {{"model", "open"}, {"rate", options.rate}}},
               {"tasks", Json::array({task})},
               {"claims", options.claims}};
  try {
    return PlanSource{.file = kCommandLine, .text = plan.dump()};
  } catch (const Json::exception&) {
    return Error{"the command line holds bytes that are not UTF-8: put them into a --request file"};
  }
}

Result<double> time_scale_of(const std::string& text) {
  double scale = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, scale);
  const bool whole = failed == std::errc() && (rest == end || std::string_view(rest, end) == "x");
  if (!whole || !(scale > 0) || scale > 1000)
    return Error{fmt::format(
        "--time `{}` is not a factor: write `--time 0.1x` for a tenth of the time", text)};
  return scale;
}

std::string load_sentence(const Plan& plan) {
  const Load& load = plan.load;
  const bool open = load.model == LoadModel::open;
  const Duration spawning = warmup_with_spawning(load) - load.warmup;
  return fmt::format(
      "{}; {} repetition{} of {} after {}{} of warm-up; {} connection{}, {} client",
      open ? "open loop, " + describe_schedule(load) : "closed loop, " + describe_users(plan),
      load.repetitions, load.repetitions == 1 ? "" : "s", format_duration(load.duration),
      spawning == Duration::zero() ? ""
                                   : fmt::format("{} of spawning and ", format_duration(spawning)),
      format_duration(load.warmup), load.connections, load.connections == 1 ? "" : "s",
      client_name(plan.client));
}

// Measured requests of all repetitions.
struct Expected {
  std::optional<std::uint64_t> all;                 // nothing: as many as a closed loop makes
  std::vector<std::optional<std::uint64_t>> tasks;  // in the plan's order
  bool at_most = false;                             // a closed loop: with replies that take no time
  bool arrivals_drawn = false, tasks_drawn = false;  // by chance: so many on average

  // What stands before their number.
  [[nodiscard]] const char* of_all() const {
    return at_most ? "at most about " : arrivals_drawn ? "about " : "";
  }
  [[nodiscard]] const char* of_a_task() const {
    return at_most ? "at most about " : arrivals_drawn || tasks_drawn ? "about " : "";
  }
};

Expected expected_requests(const Plan& plan) {
  const Load& load = plan.load;
  Expected expected;
  if (const auto planned = planned_requests(plan)) {
    expected.arrivals_drawn = load.arrivals == Arrivals::poisson;
    expected.tasks_drawn = plan.tasks.size() > 1;
    expected.all = planned->all * load.repetitions;
    for (const std::uint64_t task : planned->tasks) {
      expected.tasks.emplace_back(task * load.repetitions);
    }
    return expected;
  }
  const LoadBound bound = load_bound(plan);
  const double measured_s = static_cast<double>(load.duration.count()) * 1e-9 * load.repetitions;
  const auto most = [&](double per_s) -> std::optional<std::uint64_t> {
    if (!std::isfinite(per_s)) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(per_s * measured_s));
  };
  expected.at_most = true;
  expected.all = most(bound.all.per_s);
  for (const RateBound& task : bound.tasks) expected.tasks.push_back(most(task.per_s));
  return expected;
}

// As much of a repetition's window as its load fills, of a task with so large a share of it.
// Nothing in a closed loop, whose rate is the system's.
std::optional<Duration> planned_load(const Load& load, double share) {
  if (load.model == LoadModel::closed) return std::nullopt;
  const Profile profile(load.profile);
  std::vector<LoadedSecond> seconds;
  LoadSpread spread;
  for (Duration at{}; at < load.duration; at += 1s) {
    const Duration length = std::min<Duration>(1s, load.duration - at);
    double planned = 0, taken = 0, slots = 0;
    for (Duration slot{}; slot < length; slot += kSlot, ++slots) {
      const Duration until = at + std::min(slot + kSlot, length);
      const double in_slot =
          share * (profile.arrivals_until(until) - profile.arrivals_until(at + slot));
      planned += in_slot;
      taken -= std::expm1(-in_slot);  // the chance of at least one
    }
    spread.add(planned, taken, slots);
    seconds.push_back({.planned = planned, .length = length});
  }
  for (LoadedSecond& second : seconds) second.spread = spread.value();
  return loaded_time(seconds);
}

// What a claim will be able to show, of so many requests.
std::string describe_claim(const Plan& plan, const Claim& claim, const Expected& expected) {
  const Load& load = plan.load;
  std::optional<std::uint64_t> n = expected.all;
  const char* about = expected.of_all();
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    if (claim.task != plan.tasks[task].name) continue;
    n = expected.tasks[task];
    about = expected.of_a_task();
  }
  const double share = expected.all.value_or(0) == 0 ? 1
                                                     : static_cast<double>(n.value_or(0)) /
                                                           static_cast<double>(*expected.all);
  const ClaimForecast f =
      forecast(claim, n, load.duration, load.repetitions, plan.covers, planned_load(load, share));
  std::string out = fmt::format("  claim  {}\n", f.text);
  if (n.value_or(0) > 0 && !claim.is_resource()) {
    out += fmt::format("         n = {}{}", about, format_count(f.planned));
    if (f.tolerated && !expected.at_most)
      out += fmt::format(", at most {}{} may break it", *f.tolerated == 0 ? "" : about,
                         format_count(*f.tolerated));
    if (f.covers > Duration::zero())
      out += fmt::format(", covers disturbances up to {}", format_duration(f.covers));
    out += "\n";
  }
  for (const std::string& note : {f.note, contradiction(plan, claim)}) {
    if (!note.empty()) out += fmt::format("         note: {}\n", note);
  }
  return out;
}

}  // namespace

Result<void> check_own_service(const RunOptions& options) {
  if (options.plan.empty() == options.subject.empty())
    return Error{
        "name either a plan (a file, or a built-in name of `natsproof scenarios`) or a --subject"};
  const bool has_own = !options.rate.empty() || !options.request_file.empty() ||
                       !options.expect.empty() || !options.claims.empty() ||
                       !options.headers.empty();
  if (options.subject.empty() && has_own) {
    return Error{
        "--rate, --claim, --request, --header and --expect belong to --subject; a plan says these "
        "itself, "
        "or change it: `--set load.rate=5000/s`, `--set 'claims=[response p99 < 5ms]'`"};
  }
  return {};
}

Result<PlanSource> source_of(const RunOptions& options) {
  return options.subject.empty() ? find_plan(options.plan) : plan_of_flags(options);
}

Result<void> apply_flags(const RunOptions& options, PlanSource& source) {
  for (const std::string& set : options.set) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{
          fmt::format("--set `{}` is not path=value: write `--set load.rate=5000/s`", set)};
    source.set.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  if (options.repetitions)
    source.set.emplace_back("load.repetitions", std::to_string(*options.repetitions));
  if (options.trace) source.set.emplace_back("trace", "true");
  for (const std::string& sweep : options.sweep) {
    const std::size_t equals = sweep.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{fmt::format(
          "--sweep `{}` is not path=values: write `--sweep load.users=1,10,50`", sweep)};
    source.sweep.emplace_back(sweep.substr(0, equals), sweep.substr(equals + 1));
  }
  auto scale = time_scale_of(options.time);
  if (!scale) return scale.error();
  source.time_scale = *scale;
  return {};
}

std::string describe_schedule(const Load& load) {
  const char* arrivals = load.arrivals == Arrivals::poisson ? "Poisson" : "constant";
  const Stretch& first = load.profile.front();
  if (load.profile.size() == 1 && first.from == first.to)
    return fmt::format("{} {}", format_rate(first.from), arrivals);
  return fmt::format("a profile of {} stretches up to {}, {}", load.profile.size(),
                     format_rate(Profile(load.profile).peak()), arrivals);
}

std::string describe_users(const Plan& plan) {
  const Load& load = plan.load;
  std::string text = fmt::format("{} user{}", format_count(load.users), load.users == 1 ? "" : "s");
  if (!load.user_profile.empty()) text += " at most";
  if (plan.users.size() > 1) text += fmt::format(" of {} kinds", plan.users.size());
  if (load.spawn) text += fmt::format(", spawning {}", format_rate(*load.spawn));
  if (!load.user_profile.empty())
    text += fmt::format(", a profile of {} stretch{}", load.user_profile.size(),
                        load.user_profile.size() == 1 ? "" : "es");
  return text;
}

Rate offered_rate(const Load& load) {
  return Rate{Profile(load.profile).total() / (static_cast<double>(load.duration.count()) * 1e-9)};
}

Duration planned_length(const Plan& plan) {
  const Duration one = warmup_with_spawning(plan.load) + plan.load.duration;
  return one * (plan.load.repetitions + (plan.trace ? 1 : 0));
}

std::string describe_plan(const Plan& plan, bool brief) {
  std::string out = fmt::format("{}: {}\n", plan.name, load_sentence(plan));
  if (!brief && !plan.about.empty()) out += "  " + plan.about + "\n";
  out += fmt::format("  takes about {}", format_duration(planned_length(plan)));
  const Expected expected = expected_requests(plan);
  if (expected.all)
    out += fmt::format(", {}{} measured requests", expected.of_all(), format_count(*expected.all));
  if (plan.abort) out += fmt::format(", unless {}", plan.abort->text);
  if (plan.trace) out += "; one more repetition is traced, and not judged";
  out += "\n";
  for (const Claim& claim : plan.claims) out += describe_claim(plan, claim, expected);
  if (plan.claims.empty()) out += "  no claims: figures only, no verdict\n";
  return out;
}

}  // namespace natsproof

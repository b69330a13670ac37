#include "loadgen/app/plan_of.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/planned.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;  // JSON is YAML, and quotes whatever it is given

constexpr const char* kCommandLine = "command line";

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
               {"load", {{"model", "open"}, {"arrivals", "poisson"}, {"rate", options.rate}}},
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

Result<PlanSource> source_of(const RunOptions& options) {
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
  auto source = options.subject.empty() ? find_plan(options.plan) : plan_of_flags(options);
  if (!source) return source;
  for (const std::string& set : options.set) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{
          fmt::format("--set `{}` is not path=value: write `--set load.rate=5000/s`", set)};
    source->set.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  if (options.repetitions)
    source->set.emplace_back("load.repetitions", std::to_string(*options.repetitions));
  auto scale = time_scale_of(options.time);
  if (!scale) return scale.error();
  source->time_scale = *scale;
  return source;
}

std::string load_sentence(const Plan& plan) {
  const Load& load = plan.load;
  const std::string text = load.model == LoadModel::open
                               ? "open loop, " + describe_schedule(load)
                               : fmt::format("closed loop, {} user{}", format_count(load.users),
                                             load.users == 1 ? "" : "s");
  return fmt::format("{}; {} repetition{} of {} after {} of warm-up; {} connection{}, {} client",
                     text, load.repetitions, load.repetitions == 1 ? "" : "s",
                     format_duration(load.duration), format_duration(load.warmup), load.connections,
                     load.connections == 1 ? "" : "s", client_name(plan.client));
}

}  // namespace

std::optional<ChosenPlan> plan_of(const RunOptions& options) {
  auto source = source_of(options);
  if (!source) {
    fmt::print(stderr, "natsproof: {}\n", source.error().message);
    return std::nullopt;
  }
  PlanReading reading = read_plan(*source);
  if (reading.mistakes.empty()) return ChosenPlan{std::move(reading.plan), source->time_scale};
  for (const PlanMistake& mistake : reading.mistakes)
    fmt::print(stderr, "{}\n",
               source->file == kCommandLine ? "natsproof: " + mistake.message : mistake.text());
  fmt::print(stderr, "natsproof: {} mistake{} in the plan; nothing was started.\n",
             reading.mistakes.size(), reading.mistakes.size() == 1 ? "" : "s");
  return std::nullopt;
}

std::string describe_schedule(const Load& load) {
  const char* arrivals = load.arrivals == Arrivals::poisson ? "Poisson" : "constant";
  const Stretch& first = load.profile.front();
  if (load.profile.size() == 1 && first.from == first.to)
    return fmt::format("{} {}", format_rate(first.from), arrivals);
  return fmt::format("a profile of {} stretches up to {}, {}", load.profile.size(),
                     format_rate(Profile(load.profile).peak()), arrivals);
}

std::string describe_plan(const Plan& plan, bool brief) {
  const Load& load = plan.load;
  std::string out = fmt::format("{}: {}\n", plan.name, load_sentence(plan));
  if (!brief && !plan.about.empty()) out += "  " + plan.about + "\n";
  const Duration one = load.warmup + load.duration;
  out += fmt::format("  takes about {}", format_duration(one * load.repetitions));
  const auto planned = planned_requests(plan);
  if (planned)
    out += fmt::format(", {} measured requests", format_count(planned->all * load.repetitions));
  out += "\n";
  for (const Claim& claim : plan.claims) {
    std::uint64_t n = 0;
    for (std::size_t task = 0; planned && task < plan.tasks.size(); ++task) {
      if (claim.task == kAllTasks || claim.task == plan.tasks[task].name) n += planned->tasks[task];
    }
    const ClaimForecast f =
        forecast(claim, n * load.repetitions, load.duration, load.repetitions, plan.covers);
    out += fmt::format("  claim  {}\n", f.text);
    if (n > 0) {
      out += fmt::format("         n = {}", format_count(f.planned));
      if (f.tolerated) out += fmt::format(", at most {} may break it", format_count(*f.tolerated));
      if (f.covers > Duration::zero())
        out += fmt::format(", covers disturbances up to {}", format_duration(f.covers));
      out += "\n";
    }
    if (!f.note.empty()) out += fmt::format("         note: {}\n", f.note);
  }
  if (plan.claims.empty()) out += "  no claims: figures only, no verdict\n";
  return out;
}

}  // namespace natsproof

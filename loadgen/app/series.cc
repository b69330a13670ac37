#include "loadgen/app/series.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/app/plan_of.h"
#include "loadgen/engine/load_source.h"
#include "loadgen/plan/load_bound.h"
#include "loadgen/plan/pack.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

struct SourceOfPlan {
  std::string name;
  PlanSource source;
};

void print_error(const std::string& message) {
  fmt::print(stderr, "natsproof: {}\n", message);
}

void print_mistakes(const std::string& file, const std::vector<PlanMistake>& mistakes) {
  for (const PlanMistake& mistake : mistakes)
    fmt::print(stderr, "{}\n",
               file == kCommandLine ? "natsproof: " + mistake.message : mistake.text());
}

void print_sum(std::size_t mistakes, const char* where) {
  fmt::print(stderr, "natsproof: {} mistake{} in the {}; nothing was started.\n", mistakes,
             mistakes == 1 ? "" : "s", where);
}

// The pack or the plan that is named, and its texts; nothing after an error, which is printed.
std::optional<std::vector<SourceOfPlan>> sources_of(const RunOptions& options, Series& series) {
  if (auto own = check_own_service(options); !own) {
    print_error(own.error().message);
    return std::nullopt;
  }
  if (auto pack = options.plan.empty() ? std::nullopt : find_pack(options.plan)) {
    if (!pack->mistakes.empty()) {
      print_mistakes(pack->name, pack->mistakes);
      print_sum(pack->mistakes.size(), "pack");
      return std::nullopt;
    }
    series.is_pack = true;
    series.name = pack->name;
    series.about = pack->about;
    std::vector<SourceOfPlan> sources;
    for (PackPlan& plan : pack->plans)
      sources.push_back({std::move(plan.name), std::move(plan.source)});
    return sources;
  }
  auto source = source_of(options);
  if (!source) {
    print_error(source.error().message);
    return std::nullopt;
  }
  return std::vector<SourceOfPlan>{{"", std::move(*source)}};
}

// `cliffracer/baseline` run alone is still that, and not some other baseline.
bool is_of_a_pack(const SourceOfPlan& plan, const std::string& name) {
  const bool is_built_in = plan.source.file == name && !std::filesystem::exists(name);
  return is_built_in && name.find('/') != std::string::npos;
}

Duration length_of(const SeriesPlan& plan) {
  Duration all{};
  for (const SweepPoint& point : plan.sweep.points) all += planned_length(point.plan);
  return all;
}

struct PointText {
  std::string first;  // line: its name and load
  std::string rest;   // what it takes and can prove
};

// As of a plan alone, under another name.
PointText describe_point(const Plan& plan, const std::string& name) {
  Plan named = plan;
  named.name = name;
  const std::string text = describe_plan(named, true);
  const std::size_t end = text.find('\n') + 1;
  PointText point{.first = text.substr(0, end), .rest = ""};
  for (std::size_t from = end; from < text.size();) {
    const std::size_t next = text.find('\n', from) + 1;
    point.rest += "  " + text.substr(from, next - from);
    from = next;
  }
  return point;
}

// What must be said even in brief: claims that the plan's own users contradict.
std::string contradictions(const SeriesPlan& plan) {
  std::string notes;
  for (const SweepPoint& point : plan.sweep.points) {
    for (const Claim& claim : point.plan.claims) {
      if (const std::string note = contradiction(point.plan, claim); !note.empty())
        notes += wrapped("  note: ", point.name.empty() ? note : point.name + ": " + note);
    }
  }
  return notes;
}

std::string point_names(const Sweep& sweep) {
  constexpr std::size_t kMostNamed = 20;
  std::string names;
  for (std::size_t i = 0; i < std::min(sweep.points.size(), kMostNamed); ++i)
    names += (i == 0 ? "" : "; ") + sweep.points[i].name;
  if (sweep.points.size() > kMostNamed)
    names += fmt::format("; and {} more", format_count(sweep.points.size() - kMostNamed));
  return names;
}

std::string describe_sweep(const Series& series, const SeriesPlan& plan, bool brief) {
  const Sweep& sweep = plan.sweep;
  std::string out =
      fmt::format("{}: {} in {}; takes about {}\n", plan.name.empty() ? series.name : plan.name,
                  counted(sweep.points.size(), "point"),
                  counted(sweep.points.front().plan.load.repetitions, "round"),
                  format_duration(length_of(plan)));
  if (brief) return out + wrapped("  ", point_names(sweep)) + contradictions(plan);
  if (!sweep.about.empty()) out += wrapped("  ", sweep.about);
  std::vector<PointText> points;
  for (const SweepPoint& point : sweep.points)
    points.push_back(describe_point(point.plan, point.name));
  const bool alike = std::all_of(points.begin(), points.end(), [&](const PointText& point) {
    return point.rest == points.front().rest;
  });
  for (const PointText& point : points)
    out += wrapped("  ", point.first) + (alike ? "" : point.rest);
  if (alike) out += "  each of them\n" + points.front().rest;
  return out;
}

}  // namespace

std::optional<Series> series_of(const RunOptions& options) {
  Series series;
  auto sources = sources_of(options, series);
  if (!sources) return std::nullopt;
  std::size_t mistakes = 0;
  for (auto& [name, source] : *sources) {
    if (auto applied = apply_flags(options, source); !applied) {
      print_error(applied.error().message);
      return std::nullopt;
    }
    Sweep sweep = read_sweep(source);
    print_mistakes(source.file, sweep.mistakes);
    mistakes += sweep.mistakes.size();
    series.plans.push_back({name, std::move(sweep), source.time_scale});
  }
  if (mistakes > 0) {
    print_sum(mistakes, series.is_pack ? "plans" : "plan");
    return std::nullopt;
  }
  if (!series.is_pack) {
    series.name = is_of_a_pack(sources->front(), options.plan) ? options.plan
                                                               : series.plans.front().sweep.name;
    series.about = series.plans.front().sweep.about;
  }
  return series;
}

std::string title_of(const Series& series, const SeriesPlan& plan, const SweepPoint& point) {
  std::string title = series.name;
  if (series.is_pack) title += "/" + plan.name;
  if (!point.name.empty()) title += "/" + point.name;
  return title;
}

std::string run_folder(const Series& series, const SeriesPlan& plan, const SweepPoint& point) {
  if (!series.is_pack) return point.folder;
  return plan.name + (point.folder.empty() ? "" : "/" + point.folder);
}

std::vector<std::string> run_folders(const Series& series) {
  std::vector<std::string> folders;
  for (const SeriesPlan& plan : series.plans) {
    for (const SweepPoint& point : plan.sweep.points)
      folders.push_back(run_folder(series, plan, point));
  }
  return folders;
}

std::string describe_series(const Series& series, bool brief) {
  if (series.is_single())
    return describe_plan(series.plans.front().sweep.points.front().plan, brief);
  if (!series.is_pack) return describe_sweep(series, series.plans.front(), brief);
  Duration all{};
  for (const SeriesPlan& plan : series.plans) all += length_of(plan);
  std::string out = fmt::format("{}: {}; takes about {}\n", series.name,
                                counted(series.plans.size(), "plan"), format_duration(all));
  if (!brief) out += wrapped("  ", series.about);
  for (const SeriesPlan& plan : series.plans) {
    if (brief) {
      out += fmt::format("  {}, {}\n", plan.name, format_duration(length_of(plan))) +
             contradictions(plan);
    } else if (plan.sweep.swept()) {
      out += describe_sweep(series, plan, false);
    } else {
      const PointText point = describe_point(plan.sweep.points.front().plan, plan.name);
      out += wrapped("  ", point.first) + point.rest;
    }
  }
  return out;
}

}  // namespace natsproof

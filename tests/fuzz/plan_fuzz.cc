// Any bytes may be given as a plan, and a plan without mistakes is written as text that reads the
// same.
//
// The first line, where it begins with `--set `, is split off and applied as that flag.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "loadgen/plan/load_bound.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/planned.h"
#include "loadgen/plan/sweep.h"

namespace {

natsproof::PlanSource source_of(std::string text) {
  constexpr std::string_view kFlag = "--set ";
  // A folder that is not there: files that the plan names are missing.
  natsproof::PlanSource source{.file = "/nowhere/plan.yaml", .text = {}, .set = {}};
  if (text.starts_with(kFlag)) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string flag = text.substr(kFlag.size(), end - kFlag.size());
    const std::size_t sign = std::min(flag.find('='), flag.size());
    source.set.emplace_back(flag.substr(0, sign), flag.substr(std::min(sign + 1, flag.size())));
    text.erase(0, end);
  }
  source.text = std::move(text);
  return source;
}

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

void read_as_sweep(const natsproof::PlanSource& source) {
  const natsproof::Sweep sweep = natsproof::read_sweep(source);
  for (const natsproof::PlanMistake& mistake : sweep.mistakes)
    require(!mistake.message.empty() && mistake.line >= 0, "a bad mistake of a sweep");
  if (!sweep.mistakes.empty()) return;
  require(!sweep.points.empty() && sweep.points.size() <= natsproof::kMostPoints, "points");
  for (const natsproof::SweepPoint& point : sweep.points) {
    require(point.against < sweep.points.size(), "against");
    require(point.folder.empty() == !sweep.swept() && point.folder.find('/') == std::string::npos,
            "folder " + point.folder);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace natsproof;
  const PlanSource source = source_of(std::string(reinterpret_cast<const char*>(data), size));
  read_as_sweep(source);
  const PlanReading reading = read_plan(source);
  for (const PlanMistake& mistake : reading.mistakes) {
    require(!mistake.message.empty() && mistake.line >= 0 && mistake.column >= 0, "a bad mistake");
  }
  if (!reading.mistakes.empty()) return 0;
  const auto planned = planned_requests(reading.plan);
  require(planned.has_value() == (reading.plan.load.model == LoadModel::open), "planned");
  if (!planned) {
    const LoadBound bound = load_bound(reading.plan);
    require(bound.all.per_s > 0 && bound.tasks.size() == reading.plan.tasks.size(), "bound");
    for (const Claim& claim : reading.plan.claims) {
      require(claim.metric == Metric::throughput || contradiction(reading.plan, claim).empty(),
              claim.text);
    }
  }
  const std::string written = write_plan_yaml(reading.plan);
  const PlanReading again = read_plan({.file = "/nowhere/plan.yaml", .text = written, .set = {}});
  require(again.mistakes.empty(),
          written + (again.mistakes.empty() ? "" : again.mistakes.front().text()));
  require(again.plan.load == reading.plan.load && again.plan.tasks == reading.plan.tasks &&
              again.plan.users == reading.plan.users && again.plan.abort == reading.plan.abort &&
              again.plan.gates == reading.plan.gates && again.plan.about == reading.plan.about,
          written);
  require(write_plan_yaml(again.plan) == written, written);
  return 0;
}

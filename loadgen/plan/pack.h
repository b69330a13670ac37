// A pack: a folder of plans that are run one after the other and told in one table.
//
// Its pack.yaml says what it is about and the order of its plans, which are files beside it:
//
//   about: What the original claimed, and what was wrong with it.
//   plans: [baseline, open/baseline, stress]    # baseline.yaml, open/baseline.yaml, stress.yaml
//
// or, for all plans of built-in packs, `packs: [cliffracer, paracle]`.
//
// The built-in packs are folders of loadgen/scenarios. `cliffracer` names all plans of a pack,
// `cliffracer/open` those of its folder `open`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/plan/plan_file.h"

namespace natsproof {

struct PackPlan {
  std::string name;  // as in pack.yaml: `open/baseline`; of a pack in a pack: `paracle/baseline`
  PlanSource source;
};

struct Pack {
  std::string name;  // `cliffracer`, `cliffracer/open`
  std::string about;
  std::vector<PackPlan> plans;
  std::vector<std::string> packs;     // whose plans are among them
  std::vector<PlanMistake> mistakes;  // of pack.yaml; the rest means something where there are none
};

// A built-in pack by its name, or a folder with a pack.yaml in it (or above it, for a part of a
// pack). Nothing: it is neither, and may be a plan.
std::optional<Pack> find_pack(const std::string& name_or_folder);

// The built-in packs, whole, by name.
const std::vector<Pack>& packs();

}  // namespace natsproof

#include "loadgen/plan/pack.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "loadgen/plan/embedded_scenarios.h"
#include "loadgen/plan/fields.h"
#include "loadgen/plan/file_text.h"
#include "loadgen/plan/yaml_tree.h"

namespace natsproof {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPackFile = "pack.yaml";
constexpr std::string_view kPackEntry = "/pack";  // its embedded name's end
constexpr std::size_t kMostPlans = 1000;

// The plan of that name in the pack's folder.
using FindPlan = std::function<Result<PlanSource>(const std::string& name)>;

// The built-in pack of that name; nothing if there is none.
using FindPack = std::function<std::optional<Pack>(const std::string& name)>;

// `name` comes from a file: it must stay within the pack's folder.
bool is_inside(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(),
                      [](const fs::path& part) { return part.string().starts_with('.'); });
}

void read_plans(const YamlNode& list, const FindPlan& find, Pack& pack, Mistakes& mistakes) {
  const std::vector<YamlNode>& items = items_of(list, "plans", mistakes);
  if (list.kind == YamlNode::Kind::list && (items.empty() || items.size() > kMostPlans)) {
    mistakes.add(list.at,
                 fmt::format("a pack must have 1 to {} plans, not {}", kMostPlans, items.size()));
    return;
  }
  for (const YamlNode& item : items) {
    const std::string* name = text_of(item, "plans", mistakes);
    if (name == nullptr) continue;
    if (!is_inside(*name)) {
      mistakes.add(item.at, fmt::format("{} is no plan beside pack.yaml: name it without its "
                                        "`.yaml`, as in baseline or open/baseline",
                                        in_ticks(*name)));
      continue;
    }
    const auto same = [&](const PackPlan& plan) { return plan.name == *name; };
    if (std::any_of(pack.plans.begin(), pack.plans.end(), same)) {
      mistakes.add(item.at, fmt::format("the plan {} is given twice", in_ticks(*name)));
      continue;
    }
    auto source = find(*name);
    if (source) {
      pack.plans.push_back({.name = *name, .source = std::move(*source)});
    } else {
      mistakes.add(item.at, source.error().message);
    }
  }
}

void read_packs(const YamlNode& list, const FindPack& find, Pack& pack, Mistakes& mistakes) {
  for (const YamlNode& item : items_of(list, "packs", mistakes)) {
    const std::string* name = text_of(item, "packs", mistakes);
    if (name == nullptr) continue;
    const auto found = find(*name);
    if (!found || !found->packs.empty() || !found->mistakes.empty()) {
      mistakes.add(item.at, fmt::format("{} is no built-in pack of plans of its own; `natsproof "
                                        "scenarios` lists them",
                                        in_ticks(*name)));
      continue;
    }
    const auto same = [&](const PackPlan& plan) { return plan.name.starts_with(*name + "/"); };
    if (std::any_of(pack.plans.begin(), pack.plans.end(), same)) {
      mistakes.add(item.at, fmt::format("the pack {} is given twice", in_ticks(*name)));
      continue;
    }
    pack.packs.push_back(*name);
    for (const PackPlan& plan : found->plans)
      pack.plans.push_back({.name = *name + "/" + plan.name, .source = plan.source});
  }
}

Pack read_pack(std::string name, const std::string& file, const std::string& text,
               const FindPlan& find, const FindPack& find_built_in) {
  Pack pack{.name = std::move(name)};
  const PlanSource source{.file = file, .text = text, .set = {}};
  Mistakes mistakes(source);
  if (const auto root = parse_yaml(text, Position::kFile, mistakes)) {
    Fields fields(*root, "a pack", mistakes);
    if (fields.require("about") != nullptr) fields.text("about", pack.about);
    const YamlNode* packs = fields.find("packs");
    if (packs != nullptr) read_packs(*packs, find_built_in, pack, mistakes);
    const YamlNode* plans = packs == nullptr ? fields.require("plans") : fields.find("plans");
    if (plans != nullptr) read_plans(*plans, find, pack, mistakes);
    fields.finish();
  }
  pack.mistakes = mistakes.take();
  return pack;
}

// The part of a pack that lies in one of its folders; nothing if none does.
std::optional<Pack> part_of(Pack pack, const std::string& folder) {
  std::erase_if(pack.plans,
                [&](const PackPlan& plan) { return !plan.name.starts_with(folder + "/"); });
  if (pack.plans.empty() && pack.mistakes.empty()) return std::nullopt;
  for (PackPlan& plan : pack.plans) plan.name.erase(0, folder.size() + 1);
  pack.name += "/" + folder;
  return pack;
}

// As it is written; `packs` in it are found by `find_built_in`.
std::optional<Pack> read_built_in(const std::string& name, const FindPack& find_built_in) {
  for (const auto& [entry, text] : embedded_scenarios()) {
    if (entry != name + std::string(kPackEntry)) continue;
    return read_pack(
        name, std::string(entry), std::string(text),
        [&](const std::string& plan) { return find_plan(name + "/" + plan); }, find_built_in);
  }
  return std::nullopt;
}

// One whose plans are all its own, as a pack of packs takes it.
std::optional<Pack> built_in(const std::string& name) {
  return read_built_in(name, [](const std::string& /*inner*/) { return std::nullopt; });
}

std::vector<Pack> read_all_built_in() {
  std::vector<Pack> found;
  for (const auto& [entry, text] : embedded_scenarios()) {
    if (!entry.ends_with(kPackEntry)) continue;
    const std::string name(entry.substr(0, entry.size() - kPackEntry.size()));
    found.push_back(*read_built_in(name, built_in));
  }
  return found;
}

std::optional<Pack> read_folder(const fs::path& folder) {
  const fs::path file = folder / kPackFile;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const std::string name = fs::absolute(folder / ".").parent_path().filename().string();
  const auto text = read_file_text(file.string(), kLargestPlanBytes);
  if (!text) {
    Pack pack{.name = name};
    pack.mistakes.push_back({.file = file.string(), .message = text.error().message});
    return pack;
  }
  const auto plan_beside = [&](const std::string& plan) -> Result<PlanSource> {
    const std::string path = (folder / (plan + ".yaml")).string();
    auto yaml = read_file_text(path, kLargestPlanBytes);
    if (!yaml) return Error{fmt::format("{}: {}", path, yaml.error().message)};
    return PlanSource{.file = path, .text = std::move(*yaml), .set = {}};
  };
  return read_pack(name, file.string(), *text, plan_beside, built_in);
}

}  // namespace

const std::vector<Pack>& packs() {
  static const std::vector<Pack> all = read_all_built_in();
  return all;
}

std::optional<Pack> find_pack(const std::string& name_or_folder) {
  for (const Pack& pack : packs()) {
    if (name_or_folder == pack.name) return pack;
    if (name_or_folder.starts_with(pack.name + "/")) {
      auto part = part_of(pack, name_or_folder.substr(pack.name.size() + 1));
      if (part) return part;
    }
  }
  std::error_code ignored;
  const fs::path folder(name_or_folder);
  if (!fs::is_directory(folder, ignored)) return std::nullopt;
  if (auto pack = read_folder(folder)) return pack;
  const fs::path whole = fs::absolute(folder / ".").parent_path();
  auto above = read_folder(whole.parent_path());
  return above ? part_of(std::move(*above), whole.filename().string()) : std::nullopt;
}

}  // namespace natsproof

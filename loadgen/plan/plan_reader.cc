#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "loadgen/plan/abort_reader.h"
#include "loadgen/plan/load_reader.h"
#include "loadgen/plan/plan_checks.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/plan_tree.h"
#include "loadgen/plan/task_reader.h"
#include "loadgen/plan/users_reader.h"
#include "models/faults/fault_spec.h"
#include "models/faults/work_spec.h"

namespace natsproof {

namespace {

constexpr Range<Duration> kCovers{.min = 1us, .max = 1h};
constexpr Range<std::uint32_t> kInstances{.min = 1, .max = 64};
constexpr Range<double> kTimeScale{.min = 0.001, .max = 100};
constexpr std::size_t kMostClaims = 100;
constexpr double kLeastLimit = 0.0001;

// The gates whose limit is a share and a matter of judgement; the others are matters of fact.
const std::array<std::string, 7> kGatesWithLimits{
    "offered rate", "send lag", "headroom", "pacing", "clock", "floor", "platform noise"};

const Fields::Choices<ClientKind>& clients() {
  static const Fields::Choices<ClientKind> choices{{"wire", ClientKind::wire},
                                                   {"nats.c", ClientKind::natsc},
                                                   {"nats.c-default", ClientKind::natsc_default}};
  return choices;
}

void read_services(const YamlNode& node, Plan& plan, Mistakes& mistakes) {
  const auto known = sample_services();
  for (const YamlNode& item : items_of(node, "services", mistakes)) {
    const std::string* name = text_of(item, "services", mistakes);
    if (name == nullptr) continue;
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      mistakes.add(item.at,
                   fmt::format("unknown service {}{}", in_ticks(*name), suggestion(*name, known)));
    } else if (std::find(plan.services.begin(), plan.services.end(), *name) !=
               plan.services.end()) {
      mistakes.add(item.at, fmt::format("the service {} is given twice; for several processes of "
                                        "it, use `instances`",
                                        in_ticks(*name)));
    } else {
      plan.services.push_back(*name);
    }
  }
}

// `{orders: cliffracer}`: by service, each as the text that `parse` takes.
template <typename Parse>
void read_specs(const YamlNode& node, const char* key, const Plan& plan, Parse parse,
                std::map<std::string, std::string>& to, Mistakes& mistakes) {
  const std::vector<std::string> staged = services_to_stage(plan);
  if (node.kind == YamlNode::Kind::map && staged.empty()) {
    mistakes.add(node.at, fmt::format("`{}` is for services that are staged: name them in "
                                      "`services`",
                                      key));
    return;
  }
  Fields fields(node, fmt::format("`{}`", key), mistakes);
  for (const std::string& service : staged) {
    std::string text;
    const YamlNode* given = fields.text(service, text);
    if (given == nullptr || given->kind != YamlNode::Kind::text) continue;
    if (const auto spec = parse(text); !spec) {
      mistakes.add(given->at, fmt::format("`{}`: {}", key, spec.error().message));
    }
    to[service] = text;
  }
  fields.finish();
}

void read_gates(const YamlNode& node, Plan& plan, Mistakes& mistakes) {
  Fields fields(node, "`gates`", mistakes);
  for (const std::string& name : kGatesWithLimits) {
    const YamlNode* limit = fields.find(name);
    if (limit == nullptr) continue;
    if (const auto share = share_of(*limit, name, kLeastLimit, mistakes)) plan.gates[name] = *share;
  }
  fields.finish();
}

std::vector<ReadClaim> read_claims(const YamlNode& node, const std::vector<ReadTask>& tasks,
                                   Mistakes& mistakes) {
  std::vector<std::string> names;
  names.reserve(tasks.size());
  for (const ReadTask& task : tasks) names.push_back(task.task.name);
  std::vector<ReadClaim> claims;
  const std::vector<YamlNode>& items = items_of(node, "claims", mistakes);
  if (items.size() > kMostClaims) {
    mistakes.add(node.at, fmt::format("a plan may have at most {} claims, not {}", kMostClaims,
                                      items.size()));
    return claims;
  }
  for (const YamlNode& item : items) {
    const std::string* text = text_of(item, "claims", mistakes);
    if (text == nullptr) continue;
    if (text->size() > kLongestValueBytes) {
      mistakes.add(item.at, fmt::format("the claim {} is too long", in_ticks(*text)));
      continue;
    }
    auto claim = parse_claim(*text, names);
    if (claim) {
      claims.push_back({.claim = *std::move(claim), .at = item.at});
    } else {
      mistakes.add(item.at, claim.error().message);
    }
  }
  return claims;
}

}  // namespace

Plan read_plan_tree(const YamlNode& root, const PlanSource& source, Mistakes& mistakes) {
  Plan plan;
  Fields fields(root, "a plan", mistakes);
  if (const YamlNode* name = fields.require("name")) {
    fields.text("name", plan.name);
    if (name->kind == YamlNode::Kind::text) check_name(plan.name, name->at, mistakes);
  }
  fields.text("about", plan.about);
  if (const YamlNode* services = fields.find("services")) read_services(*services, plan, mistakes);
  fields.choice("client", plan.client, clients());
  fields.choice("service_client", plan.service_client, clients());
  fields.whole("instances", plan.instances, kInstances);
  fields.choice<bool>("inline", plan.inline_neighbours, {{"false", false}, {"true", true}});
  if (const YamlNode* work = fields.find("work"))
    read_specs(*work, "work", plan, parse_work, plan.work, mistakes);
  if (const YamlNode* faults = fields.find("faults"))
    read_specs(*faults, "faults", plan, parse_faults, plan.faults, mistakes);
  const YamlNode* load = fields.require("load");
  if (load != nullptr) {
    plan.load = read_load(*load, source.time_scale, mistakes);
  }
  std::vector<ReadTask> tasks;
  if (const YamlNode* list = fields.require("tasks")) {
    tasks = read_tasks(*list, std::filesystem::path(source.file).parent_path(), mistakes);
  }
  if (const YamlNode* users = fields.find("users")) {
    plan.users = read_users(*users, load, plan.load, tasks, mistakes);
  }
  std::vector<ReadClaim> claims;
  if (const YamlNode* list = fields.find("claims")) claims = read_claims(*list, tasks, mistakes);
  if (const YamlNode* limit = fields.find("abort")) plan.abort = read_abort(*limit, mistakes);
  fields.choice<bool>("trace", plan.trace, {{"false", false}, {"true", true}});
  fields.duration("covers", plan.covers, kCovers);
  if (const YamlNode* gates = fields.find("gates")) read_gates(*gates, plan, mistakes);
  for (const char* key : {"sweep", "against"}) fields.find(key);  // sweep.h
  fields.finish();
  check_claims(claims, tasks, plan.load, mistakes);
  if (plan.services.empty()) check_services_claims(claims, mistakes);
  for (ReadTask& read : tasks) plan.tasks.push_back(std::move(read.task));
  for (ReadClaim& read : claims) plan.claims.push_back(std::move(read.claim));
  return plan;
}

std::optional<YamlNode> plan_tree(const PlanSource& source, Mistakes& mistakes) {
  if (!(source.time_scale >= kTimeScale.min && source.time_scale <= kTimeScale.max)) {
    mistakes.add({.source = Position::kTime},
                 fmt::format("must be from {}x to {}x, not {}x", kTimeScale.min, kTimeScale.max,
                             source.time_scale));
    return std::nullopt;
  }
  auto root = parse_yaml(source.text, Position::kFile, mistakes);
  if (!root) return std::nullopt;
  int flag = 0;
  for (const auto& [path, value] : source.set) set_yaml(*root, path, value, ++flag, mistakes);
  if (root->kind == YamlNode::Kind::null) {
    mistakes.add({}, "the plan is empty; `natsproof scenarios baseline` prints one to start from");
    return std::nullopt;
  }
  return root;
}

PlanReading read_plan(const PlanSource& source) {
  Mistakes mistakes(source);
  const auto root = plan_tree(source, mistakes);
  Plan plan;
  if (root) plan = read_plan_tree(*root, source, mistakes);
  return {.plan = std::move(plan), .mistakes = mistakes.take()};
}

}  // namespace natsproof

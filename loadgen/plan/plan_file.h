// Plans as YAML, with every mistake reported at once as `file:line:column: what is wrong, what is
// allowed`.
//
// docs/plan.md describes every key. Beside that:
// - JSON is YAML: a program that has a plan in hand may give it as JSON. Aliases are not read, text
//   is UTF-8, at most 1 MiB and 16 levels deep.
// - `payload:` goes with `endpoint` and is what that takes: `{bytes: 128}` (echo), `{order: {items:
//   1..3}}` (orders.place, and its three neighbours), `{order_id: {}}`, `{order_batch: {orders:
//   5..15, items: 1..3}}`, `{events: {count: 10..50}}`, `{bulk: {items: 500..2000, bytes_each:
//   64}}`,
//   `{probe: {}}`, `{empty: {}}` (health). These are the defaults; each count may be a range. A
//   bulk can ask for a reply as long (`reply: keys`); of orders.place, `declined: true` takes only
//   orders that must be declined. Or a
//   list: `[{weight: 80, order: {items: 1..3}}, {weight: 20, order: {items: 5..12}}]`.
// - Of all but echo: `codec: protobuf | json`, `verify: full | envelope`, `encode: ahead | inline`
//   (inline: between the intended and the actual send), and `inject: {invalid: 1%}` or by kind,
//   `{bad_email: 1%, cut_bytes: 0.5%}` (models/sample/invalid_kind.h).
// - Of staged services: `instances: 3`, `inline: true` (orders asks its neighbours in process),
//   `work: {orders: cliffracer}` (models/faults/work_spec.h), `faults: {fraud: "drop=0.5:before"}`
//   (models/faults/fault_spec.h).
// - `request: {file: F}` or `{bytes: N}` goes with `subject` (empty if left out). Files are
// relative
//   to the plan's folder.
// - `expect:` is `same`, `no_error`, `{contains: "text"}`, `{equals_file: F}`, or one of the last
//   two as one text, `"contains: text"` (expect.h).
// - Of a closed loop, `load.users` is a number, or a list of stretches, `[{for: 2s, from: 0, to:
//   2000}, {for: 20s, users: 2000}]`: user 0, 1, ... is there while its number is below the
//   stretch's; one that has to go finishes the request it has under way. The warm-up has as many
//   users as the first stretch begins with.
// - `users:` beside it are kinds of users: `- {name: shopper, weight: 3, think: 100ms..1s, tasks:
//   {place: 10, get: 1}}`, or `tasks: [place, get]`, each as often. `load.users` are divided among
//   them by weight, exactly; `load.think` and the tasks' `weight` do not go with them.
// - `abort: errors > 50% for 5s` ends the run (AbortLimit in plan.h).
// - `gates:` changes limits, as shares: `{headroom: 80%}`. Of `offered rate` it is the least share.
// - `--set path.to.key=value` takes YAML, makes maps that are missing, and counts lists from 0:
//   `load.rate=5000/s`, `tasks.0.timeout=1s`, `claims=[response p99 < 1ms]`. A mistake in it has
//   `--set load.rate` in the place of the file, as one in `--time` has that. `*` is each entry of a
//   list: `tasks.*.codec=json`.
// - `sweep:` and `against:` make a series of runs of a plan: sweep.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct PlanMistake {
  std::string file;
  int line = 0, column = 0;  // from 1; 0: the whole file
  std::string message;
  [[nodiscard]] std::string text() const;  // file:line:column: message
};

struct PlanSource {
  std::string file;  // for messages, and to find files named in the plan
  std::string text;  // YAML
  std::vector<std::pair<std::string, std::string>> set;      // --set, applied before reading
  std::vector<std::pair<std::string, std::string>> sweep{};  // --sweep, path and list (sweep.h)
  double time_scale = 1;  // --time: scales warm-up, spawning, duration and profile
};

struct PlanReading {
  Plan plan;  // meaningful when there are no mistakes
  std::vector<PlanMistake> mistakes;
};

// Any bytes may be given. A `sweep` is left out of it: the plan as it stands beside its sweep,
// which need not be whole.
PlanReading read_plan(const PlanSource& source);
// The plan as run, with every default filled in; reading it gives the same plan.
std::string write_plan_yaml(const Plan& plan);

// Built-in plans, embedded at build from loadgen/scenarios: `baseline`, and those of a pack with
// its name before theirs, `cliffracer/open/baseline`.
struct Scenario {
  std::string name, about, yaml;
};
const std::vector<Scenario>& scenarios();
// A scenario by its name, else the file of that path. Errors: neither exists (with the nearest
// scenario's name).
Result<PlanSource> find_plan(const std::string& name_or_path);

}  // namespace natsproof

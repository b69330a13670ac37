// docs/plan.md against the reader: the same keys, and examples that are plans.
//
// The reader names the keys that it knows when it meets one that it does not, so that there is no
// second list of them. In docs/plan.md a table of keys stands behind the comment
// `<!-- keys: a task -->`, with the words that the reader has for that map.
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/sweep.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kUnknown = "qqqqqqqqqqqqqqqq";  // like no key, so that all of them are named

struct KeyRow {
  std::string key, example;
};
struct PlanDocs {
  std::map<std::string, std::vector<KeyRow>> tables;  // by what the reader calls the map
  std::vector<std::string> plans;                     // blocks of YAML
};

// The cells of `| a | b | c |`.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t from = 1, bar = 0; (bar = line.find('|', from)) != std::string::npos;) {
    std::string cell = line.substr(from, bar - from);
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
    cells.push_back(std::move(cell));
    from = bar + 1;
  }
  return cells;
}

// `key` -> key.
std::string without_ticks(const std::string& cell) {
  const std::size_t end = cell.find('`', 1);
  return cell.starts_with('`') && end != std::string::npos ? cell.substr(1, end - 1) : "";
}

PlanDocs read_docs() {
  const std::string begin = "<!-- keys: ", end = " -->";
  PlanDocs docs;
  std::vector<KeyRow>* table = nullptr;
  bool in_plan = false;
  std::ifstream file(NATSPROOF_PLAN_DOCS);
  for (std::string line; std::getline(file, line);) {
    if (in_plan) {
      in_plan = line != "```";
      if (in_plan) docs.plans.back() += line + "\n";
    } else if (line == "```yaml") {
      in_plan = true;
      docs.plans.emplace_back();
    } else if (line.starts_with(begin) && line.ends_with(end)) {
      table = &docs.tables[line.substr(begin.size(), line.size() - begin.size() - end.size())];
    } else if (table != nullptr && line.starts_with("| `")) {
      const std::vector<std::string> cells = cells_of(line);
      table->push_back({without_ticks(cells.at(0)), without_ticks(cells.at(1))});
    } else if (!line.starts_with('|')) {
      table = nullptr;
    }
  }
  return docs;
}

// Plans with an unknown key in one map each, together in every map that a plan can have.
std::vector<std::string> plans_with_unknown_keys() {
  const std::string key = std::string(kUnknown) + ": 1";
  const auto with_payload = [](const std::string& endpoint, const std::string& payload) {
    return plan_with_task("{name: a, endpoint: " + endpoint + ", payload: " + payload + "}");
  };
  return {
      plan_with_load("{rate: 1/s}") + key + "\n",
      plan_with_load("{rate: 1/s, " + key + "}"),
      plan_with_load("{rate: [{for: 1s, rate: 1/s, " + key + "}]}"),
      plan_with_load("{users: [{for: 1s, users: 1, " + key + "}]}"),
      plan_with_task("{name: a, subject: s, " + key + "}"),
      plan_with_task("{name: a, subject: s, request: {bytes: 1, " + key + "}}"),
      plan_with_task("{name: a, subject: s, expect: {contains: a, " + key + "}}"),
      plan_with_task("{name: a, endpoint: orders.place, inject: {" + key + "}}"),
      with_payload("echo", "[{bytes: 1, " + key + "}]"),
      with_payload("orders.place", "{order: {" + key + "}}"),
      with_payload("orders.batch", "{order_batch: {" + key + "}}"),
      with_payload("analytics.ingest", "{events: {" + key + "}}"),
      with_payload("bulk.process", "{bulk: {" + key + "}}"),
      plan_with_load("{users: 1}") + "users: [{name: u, tasks: [a], " + key + "}]\n",
      plan_with_load("{rate: 1/s}") + "gates: {" + key + "}\n",
  };
}

// What the reader knows, by what it calls the map; of its message about a key that it does not.
std::map<std::string, std::set<std::string>> known_keys() {
  const std::string says = "unknown key `" + std::string(kUnknown) + "` in ", known = "; known: ";
  std::map<std::string, std::set<std::string>> keys;
  for (const std::string& plan : plans_with_unknown_keys()) {
    bool found = false;
    for (const std::string& mistake : texts(read_text(plan))) {
      const std::size_t at = mistake.find(says), list = mistake.find(known);
      if (at == std::string::npos || list == std::string::npos) continue;
      found = true;
      std::set<std::string>& of_map =
          keys[mistake.substr(at + says.size(), list - at - says.size())];
      for (std::size_t from = list + known.size(), comma = 0; comma != std::string::npos;
           from = comma + 2) {
        comma = mistake.find(", ", from);
        of_map.insert(mistake.substr(from, comma - from));
      }
    }
    EXPECT_TRUE(found) << "the reader names no keys for\n" << plan;
  }
  return keys;
}

TEST(plan_docs, have_the_keys_that_the_reader_knows) {
  std::map<std::string, std::set<std::string>> documented;
  for (const auto& [map, rows] : read_docs().tables) {
    std::set<std::string>& keys = documented[map];
    for (const KeyRow& row : rows) {
      EXPECT_TRUE(keys.insert(row.key).second) << row.key << " stands twice in " << map;
    }
  }
  const auto known = known_keys();
  EXPECT_GE(known.size(), 15U);
  for (const auto& [map, keys] : known) {
    EXPECT_EQ(documented[map], keys) << map << " in docs/plan.md, and as the reader knows it";
  }
  for (const auto& [map, keys] : documented) {
    EXPECT_TRUE(known.contains(map))
        << "docs/plan.md has keys of " << map << ", which the reader has not";
  }
}

TEST(plan_docs, have_an_example_of_every_key) {
  for (const auto& [map, rows] : read_docs().tables) {
    for (const KeyRow& row : rows) EXPECT_THAT(row.example, StartsWith(row.key + ": ")) << map;
  }
}

TEST(plan_docs, have_plans_that_can_be_read) {
  const PlanDocs docs = read_docs();
  EXPECT_GE(docs.plans.size(), 5U);
  for (const std::string& plan : docs.plans) {
    std::vector<std::string> mistakes;
    for (const PlanMistake& mistake :
         read_sweep({.file = "plan.yaml", .text = plan, .set = {}}).mistakes) {
      mistakes.push_back(mistake.text());
    }
    EXPECT_THAT(mistakes, IsEmpty()) << plan;
  }
}

}  // namespace
}  // namespace natsproof

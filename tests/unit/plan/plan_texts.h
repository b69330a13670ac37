// Small plans to vary, and what a reading says about them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "loadgen/plan/plan_file.h"

namespace natsproof {

inline std::vector<std::string> texts(const PlanReading& reading) {
  std::vector<std::string> found;
  for (const PlanMistake& mistake : reading.mistakes) found.push_back(mistake.text());
  return found;
}

inline PlanReading read_text(const std::string& text) {
  return read_plan({.file = "plan.yaml", .text = text, .set = {}});
}

// The load stands in line 2 from column 7.
inline std::string plan_with_load(const std::string& load) {
  return "name: p\nload: " + load + "\ntasks: [{name: a, subject: s}]\n";
}
// The task stands in line 3 from column 9.
inline std::string plan_with_task(const std::string& task) {
  return "name: p\nload: {rate: 10/s}\ntasks: [" + task + "]\n";
}
// The claim stands in line 4 from column 10.
inline std::string plan_with_claim(const std::string& claim,
                                   const std::string& load = "{rate: 10/s}") {
  return "name: p\nload: " + load + "\ntasks: [{name: a, subject: s, timeout: 250ms}]\nclaims: [" +
         claim + "]\n";
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "natsproof-plan-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace natsproof

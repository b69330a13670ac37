// Keeps what the serialization benchmarks cost while another reporter shows them.
#pragma once

#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/serialization/cost.h"

namespace natsproof {

class CostReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit CostReporter(std::unique_ptr<benchmark::BenchmarkReporter> display)
      : display_(std::move(display)) {}

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override { display_->Finalize(); }

  // In the order they were measured in. Of several repetitions: the medians.
  [[nodiscard]] const std::vector<Cost>& costs() const { return costs_; }
  [[nodiscard]] bool started() const { return started_; }  // benchmarks were run, not only listed
  [[nodiscard]] bool failed() const { return failed_; }    // a benchmark ended with an error

 private:
  std::unique_ptr<benchmark::BenchmarkReporter> display_;
  std::vector<Cost> costs_;
  bool started_ = false;
  bool failed_ = false;
};

}  // namespace natsproof

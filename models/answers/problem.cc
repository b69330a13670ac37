#include "models/answers/problem.h"

#include <utility>

#include <fmt/format.h>

namespace natsproof {

using models::v1::Problem;

Problem make_problem(int code, std::string message) {
  Problem problem;
  problem.set_code(code);
  problem.set_message(std::move(message));
  return problem;
}

Problem make_problem(const Violations& violations) {
  const std::size_t count = violations.list().size();
  Problem problem = make_problem(
      ProblemCode::kInvalid,
      fmt::format("{}{} of the rules broken", violations.full() ? "at least " : "", count));
  for (const Violation& violation : violations.list()) {
    Problem::Violation& entry = *problem.add_violations();
    entry.set_path(violation.path);
    entry.set_rule(violation.rule);
    entry.set_message(violation.message);
  }
  return problem;
}

Problem make_problem(const DecodeError& error) {
  Problem problem = make_problem(ProblemCode::kInvalid, "cannot be decoded: " + error.text());
  Problem::Violation& entry = *problem.add_violations();
  entry.set_path(error.path);
  entry.set_rule("encoding");
  entry.set_message(error.text());
  return problem;
}

}  // namespace natsproof

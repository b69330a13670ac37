// Refusals as data: what goes into the body of a NATS service error.
#pragma once

#include <string>

#include "base/result.h"
#include "models/runtime/decode_error.h"
#include "models/runtime/violations.h"
#include "models/schema/services.pb.h"

namespace natsproof {

// The codes of refusals; they are HTTP's.
struct ProblemCode {
  static constexpr int kInvalid = 400;
  static constexpr int kPaymentDeclined = 402;
  static constexpr int kFraud = 403;
  static constexpr int kUnknown = 404;
  static constexpr int kOutOfStock = 409;
  static constexpr int kTooLarge = 413;
  static constexpr int kUnknownEncoding = 415;
  static constexpr int kOurs = 500;
};

template <typename Reply>
using Answer = Result<Reply, models::v1::Problem>;

models::v1::Problem make_problem(int code, std::string message);
// 400, with the violations.
models::v1::Problem make_problem(const Violations& violations);
// 400, with one violation of the rule `encoding`.
models::v1::Problem make_problem(const DecodeError& error);

}  // namespace natsproof

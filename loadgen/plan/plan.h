// A plan: what to run, against what, and what is claimed. Plain data; plan_file.h reads it from
// YAML and explains mistakes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "loadgen/measure/claim.h"
#include "loadgen/plan/payload.h"
#include "loadgen/schedule/schedule.h"

namespace natsproof {

enum class LoadModel { open, closed };
enum class ClientKind { wire, natsc, natsc_default };
enum class Pacing { sleep, hybrid, spin };
std::string_view client_name(ClientKind client);  // wire | nats.c | nats.c-default
std::string_view pacing_name(Pacing pacing);

// Services natsproof brings, and the endpoints they answer (without prefix).
std::span<const std::string> sample_services();
std::span<const std::string> sample_endpoints();

struct ThinkTime {
  Duration min{}, max{};  // uniform; equal: fixed
  bool operator==(const ThinkTime&) const = default;
};

// A part of a closed loop's profile: the number of users goes linearly from `from` to `to`.
struct UserStretch {
  Duration length{};
  double from = 0, to = 0;
  bool operator==(const UserStretch&) const = default;
};

struct Load {
  LoadModel model = LoadModel::open;
  Arrivals arrivals = Arrivals::poisson;  // as of callers who do not know of each other
  std::vector<Stretch>
      profile;  // open: at least one; a plain `rate:` is one stretch as long as `duration`
  std::uint32_t users = 0;                // closed; of a profile: the most at any time
  std::vector<UserStretch> user_profile;  // closed; empty: `users` all the time
  std::optional<Rate> spawn;              // closed: users a second; none: all at once
  ThinkTime think;                        // closed; of users without a kind
  std::uint32_t connections = 1, workers = 1;
  std::optional<Pacing> pacing;  // none: by the number of cores
  Duration warmup = 1s;
  Duration duration = 5s;  // of the measurement; of a profile: the sum of its stretches
  std::uint32_t repetitions = 5;
  std::uint64_t seed = 1;
  bool operator==(const Load&) const = default;
};

// The plan's own pacing, else sleep where cores < workers + 3 (a spinning generator would take the
// server's core), else hybrid.
Pacing effective_pacing(const Load& load, unsigned cores);

enum class Expect {
  same,      // the reply is the request's payload (default for the echo endpoint)
  no_error,  // content not verified, and every report says so (default for `subject`)
  contains,
  equals,
  answer,  // the right answer by models/answers, as far as `verify` goes (where the payload is a
           // model)
};

struct Task {
  std::string name;
  double weight = 1;
  std::string endpoint;  // of a sample service, without prefix; or
  std::string subject;   // a literal subject
  // Seeded printable text of that size, where there is no file. Below 12 bytes it cannot carry a
  // request's sequence digits: `same` then verifies content alone, which request it answers is
  // known by the reply's subject in any case.
  std::uint64_t payload_bytes = 0;
  // Drawn by weight, of one kind: models, or bytes of several sizes. Empty: payload_bytes or a
  // file.
  std::vector<PayloadSpec> payloads;
  Encoding codec = Encoding::protobuf;  // of models
  std::vector<Injection> inject;        // at most 100 % together
  std::string payload_file;             // as written in the plan
  std::string payload;                  // its content, once read
  std::vector<std::pair<std::string, std::string>> headers;
  Duration timeout = 1s;
  Expect expect = Expect::no_error;
  std::string expected;  // of contains: the text; of equals: the file's content
  std::string expected_file;
  Verify verify = Verify::full;   // of Expect::answer
  Encode encode = Encode::ahead;  // of models

  // Where requests go: the literal subject, or the endpoint under the prefix of the sample
  // services.
  [[nodiscard]] std::string target() const {
    return subject.empty() ? kServicePrefix + endpoint : subject;
  }
  // Whether an ok reply was the right one by its content.
  [[nodiscard]] bool verifies_content() const {
    return expect != Expect::no_error && (expect != Expect::answer || verify == Verify::full);
  }
  // Whether that content differs between requests, so that another's reply is seen to be one.
  [[nodiscard]] bool tells_requests_apart() const;
  static inline const std::string kServicePrefix = "natsproof.";
  bool operator==(const Task&) const = default;
};

// A kind of user of a closed loop.
struct UserKind {
  std::string name;
  double weight = 1;          // its share of the users
  ThinkTime think;            // between a reply and its next request
  std::vector<double> tasks;  // how often it does each of the plan's tasks; 0: never
  bool operator==(const UserKind&) const = default;
};

// Ends a run whose share of failed requests was over the limit for that many seconds in a row.
//
// A request belongs to the second in which it was decided, warm-up included. A second in which none
// was decided says nothing: it neither counts nor ends the row, for where every request times out,
// whole seconds pass without a decision. Not scaled by `--time`.
struct AbortLimit {
  double errors = 1;   // 0..1
  Duration lasting{};  // whole seconds
  std::string text;    // `errors > 50% for 5s`
  bool operator==(const AbortLimit&) const = default;
};

struct Plan {
  std::string name, about;
  std::vector<std::string> services;  // to stage
  ClientKind client = ClientKind::wire;
  ClientKind service_client = ClientKind::natsc;  // `service_client:`, of the staged services
  std::uint32_t instances = 1;                    // of each staged service
  bool inline_neighbours = false;  // `inline:`: the staged orders asks its neighbours in process
  // Of staged services, by name, as `serve --work` and `serve --fault` take them.
  std::map<std::string, std::string> work, faults;
  Load load;
  std::vector<UserKind> users;  // closed; empty: all users do all tasks, by the tasks' weights
  std::vector<Task> tasks;
  std::vector<Claim> claims;
  std::optional<AbortLimit> abort;
  bool trace = false;  // one more repetition, not judged: where the time goes
  Duration covers = 3ms;
  std::map<std::string, double> gates;  // limits changed by the plan, by gate name
};

// The plan's services, and behind them the neighbours they call that the plan does not name.
std::vector<std::string> services_to_stage(const Plan& plan);

}  // namespace natsproof

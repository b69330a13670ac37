// `natsproof selftest`: the tool proves itself on the user's own machine, in about a minute.
//
// Every measured check is a real run: a nats-server and services as child processes, the load and
// the judge of `natsproof run`. A check that does not hold is tried again; what it finds in the end
// holds, FAILS, or could not be shown, where the machine may have made the difference or the check
// could not be made at all.
#pragma once

#include <string>
#include <vector>

namespace natsproof {

struct SelftestOptions {
  std::vector<std::string> only;  // groups, by name; empty: all
  bool quiet = false;             // no progress
};

// The names of the groups, in their order.
std::vector<std::string> selftest_groups();

// Prints the table to stdout, progress to stderr. Returns 0 all hold, 1 one fails, 3 none fails and
// one could not be shown, 4 interrupted, 5 there is no nats-server.
// REQUIRES: the main thread, no other running; `only` has names of groups.
int run_selftest(const SelftestOptions& options);

}  // namespace natsproof

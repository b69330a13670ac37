// The sample services' own account of a repetition: which requests they took and answered (their
// ledgers), and which faults they injected. Asked over NATS; see services/runtime/interference.h
// for what is said.
//
// One thread. What cannot be asked is left unknown, and told by a note: never guessed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "loadgen/measure/unanswered.h"
#include "messaging/server_address.h"

namespace natsproof {

struct AccountOptions {
  std::vector<ServerAddress> servers{};
  std::string prefix = "natsproof.";    // of their subjects
  std::vector<std::string> services{};  // all by name, as `orders`; started with --allow-faults
  std::vector<std::string> asked{};     // those of them that requests go to: theirs is the ledger
  std::uint32_t instances = 1;          // of each
};

struct ServicesSay {
  LedgerCounts ledger;
  // By service and name (`echo.drop_before`), all instances together. Of an instance that did not
  // answer they are not known, and a note says so.
  std::map<std::string, std::uint64_t> injected;
  std::vector<std::string> notes;  // what could not be asked
};

class ServicesAccount {
 public:
  static Result<std::unique_ptr<ServicesAccount>> open(const AccountOptions& options);
  ~ServicesAccount();

  // From now on the ledgers are about requests with these beginnings of their reply subjects, each
  // with sequence numbers below `requests`. Which of them get faults follows from the seed.
  void begin(std::span<const std::string> inboxes, std::uint64_t requests, std::uint64_t seed);
  // What has come of them since.
  ServicesSay end(std::span<const UnansweredRequests> unanswered);

 private:
  class Inquiry;
  explicit ServicesAccount(std::unique_ptr<Inquiry> inquiry);
  std::unique_ptr<Inquiry> inquiry_;
};

}  // namespace natsproof

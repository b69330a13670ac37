#include "loadgen/app/keep_account.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"

namespace natsproof {
namespace {

std::vector<std::string> services_asked(const Plan& plan) {
  const std::vector<std::string> staged = services_to_stage(plan);
  std::vector<std::string> asked;
  for (const Task& task : plan.tasks) {
    const std::string service = task.endpoint.substr(0, task.endpoint.find('.'));
    const auto among = [&](const std::vector<std::string>& of) {
      return std::find(of.begin(), of.end(), service) != of.end();
    };
    if (among(staged) && !among(asked)) asked.push_back(service);
  }
  return asked;
}

}  // namespace

std::unique_ptr<ServicesAccount> keep_account(const Plan& plan, RepetitionOptions& options) {
  const std::vector<std::string> services = services_to_stage(plan);
  if (services.empty()) return nullptr;
  auto opened = ServicesAccount::open({.servers = options.servers,
                                       .prefix = Task::kServicePrefix,
                                       .services = services,
                                       .asked = services_asked(plan),
                                       .instances = plan.instances});
  if (!opened) return nullptr;
  ServicesAccount* const account = opened->get();
  options.begin_account = [account](std::span<const std::string> inboxes, std::uint64_t requests,
                                    std::uint64_t seed) {
    account->begin(inboxes, requests, seed);
  };
  options.end_account = [account](std::span<const UnansweredRequests> unanswered,
                                  Repetition& repetition) {
    ServicesSay says = account->end(unanswered);
    repetition.ledger = says.ledger;
    repetition.injected = std::move(says.injected);
    repetition.events.insert(repetition.events.end(), says.notes.begin(), says.notes.end());
  };
  return std::move(*opened);
}

}  // namespace natsproof

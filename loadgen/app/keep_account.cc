#include "loadgen/app/keep_account.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/judge/claim_counts.h"
#include "services/runtime/ledger.h"

namespace natsproof {
namespace {

// Among the staged ones; empty: the task's requests go elsewhere.
std::string service_asked(const Task& task, const std::vector<std::string>& staged) {
  std::string service = task.endpoint.substr(0, task.endpoint.find('.'));
  return std::find(staged.begin(), staged.end(), service) != staged.end() ? service : "";
}

std::vector<std::string> services_asked(const Plan& plan) {
  const std::vector<std::string> staged = services_to_stage(plan);
  std::vector<std::string> asked;
  for (const Task& task : plan.tasks) {
    const std::string service = service_asked(task, staged);
    if (!service.empty() && std::find(asked.begin(), asked.end(), service) == asked.end())
      asked.push_back(service);
  }
  return asked;
}

// Of requests to staged services.
std::uint64_t count_answered(const Plan& plan, const Repetition& repetition) {
  const std::vector<std::string> staged = services_to_stage(plan);
  std::uint64_t answered = 0;
  for (const Task& task : plan.tasks) {
    const TaskRecord* record = find_task(repetition, task.name);
    if (record == nullptr || service_asked(task, staged).empty()) continue;
    for (const RequestCounts* counts : {&record->warmup, &record->measured}) {
      answered += counts->successes() + counts->of(RequestClass::wrong_reply) +
                  counts->of(RequestClass::service_error) + counts->late;
    }
  }
  return answered;
}

// The stage's ledger, as this process sees it.
class OwnLook {
 public:
  explicit OwnLook(const std::string& file) {
    if (auto opened = Ledger::open(file)) ledger_ = *opened;
  }

  void begin(std::span<const std::string> inboxes, std::uint64_t requests, std::uint64_t seed) {
    requests_ = requests;
    // The services are asked to do the same, but one that hangs may do it late.
    if (ledger_ != nullptr && !ledger_->begin(inboxes, requests, seed)) ledger_.reset();
  }
  // Nothing: it is not known. Says why, where others are the reason.
  [[nodiscard]] std::optional<std::uint64_t> taken(std::span<const UnansweredRequests> workers,
                                                   std::vector<std::string>& events) const {
    if (ledger_ == nullptr || workers.empty()) return std::nullopt;
    std::uint64_t sum = 0;
    bool has_room = true;
    for (const UnansweredRequests& worker : workers) {
      const auto taken = ledger_->taken(worker.inbox, worker.numbers);
      if (!taken) {
        events.emplace_back(
            "somebody else began the ledger of the staged services anew: another run uses the same "
            "subjects on this server");
        return std::nullopt;
      }
      sum += *taken;
      has_room = has_room && worker.numbers <= requests_;
    }
    return has_room ? std::optional(sum) : std::nullopt;
  }

 private:
  std::shared_ptr<Ledger> ledger_;
  std::uint64_t requests_ = 0;  // of each worker
};

}  // namespace

std::unique_ptr<ServicesAccount> keep_account(const Plan& plan, const std::string& ledger_file,
                                              RepetitionOptions& options) {
  const std::vector<std::string> services = services_to_stage(plan);
  if (services.empty()) return nullptr;
  auto opened = ServicesAccount::open({.servers = options.servers,
                                       .prefix = Task::kServicePrefix,
                                       .services = services,
                                       .asked = services_asked(plan),
                                       .instances = plan.instances});
  if (!opened) return nullptr;
  ServicesAccount* const account = opened->get();
  const auto look = std::make_shared<OwnLook>(ledger_file);
  options.begin_account = [account, look](std::span<const std::string> inboxes,
                                          std::uint64_t requests, std::uint64_t seed) {
    look->begin(inboxes, requests, seed);
    account->begin(inboxes, requests, seed);
  };
  options.end_account = [account, look, &plan](std::span<const UnansweredRequests> unanswered,
                                               Repetition& repetition) {
    ServicesSay says = account->end(unanswered);
    says.ledger.answered = count_answered(plan, repetition);
    // After the unanswered ones, so that none was taken that is not counted here.
    says.ledger.taken = look->taken(unanswered, repetition.events);
    repetition.ledger = says.ledger;
    repetition.injected = std::move(says.injected);
    repetition.events.insert(repetition.events.end(), says.notes.begin(), says.notes.end());
  };
  return std::move(*opened);
}

}  // namespace natsproof

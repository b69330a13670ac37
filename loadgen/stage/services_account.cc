#include "loadgen/stage/services_account.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "messaging/headers.h"
#include "messaging/transport.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {
namespace {

using Json = nlohmann::json;

constexpr Duration kServiceAnswersWithin = 1s;
constexpr std::uint64_t kRequestsAPiece = 65'536;  // of a ledger, in one reply

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t count_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool is_true(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && *found == true;
}

bool bit(const std::string& bits, std::uint64_t index) {
  return index / 8 < bits.size() &&
         ((static_cast<unsigned char>(bits[index / 8]) >> (index % 8)) & 1) != 0;
}

// A part of what all ledgers together know of the requests of one inbox.
struct Piece {
  std::uint64_t from = 0, count = 0;
  bool known = true;  // by everybody who was asked
  std::vector<std::string> arrived, replied;

  [[nodiscard]] bool covers(std::uint64_t sequence) const {
    return known && sequence - from < count;
  }
  [[nodiscard]] bool has_arrived(std::uint64_t sequence) const { return has(arrived, sequence); }
  [[nodiscard]] bool has_replied(std::uint64_t sequence) const { return has(replied, sequence); }

 private:
  [[nodiscard]] bool has(const std::vector<std::string>& bits, std::uint64_t sequence) const {
    return std::any_of(bits.begin(), bits.end(),
                       [&](const std::string& of) { return bit(of, sequence - from); });
  }
};

}  // namespace

class ServicesAccount::Inquiry final : public Listener {
 public:
  explicit Inquiry(const AccountOptions& options)
      : options_(options), wire_(make_wire_transport(clock_)) {}

  Result<void> open() {
    if (auto opened =
            wire_->open({.servers = options_.servers, .name = "natsproof-account"}, *this);
        !opened)
      return opened;
    for (const std::string& service : options_.services) {
      for (const char* what : {"ledger", "faults"}) {
        auto frame = wire_->prepare(
            {.subject = fmt::format("{}control.{}.{}", options_.prefix, service, what)});
        if (!frame) return frame.error();
        frames_[{service, what}] = *frame;
      }
    }
    return {};
  }

  // What every instance of the service says; fewer where they do not answer in time.
  std::vector<Json> ask(const std::string& service, const char* what, const std::string& payload) {
    const Sequence asked = next_++;
    answers_.clear();
    nobody_ = false;
    awaited_ = asked;
    wire_->request_with(0, frames_.at({service, what}), asked, payload);
    const Instant until = clock_.now() + kServiceAnswersWithin;
    while (answers_.size() < options_.instances && !nobody_ && clock_.now() < until) {
      wire_->flush();
      wire_->wait(until);
      wire_->receive();
    }
    return std::exchange(answers_, {});
  }

  void on_message(const Message& message) override {
    if (message.sequence != awaited_) return;
    if (header_status(message.headers) == kStatusNoResponders) {
      nobody_ = true;
      return;
    }
    auto json = Json::parse(message.payload, nullptr, false);
    if (json.is_object()) answers_.push_back(std::move(json));
  }

  void begin(std::span<const std::string> inboxes, std::uint64_t requests, std::uint64_t seed) {
    notes_.clear();
    const Json begin = {{"begin", {{"inboxes", inboxes}, {"slots", requests}, {"seed", seed}}}};
    silent_.clear();
    for (const std::string& service : options_.asked) {
      for (const Json& answer : complete(service, "ledger", begin.dump())) {
        if (const std::string error = text_of(answer, "error"); !error.empty())
          note(fmt::format("the ledger of {}: {}", service, error));
      }
    }
    before_ = count_injected();
  }

  ServicesSay end(std::span<const UnansweredRequests> unanswered) {
    ServicesSay says;
    again_.clear();
    silent_.clear();
    catch_up();
    for (const UnansweredRequests& of : unanswered) {
      says.ledger.unknown += of.more;
      count(of, says.ledger);
    }
    for (const auto& [ledger, again] : again_)
      says.ledger.executed_again = says.ledger.executed_again.value_or(0) + again;
    const Injected after = count_injected();
    for (const auto& [service, instances] : after.by_service) {
      for (const auto& [instance, counts] : instances) {
        const auto& before = before_.by_service[service];
        const auto known = before.find(instance);
        // One that was not there before began after it, if all others had answered.
        if (known == before.end() && before_.incomplete.contains(service)) continue;
        for (const auto& [name, count] : counts) {
          std::uint64_t since = count;
          if (known != before.end() && known->second.contains(name))
            since -= std::min(since, known->second.at(name));
          if (since > 0) says.injected[service + "." + name] += since;
        }
      }
    }
    says.notes = std::exchange(notes_, {});
    return says;
  }

 private:
  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end())
      notes_.push_back(std::move(text));
  }

  // Who does not answer is not asked again the same time: it would take a second each.
  std::vector<Json> complete(const std::string& service, const char* what,
                             const std::string& payload) {
    if (silent_.contains(service)) return {};
    auto answers = ask(service, what, payload);
    if (answers.empty()) silent_.insert(service);
    if (answers.size() < options_.instances) {
      note(fmt::format("{} of {} instances of {} answered for their {}", answers.size(),
                       options_.instances, service, what));
    }
    return answers;
  }

  void count(const UnansweredRequests& of, LedgerCounts& counts) {
    std::vector<std::uint64_t> requests = of.requests;
    std::sort(requests.begin(), requests.end());
    const std::set<std::uint64_t> late(of.late.begin(), of.late.end());
    Piece piece;
    std::optional<std::uint64_t> read;                 // which piece it is
    if (requests.empty()) read_piece(of.inbox, 0, 1);  // for what was executed twice
    for (const std::uint64_t request : requests) {
      if (read != request / kRequestsAPiece) {
        read = request / kRequestsAPiece;
        piece = read_piece(of.inbox, *read * kRequestsAPiece, kRequestsAPiece);
      }
      // A bit that is set is true whoever else is silent.
      ++(late.contains(request)       ? counts.replied_late
         : piece.has_replied(request) ? counts.reply_lost
         : piece.has_arrived(request) ? counts.not_replied
         : piece.covers(request)      ? counts.never_arrived
                                      : counts.unknown);
    }
  }

  Piece read_piece(const std::string& inbox, std::uint64_t from, std::uint64_t count) {
    Piece piece{.from = from, .count = count};
    std::set<std::string> ledgers;  // services of one stage share one
    const Json read = {{"read", {{"inbox", inbox}, {"from", from}, {"count", count}}}};
    for (const std::string& service : options_.asked) {
      bool known = false, lost = false;
      for (const Json& answer : complete(service, "ledger", read.dump())) {
        const auto arrived = decode_base64(text_of(answer, "arrived"));
        const auto replied = decode_base64(text_of(answer, "replied"));
        lost = lost || !is_true(answer, "known");
        if (!is_true(answer, "known") || !arrived || !replied) continue;
        known = true;
        const std::string ledger = text_of(answer, "ledger");
        again_[ledger] = count_of(answer, "again");
        if (!ledgers.insert(ledger).second) continue;
        piece.count = std::min(piece.count, count_of(answer, "count"));
        piece.arrived.push_back(*arrived);
        piece.replied.push_back(*replied);
      }
      if (!known || lost) piece.known = false;
    }
    return piece;
  }

  using Counts = std::map<std::string, std::uint64_t>;  // by name
  struct Injected {
    std::map<std::string, std::map<std::string, Counts>> by_service;  // and by instance
    std::set<std::string> incomplete;                                 // not all instances answered
  };
  Injected count_injected() {
    Injected injected;
    for (const std::string& service : options_.services) {
      const auto answers = complete(service, "faults", "?");
      if (answers.size() < options_.instances) injected.incomplete.insert(service);
      for (const Json& answer : answers) {
        Counts& counts = injected.by_service[service][text_of(answer, "instance")];
        const auto found = answer.find("injected");
        if (found == answer.end() || !found->is_object()) continue;
        for (const auto& [name, count] : found->items()) {
          if (count.is_number_unsigned()) counts[name] = count.get<std::uint64_t>();
        }
      }
    }
    return injected;
  }

  // Nobody has looked at the connection while the repetition ran: the server may have given it up.
  void catch_up() {
    const Instant until = clock_.now() + kServiceAnswersWithin;
    wire_->receive();
    while (!wire_->is_up(0) && clock_.now() < until) {
      wire_->wait(until);
      wire_->receive();
    }
  }

  const SteadyClock clock_;
  const AccountOptions options_;
  std::map<std::pair<std::string, std::string>, FrameId> frames_;  // by service and what
  std::vector<Json> answers_;
  bool nobody_ = false;
  Sequence next_ = 0, awaited_ = kNoSequence;
  Injected before_;
  std::set<std::string> silent_;                // since begin() or end()
  std::map<std::string, std::uint64_t> again_;  // by ledger
  std::vector<std::string> notes_;
  std::unique_ptr<Transport> wire_;  // after what its callbacks use
};

ServicesAccount::ServicesAccount(std::unique_ptr<Inquiry> inquiry) : inquiry_(std::move(inquiry)) {}
ServicesAccount::~ServicesAccount() = default;

Result<std::unique_ptr<ServicesAccount>> ServicesAccount::open(const AccountOptions& options) {
  auto inquiry = std::make_unique<Inquiry>(options);
  if (auto opened = inquiry->open(); !opened) return opened.error();
  return std::unique_ptr<ServicesAccount>(new ServicesAccount(std::move(inquiry)));
}

void ServicesAccount::begin(std::span<const std::string> inboxes, std::uint64_t requests,
                            std::uint64_t seed) {
  inquiry_->begin(inboxes, requests, seed);
}

ServicesSay ServicesAccount::end(std::span<const UnansweredRequests> unanswered) {
  return inquiry_->end(unanswered);
}

}  // namespace natsproof

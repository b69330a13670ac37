// What a service asks other services, on its own connection: each call has a reply subject in the
// service's inbox, and ends by a reply, by the server's word that nobody is there, by the timeout,
// or because the service stops.
//
// Not thread-safe: the Service it belongs to has the mutex. Nothing is told of a call after its
// end; late and second replies are dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

// Of every call. The same for all, so that they end in the order in which they began.
inline constexpr Duration kCallTimeout = 1s;

struct CallResult {
  enum class Kind { replied, nobody_there, timed_out, stopping } kind = Kind::replied;
  std::string_view headers{}, payload{};  // of a reply; they die with the call of Done
};

class Calls {
 public:
  using Done = std::function<void(const CallResult&)>;

  // `inbox` ends in a dot; nobody else has it.
  Calls(const Clock& clock, std::string inbox);

  // What to subscribe to, for on_reply().
  [[nodiscard]] std::string inbox_pattern() const { return inbox_ + "*"; }
  // `done` is called once, by on_reply() or end_overdue(); never, unless accepted.
  SendStatus call(Transport& transport, std::string_view subject, std::string_view payload,
                  Done done);
  void on_reply(const Message& message);
  void end_overdue();
  // No call lasts longer than until then.
  void end_all_by(Instant deadline) { deadline_ = deadline; }
  // When the first call times out; Instant::max(): none is under way.
  [[nodiscard]] Instant next_due() const;

 private:
  struct Call {
    Instant due{};
    Done done;
  };

  const Clock& clock_;
  const std::string inbox_;
  std::string reply_to_;  // of the last call; its number is patched in
  Sequence next_ = 0;
  Instant deadline_ = Instant::max();
  std::map<Sequence, Call> under_way_;  // by number is by time
};

}  // namespace natsproof

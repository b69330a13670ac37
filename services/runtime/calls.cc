#include "services/runtime/calls.h"

#include <algorithm>
#include <utility>

#include "messaging/headers.h"
#include "messaging/subject.h"

namespace natsproof {

Calls::Calls(const Clock& clock, std::string inbox)
    : clock_(clock),
      inbox_(std::move(inbox)),
      reply_to_(inbox_ + std::string(kSequenceDigits, '0')) {}

SendStatus Calls::call(Transport& transport, std::string_view subject, std::string_view payload,
                       Done done) {
  write_hex(reply_to_.data() + inbox_.size(), next_, kSequenceDigits);
  const SendStatus status =
      transport.publish(0, {.subject = subject, .reply_to = reply_to_, .payload = payload});
  if (status != SendStatus::accepted) return status;
  const Instant due = std::min(clock_.now() + kCallTimeout, deadline_);
  under_way_.emplace(next_++, Call{.due = due, .done = std::move(done)});
  return status;
}

void Calls::on_reply(const Message& message) {
  // Taken out before it is told of its end: it may well call again.
  const auto ended = under_way_.extract(sequence_of_reply(message.subject));
  if (ended.empty()) return;
  const bool nobody = header_status(message.headers) == kStatusNoResponders;
  ended.mapped().done({.kind = nobody ? CallResult::Kind::nobody_there : CallResult::Kind::replied,
                       .headers = message.headers,
                       .payload = message.payload});
}

void Calls::end_overdue() {
  const Instant now = clock_.now();
  while (next_due() <= now) {
    const auto ended = under_way_.extract(under_way_.begin());
    ended.mapped().done({.kind = ended.mapped().due == deadline_ ? CallResult::Kind::stopping
                                                                 : CallResult::Kind::timed_out});
  }
}

Instant Calls::next_due() const {
  return under_way_.empty() ? Instant::max() : under_way_.begin()->second.due;
}

}  // namespace natsproof

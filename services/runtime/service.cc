#include "services/runtime/service.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "messaging/headers.h"
#include "messaging/subject.h"
#include "services/runtime/descriptions.h"
#include "services/runtime/names.h"

namespace natsproof {
namespace {

constexpr std::array<std::string_view, 3> kVerbs = {"PING", "INFO", "STATS"};
// Each verb is asked of everybody, of a name, and of one instance.
constexpr std::size_t kSubjectsPerVerb = 3;
constexpr std::size_t kDiscoverySubjects = kVerbs.size() * kSubjectsPerVerb;
constexpr std::array<std::string_view, 2> kControlQuestions = {"faults", "ledger"};

constexpr const char* kNotSent =
    "503:the reply could not be sent, for the connection was down or congested";
constexpr int kOurError = 500;
// How soon a hang notices a stop.
constexpr Duration kHangSlice = 10ms;

// A header's value is one line, and not a long one.
std::string one_line(std::string_view text) {
  constexpr std::size_t kMostBytes = 1000;
  std::size_t end = std::min(text.size(), kMostBytes);
  while (end < text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;  // whole characters
  std::string line{text.substr(0, end)};
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }, ' ');
  return line;
}

Result<void> check_names(const ServiceConfig& service,
                         const std::vector<EndpointConfig>& endpoints) {
  const auto check_name = [](std::string_view what, const std::string& name) -> Result<void> {
    if (is_service_name(name)) return {};
    return Error{
        fmt::format("{} name \"{}\": only letters, digits, - and _ are allowed", what, name)};
  };
  if (auto checked = check_name("service", service.name); !checked) return checked;
  if (!is_semver(service.version)) {
    return Error{fmt::format("service {}: version \"{}\" is not a semantic version such as 1.2.3",
                             service.name, service.version)};
  }
  for (const EndpointConfig& endpoint : endpoints) {
    assert(endpoint.handler != nullptr);
    if (auto checked = check_name("endpoint", endpoint.name); !checked) return checked;
    if (auto checked = check_subject(endpoint.subject, true); !checked) return checked;
  }
  return {};
}

}  // namespace

void Responder::reply(std::string_view payload, std::string_view headers) {
  if (!reply_if_it_fits(payload, headers)) error(413, too_large());
}

bool Responder::reply_if_it_fits(std::string_view payload, std::string_view headers) {
  switch (send(headers, payload)) {
    case SendStatus::accepted:
      return true;
    case SendStatus::too_big:
      return false;
    case SendStatus::down:
    case SendStatus::backlogged:
      break;
  }
  ++stats_.num_errors;
  stats_.last_error = kNotSent;
  return true;
}

std::string Responder::too_large() const {
  return fmt::format("the reply of {} bytes is over the server's max_payload", sent_bytes_);
}

void Responder::error(int code, std::string_view text, std::string_view payload,
                      std::string_view content_type) {
  ++stats_.num_errors;
  const std::string line = one_line(text);
  if (code == kOurError) service_.errors_.warn(service_.name(), service_.id(), line);
  stats_.last_error = fmt::format("{}:{}", code, line);
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Nats-Service-Error", line}, {"Nats-Service-Error-Code", std::to_string(code)}};
  if (!content_type.empty()) headers.emplace_back("Content-Type", content_type);
  const auto block = make_headers(headers);
  assert(block.ok());
  if (send(*block, payload) == SendStatus::too_big) send(*block, {});
}

void Responder::add_items(std::size_t count) {
  if (fate_ == nullptr) return;
  fate_->work += static_cast<Duration::rep>(count) * service_.interference_->work().delay_per_item;
}

ReplyHandle Responder::later() {
  answered_later_ = true;
  return ReplyHandle{*this};
}

SendStatus Responder::send(std::string_view headers, std::string_view payload) {
  sent_bytes_ = headers.size() + payload.size();
  if (fate_ != nullptr) return service_.send_as_fated(*this, headers, payload);
  return service_.send(connection_, reply_to_, headers, payload);
}

void Responder::stamp_now(TraceStage stage) {
  fate_->trace->stamp(stage, service_.clock_.now());
}

void ReplyHandle::count_time() const {
  stats_->processing_time += service_->clock_.now() - begun_;
}

Result<std::unique_ptr<Service>> Service::create(ServiceConfig config,
                                                 std::vector<EndpointConfig> endpoints,
                                                 const Clock& clock) {
  if (auto checked = check_names(config, endpoints); !checked) return checked.error();
  if (config.id.empty()) config.id = make_service_id();
  for (EndpointConfig& endpoint : endpoints) endpoint.metadata.merge(endpoint.handler->metadata());
  return std::unique_ptr<Service>{new Service(std::move(config), std::move(endpoints), clock)};
}

Service::Service(ServiceConfig config, std::vector<EndpointConfig> endpoints, const Clock& clock)
    : config_(std::move(config)),
      endpoints_(std::move(endpoints)),
      stats_(endpoints_.size()),
      clock_(clock),
      started_(std::chrono::system_clock::now()),
      calls_(clock, fmt::format("_INBOX.{}.", config_.id)),
      errors_(clock) {}

void Service::interfere(InterferenceConfig config) {
  assert(transport_ == nullptr && interference_ == nullptr);
  interference_ = std::make_unique<Interference>(std::move(config), config_.id, clock_);
}

Result<void> Service::start(Transport& transport) {
  assert(transport_ == nullptr);
  // Before the first subscription: with direct delivery its messages do not wait for the last.
  transport_ = &transport;
  const bool controlled = interference_ != nullptr && interference_->config().allow_faults;
  first_endpoint_ = kDiscoverySubjects + (controlled ? kControlQuestions.size() : 0);
  const auto subscribe = [&](const std::string& subject, const std::string& group) -> Result<void> {
    auto subscription = transport.subscribe(0, subject, group);
    if (!subscription) return subscription.error();
    subscriptions_.push_back(*subscription);
    // on_message() finds its way by this; see kDiscoverySubjects.
    assert(*subscription == subscriptions_.size());
    return {};
  };
  for (const std::string_view verb : kVerbs) {
    for (const std::string& subject :
         {fmt::format("$SRV.{}", verb), fmt::format("$SRV.{}.{}", verb, config_.name),
          fmt::format("$SRV.{}.{}.{}", verb, config_.name, config_.id)}) {
      if (auto done = subscribe(subject, ""); !done) return done;
    }
  }
  if (controlled) {
    for (const std::string_view question : kControlQuestions) {
      const auto subject = fmt::format("{}.{}", interference_->config().control, question);
      if (auto done = subscribe(subject, ""); !done) return done;
    }
  }
  for (const EndpointConfig& endpoint : endpoints_) {
    if (auto done = subscribe(endpoint.subject, endpoint.queue_group); !done) return done;
  }
  // The last one, and not in the list: it outlives the others.
  if (config_.calls_others) {
    if (auto inbox = transport.subscribe(0, calls_.inbox_pattern(), ""); !inbox) {
      return inbox.error();
    }
  }
  transport.flush();
  return {};
}

void Service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stop_by_ = clock_.now() + kStopWithin;
    calls_.end_all_by(stop_by_);
    if (interference_ != nullptr) interference_->calm_down();
  }
  // Without the mutex, for nats.c waits here for what is being delivered. The endpoints first, so
  // that work goes elsewhere while the rest is taken down.
  for (auto subscription = subscriptions_.rbegin(); subscription != subscriptions_.rend();
       ++subscription) {
    transport_->unsubscribe(0, *subscription);
  }
  subscriptions_.clear();
  transport_->flush();
}

Instant Service::first_due() const {
  Instant due = std::min(calls_.next_due(), waiting_.next());
  if (due != Instant::max()) due = std::min(due, stop_by_);
  if (interference_ != nullptr) due = std::min(due, interference_->next_due());
  return due;
}

Instant Service::next_due() {
  const std::lock_guard lock(mutex_);
  sleeper_ = std::this_thread::get_id();
  told_due_ = first_due();
  return told_due_;
}

void Service::do_what_is_due() {
  const std::lock_guard lock(mutex_);
  if (interference_ != nullptr) {
    // With the mutex, so that nothing is done on any other thread either.
    const Instant end = clock_.now() + interference_->do_what_is_due();
    while (clock_.now() < end && !stop_announced_) {
      std::this_thread::sleep_for(std::min<Duration>(end - clock_.now(), kHangSlice));
    }
  }
  const Instant now = clock_.now();
  while (waiting_.next() <= now || (now >= stop_by_ && waiting_.next() != Instant::max())) {
    waiting_.do_next();
  }
  calls_.end_overdue();
}

void Service::do_later(Instant at, std::function<void()> what) {
  waiting_.add(at, std::move(what));
  wake_for(at);
}

void Service::wake_for(Instant due) {
  if (due >= told_due_ || std::this_thread::get_id() == sleeper_) return;
  told_due_ = due;
  transport_->wake();
}

SendStatus Service::call(std::string_view subject, std::string_view name, std::string_view payload,
                         Calls::Done done) {
  assert(config_.calls_others);
  if (trace_ != nullptr) done = traced(trace_->begin_call(name, clock_.now()), std::move(done));
  const SendStatus status = calls_.call(*transport_, subject, payload, std::move(done));
  // It may end sooner than who sleeps was told.
  if (stopped_ && status == SendStatus::accepted) wake_for(stop_by_);
  return status;
}

void Service::on_message(const Message& message) {
  if (message.subscription == kInbox) return;
  const std::lock_guard lock(mutex_);
  const std::size_t index = message.subscription - 1;
  if (index < kDiscoverySubjects) {
    describe(index / kSubjectsPerVerb, message);
  } else if (index < first_endpoint_) {
    control(index - kDiscoverySubjects, message);
  } else if (index - first_endpoint_ < endpoints_.size()) {
    const std::size_t endpoint = index - first_endpoint_;
    if (interference_ != nullptr) return take(endpoint, message);
    serve(*endpoints_[endpoint].handler, stats_[endpoint], message, nullptr);
  } else {
    calls_.on_reply(message);
    // Who waits for the last one to end may be asleep until it times out.
    if (stopped_ && first_due() == Instant::max()) transport_->wake();
  }
}

void Service::serve(EndpointHandler& handler, EndpointStats& stats, const Message& message,
                    Fate* fate) {
  const Instant begun = clock_.now();
  ++stats.num_requests;
  Responder responder{*this, stats, message.connection, message.reply_to, begun, fate};
  try {
    handler.handle({.subject = message.subject,
                    .headers = message.headers,
                    .payload = message.payload,
                    .received = message.received},
                   responder);
  } catch (const std::exception& thrown) {
    responder.error(kOurError, thrown.what());
  } catch (...) {
    responder.error(kOurError, "unknown exception");
  }
  if (!responder.answered_later_) stats.processing_time += clock_.now() - begun;
}

// ---- only where there is interference

Calls::Done Service::traced(std::size_t place, Calls::Done done) {
  return [this, trace = trace_, place, done = std::move(done)](const CallResult& result) {
    trace->end_call(place, clock_.now());
    trace_ = trace;
    done(result);
    trace_.reset();
  };
}

namespace {

// A message that outlives its callback.
struct HeldMessage {
  explicit HeldMessage(const Message& message)
      : original(message),
        subject(message.subject),
        reply_to(message.reply_to),
        headers(message.headers),
        payload(message.payload) {}

  [[nodiscard]] Message view() const {
    Message message = original;
    message.subject = subject;
    message.reply_to = reply_to;
    message.headers = headers;
    message.payload = payload;
    return message;
  }

  Message original;  // its views are dead
  std::string subject, reply_to, headers, payload;
};

// What nobody takes for the right answer: every bit is another one, and no error is told as one.
void spoil(std::string_view& headers, std::string_view& payload, std::string& spoiled) {
  if (find_header(headers, "Nats-Service-Error-Code")) headers = {};
  spoiled = payload.empty() ? "?" : payload;
  if (!payload.empty()) {
    for (char& c : spoiled) c = static_cast<char>(~c);
  }
  payload = spoiled;
}

}  // namespace

void Service::take(std::size_t endpoint, const Message& message) {
  Interference& interference = *interference_;
  if (!interference.may_draw(message)) {
    interference.mark_arrived(message.reply_to);
    return execute(endpoint, message, {});
  }
  const auto drawn = interference.draw(message);
  if (!drawn) {
    interference.mark_arrived(message.reply_to);
    ++stats_[endpoint].num_requests;
    Fate plain;
    Responder responder{*this, stats_[endpoint], message.connection, message.reply_to, Instant{},
                        &plain};
    return responder.error(400, drawn.error().message);
  }
  interference.leak();
  if (drawn->fate.outcome == Outcome::drop_before)
    return interference.injected.count("drop_before");
  interference.mark_arrived(message.reply_to);
  if (drawn->delay == Duration::zero()) return execute(endpoint, message, drawn->fate);
  interference.injected.count("delay");
  do_later(clock_.now() + drawn->delay,
           [this, endpoint, held = HeldMessage(message), fate = drawn->fate] {
             if (fate.trace != nullptr) fate.trace->stamp(TraceStage::handled, clock_.now());
             execute(endpoint, held.view(), fate);
           });
}

void Service::execute(std::size_t endpoint, const Message& message, Fate fate) {
  if (fate.outcome == Outcome::error) {
    interference_->injected.count_error(fate.code);
    ++stats_[endpoint].num_requests;
    Fate plain;
    Responder responder{*this, stats_[endpoint], message.connection, message.reply_to, Instant{},
                        &plain};
    return responder.error(fate.code, "injected");
  }
  const WorkSpec& work = interference_->work();
  do_work_now(work);
  if (fate.trace == nullptr) {
    return serve(*endpoints_[endpoint].handler, stats_[endpoint], message, &fate);
  }
  if (work.cpu != Duration::zero() || work.alloc_bytes != 0) {
    fate.trace->stamp(TraceStage::handled, clock_.now());
  }
  trace_ = fate.trace;
  serve(*endpoints_[endpoint].handler, stats_[endpoint], message, &fate);
  trace_.reset();
}

SendStatus Service::send_as_fated(Responder& responder, std::string_view headers,
                                  std::string_view payload) {
  if (responder.reply_to_.empty()) return SendStatus::accepted;
  Fate& fate = *responder.fate_;
  InjectedCounts& injected = interference_->injected;
  std::string other;
  switch (fate.outcome) {
    case Outcome::drop_after:
      injected.count("drop_after");
      return SendStatus::accepted;
    case Outcome::wrong:
      spoil(headers, payload, other);
      break;
    case Outcome::size:
      responder.sent_bytes_ = headers.size() + fate.size_bytes;
      if (responder.sent_bytes_ >
          transport_->server_info(responder.connection_).max_payload_bytes) {
        injected.count("size");
        fate.outcome = Outcome::none;  // that it does not fit is told as it is
        return SendStatus::too_big;
      }
      other.assign(fate.size_bytes, '\xff');  // neither text nor Protobuf
      payload = other;
      break;
    default:
      break;
  }
  const int copies = fate.outcome == Outcome::twice ? 2 : 1;
  if (fate.trace != nullptr) fate.trace->stamp_once(TraceStage::answered, clock_.now());
  SendStatus status = SendStatus::accepted;
  if (const Duration by = fate.work + fate.late; by != Duration::zero()) {
    if (!hold_back(responder, by, copies, headers, payload)) status = SendStatus::too_big;
  } else {
    for (int i = 0; i < copies && status == SendStatus::accepted; ++i) {
      status = send_traced(responder.connection_, responder.reply_to_, fate.trace.get(), headers,
                           payload);
    }
    if (status == SendStatus::accepted) interference_->mark_replied(responder.reply_to_);
  }
  if (status != SendStatus::accepted) return status;
  switch (fate.outcome) {
    case Outcome::wrong:
      injected.count("wrong");
      break;
    case Outcome::twice:
      injected.count("twice");
      break;
    case Outcome::late:
      injected.count("late");
      break;
    case Outcome::size:
      injected.count("size");
      break;
    default:
      break;
  }
  return status;
}

// False: it is over max_payload.
bool Service::hold_back(Responder& responder, Duration by, int copies, std::string_view headers,
                        std::string_view payload) {
  if (headers.size() + payload.size() >
      transport_->server_info(responder.connection_).max_payload_bytes) {
    return false;
  }
  responder.stats_.processing_time += responder.fate_->work;
  do_later(clock_.now() + by,
           [this, &stats = responder.stats_, connection = responder.connection_,
            trace = responder.fate_->trace, reply_to = std::string(responder.reply_to_), copies,
            held_headers = std::string(headers), held_payload = std::string(payload)] {
             SendStatus status = SendStatus::accepted;
             if (trace != nullptr) trace->stamp(TraceStage::released, clock_.now());
             for (int i = 0; i < copies && status == SendStatus::accepted; ++i) {
               status = send_traced(connection, reply_to, trace.get(), held_headers, held_payload);
             }
             if (status == SendStatus::accepted) return interference_->mark_replied(reply_to);
             ++stats.num_errors;
             stats.last_error = kNotSent;
           });
  return true;
}

// Without the stamps, where they make it too big.
SendStatus Service::send_traced(ConnectionId connection, std::string_view reply_to,
                                const RequestTrace* trace, std::string_view headers,
                                std::string_view payload) {
  if (trace == nullptr) return send(connection, reply_to, headers, payload);
  const std::string stamped = trace->with_stamps(headers);
  const SendStatus status = send(connection, reply_to, stamped, payload);
  return status == SendStatus::too_big ? send(connection, reply_to, headers, payload) : status;
}

void Service::control(std::size_t question, const Message& message) {
  const std::string answer = question == 0 ? interference_->answer_faults(message.payload)
                                           : interference_->answer_ledger(message.payload);
  if (stopped_) interference_->calm_down();
  wake_for(interference_->next_due());
  if (send(message.connection, message.reply_to, {}, answer) != SendStatus::too_big) return;
  send(message.connection, message.reply_to, {},
       R"({"error":"the answer is over the server's max_payload; read fewer at once"})");
}

// ----

void Service::describe(std::size_t verb, const Message& message) {
  const auto answer = [&](const std::string& description) {
    send(message.connection, message.reply_to, {}, description);
  };
  switch (verb) {
    case 0:
      return answer(describe_ping(config_));
    case 1:
      return answer(describe_info(config_, endpoints_));
    default:
      return answer(describe_stats(config_, endpoints_, stats_, started_));
  }
}

SendStatus Service::send(ConnectionId connection, std::string_view reply_to,
                         std::string_view headers, std::string_view payload) {
  if (reply_to.empty()) return SendStatus::accepted;
  return transport_->publish(
      connection, {.subject = reply_to, .reply_to = {}, .headers = headers, .payload = payload});
}

}  // namespace natsproof

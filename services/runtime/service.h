// A discoverable NATS service (ADR-32) on the messaging seam: endpoints in a queue group, answers
// to $SRV.PING, INFO and STATS, true counters. The `nats micro` command line reads it like any
// other.
//
// A Service is the Listener of a transport that it has to itself: open the transport with it, then
// start(). Everything happens inside on_message() and end_overdue_calls(), which may come on
// different threads (Delivery::direct): one mutex makes them come one at a time, so that handlers
// need none. Nothing is allocated or formatted per request unless its handler does or it fails.
//
// A handler answers before it returns, or takes a ReplyHandle and answers later: when the services
// it has asked by call() have answered. Faults, work and the ledger are in interference.h.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "messaging/transport.h"
#include "services/runtime/calls.h"
#include "services/runtime/interference.h"
#include "services/runtime/log.h"
#include "services/runtime/timetable.h"

namespace natsproof {

// Views that die with the call.
struct ServiceRequest {
  std::string_view subject, headers, payload;
  Instant received{};
};

class Service;
struct EndpointStats;

class ReplyHandle;

// Answers one request; lives as long as the call that gave it. A second answer is sent as well.
class Responder {
 public:
  // `headers`: a whole block (messaging/headers.h) or empty. Over the server's max_payload the
  // asker gets a 413 instead.
  void reply(std::string_view payload, std::string_view headers = {});
  // The same; but over max_payload it is false, and nothing is sent or counted.
  [[nodiscard]] bool reply_if_it_fits(std::string_view payload, std::string_view headers = {});
  // The text of a 413. REQUIRES: a reply did not fit.
  [[nodiscard]] std::string too_large() const;
  // Nats-Service-Error-Code and Nats-Service-Error, and a Content-Type where one is given. Counted,
  // and kept as last_error; a 500 is logged, at most one a second. A payload over max_payload is
  // left out.
  void error(int code, std::string_view text, std::string_view payload = {},
             std::string_view content_type = {});
  // How many items the request has, where work is asked for each. To be called before the answer
  // and before later().
  void add_items(std::size_t count);
  // For the answer after handle() has returned.
  ReplyHandle later();

  [[nodiscard]] Service& service() const { return service_; }
  // Says when a stage of a traced request was reached: now. One that nobody says is not told.
  void stamp(TraceStage stage) {
    if (fate_ != nullptr && fate_->trace != nullptr) stamp_now(stage);
  }

 private:
  friend class Service;
  friend class ReplyHandle;
  Responder(Service& service, EndpointStats& stats, ConnectionId connection,
            std::string_view reply_to, Instant begun, Fate* fate)
      : service_(service),
        stats_(stats),
        connection_(connection),
        reply_to_(reply_to),
        begun_(begun),
        fate_(fate) {}
  SendStatus send(std::string_view headers, std::string_view payload);
  void stamp_now(TraceStage stage);

  Service& service_;
  EndpointStats& stats_;
  const ConnectionId connection_;
  const std::string_view reply_to_;
  const Instant begun_;
  Fate* const fate_;            // null: nothing special
  std::size_t sent_bytes_ = 0;  // of the last message, headers included, whether it fitted or not
  bool answered_later_ = false;
};

// What a late answer needs. Copies answer the same request. One that is dropped leaves the asker
// without an answer. REQUIRES: it is used inside handle() or a call's Done.
class ReplyHandle {
 public:
  // Calls `answer` with a Responder. Called once per request: the time until then is counted.
  template <typename AnswerIt>
  void answer(AnswerIt&& answer_it) const {
    Responder responder{*service_, *stats_, connection_, reply_to_, begun_, fate_.get()};
    answer_it(responder);
    count_time();
  }

 private:
  friend class Responder;
  explicit ReplyHandle(const Responder& responder)
      : service_(&responder.service_),
        stats_(&responder.stats_),
        connection_(responder.connection_),
        reply_to_(responder.reply_to_),
        begun_(responder.begun_) {
    if (responder.fate_ != nullptr) fate_ = std::make_shared<Fate>(*responder.fate_);
  }
  void count_time() const;

  Service* service_;
  EndpointStats* stats_;
  ConnectionId connection_;
  std::string reply_to_;
  Instant begun_;
  std::shared_ptr<Fate> fate_;
};

using EndpointMetadata = std::map<std::string, std::string>;

class EndpointHandler {
 public:
  virtual ~EndpointHandler() = default;
  // What INFO says of it beside what its EndpointConfig has.
  [[nodiscard]] virtual EndpointMetadata metadata() const { return {}; }
  // An exception becomes an error reply with code 500.
  virtual void handle(const ServiceRequest& request, Responder& responder) = 0;
};

struct EndpointConfig {
  std::string name;  // [a-zA-Z0-9_-]+
  std::string subject;
  std::unique_ptr<EndpointHandler> handler{};
  std::string queue_group = "q";
  EndpointMetadata metadata{};
};

struct ServiceConfig {
  std::string name;     // [a-zA-Z0-9_-]+
  std::string version;  // SemVer
  std::string description{};
  std::map<std::string, std::string> metadata{};
  std::string id{};           // empty: a fresh one
  bool calls_others = false;  // has an inbox, for call()
};

// What STATS tells of one endpoint.
struct EndpointStats {
  std::uint64_t num_requests = 0;  // taken, answered or not
  std::uint64_t num_errors = 0;    // error replies, and replies that could not be sent
  std::string last_error;          // `code:text`
  // From taking the request until the handler has returned, its reply included; of a late answer,
  // until that has been sent: what it waited for others is in it.
  Duration processing_time{};
};

// A stop ends what could take longer by then.
inline constexpr Duration kStopWithin = 1s;

class Service final : public Listener {
 public:
  // Errors: a bad name, version or subject, named. The clock outlives the service.
  static Result<std::unique_ptr<Service>> create(ServiceConfig config,
                                                 std::vector<EndpointConfig> endpoints,
                                                 const Clock& clock);

  // Interferes with the service from now on. REQUIRES: called once, before start().
  void interfere(InterferenceConfig config);

  // Subscribes and flushes. The transport outlives the service or stop(), and has no other
  // subscriptions. REQUIRES: called once, after the transport was opened with this service as its
  // listener (or one that hands on_message on).
  Result<void> start(Transport& transport);
  // Takes no more: unsubscribes, but for the inbox of calls. What the server has sent before may
  // still come and is still answered: a round trip later it has come, and has been answered when
  // next_due() is Instant::max(). That is within kStopWithin of this call: calls end then, and what
  // waits is done then at the latest.
  void stop();
  // That stop() will follow: ends a hang. Any thread.
  void announce_stop() { stop_announced_ = true; }
  // When something is to be done: the first of the calls under way times out, or something that
  // waits is due; Instant::max(): nothing is. The caller may sleep until then: it is woken
  // (Transport::wake()) when something that waits becomes due earlier. A call made after this is
  // due no sooner than kCallTimeout from now. One thread.
  [[nodiscard]] Instant next_due();
  // Does it. To be followed by Transport::flush(). The same thread as next_due().
  void do_what_is_due();

  // Asks another service. `done` is called once, with the reply or the lack of it; never, unless
  // accepted. It must not throw. REQUIRES: ServiceConfig::calls_others; inside handle() or a call's
  // Done. `name` is what a trace of the request calls it, where there is one.
  SendStatus call(std::string_view subject, std::string_view name, std::string_view payload,
                  Calls::Done done);

  [[nodiscard]] bool calls_others() const { return config_.calls_others; }
  [[nodiscard]] const std::string& name() const { return config_.name; }
  [[nodiscard]] const std::string& id() const { return config_.id; }
  [[nodiscard]] const std::vector<EndpointConfig>& endpoints() const { return endpoints_; }
  [[nodiscard]] std::chrono::system_clock::time_point started() const { return started_; }
  // Of each endpoint. REQUIRES: inside handle() or a call's Done.
  [[nodiscard]] std::span<const EndpointStats> stats() const { return stats_; }

  void on_message(const Message& message) override;

 private:
  friend class Responder;
  friend class ReplyHandle;
  Service(ServiceConfig config, std::vector<EndpointConfig> endpoints, const Clock& clock);
  void serve(EndpointHandler& handler, EndpointStats& stats, const Message& message, Fate* fate);
  void take(std::size_t endpoint, const Message& message);
  void execute(std::size_t endpoint, const Message& message, Fate fate);
  void do_later(Instant at, std::function<void()> what);
  void wake_for(Instant due);
  [[nodiscard]] Instant first_due() const;
  void describe(std::size_t verb, const Message& message);
  void control(std::size_t question, const Message& message);
  Calls::Done traced(std::size_t place, Calls::Done done);
  SendStatus send_as_fated(Responder& responder, std::string_view headers,
                           std::string_view payload);
  SendStatus send_traced(ConnectionId connection, std::string_view reply_to,
                         const RequestTrace* trace, std::string_view headers,
                         std::string_view payload);
  bool hold_back(Responder& responder, Duration by, int copies, std::string_view headers,
                 std::string_view payload);
  SendStatus send(ConnectionId connection, std::string_view reply_to, std::string_view headers,
                  std::string_view payload);

  ServiceConfig config_;
  std::vector<EndpointConfig> endpoints_;
  std::vector<EndpointStats> stats_;  // of each endpoint
  const Clock& clock_;
  std::chrono::system_clock::time_point started_;
  Transport* transport_ = nullptr;
  std::vector<SubscriptionId> subscriptions_;  // all but the inbox
  std::size_t first_endpoint_ = 0;             // its place in the order of subscriptions
  std::mutex mutex_;  // of the stats, the calls, the handlers and what follows
  Calls calls_;
  RequestErrorLog errors_;
  std::unique_ptr<Interference> interference_;  // null: none
  std::shared_ptr<RequestTrace> trace_;         // of the request that is worked on; null: none
  Timetable waiting_;                           // requests and replies
  Instant stop_by_ = Instant::max();            // once stopped
  bool stopped_ = false;
  Instant told_due_ = Instant::max();  // by next_due(), to that thread
  std::thread::id sleeper_;
  std::atomic<bool> stop_announced_{false};
};

}  // namespace natsproof

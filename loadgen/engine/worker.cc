#include "loadgen/engine/worker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "loadgen/measure/load_spread.h"
#include "loadgen/plan/load_bound.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr double kFastestClosedLoop = 400'000;  // requests/s of one worker

// Of each weight the sum up to it, of a whole of 1. What is drawn lies below 1: from the last
// positive weight on it is exactly that, so that no task of weight 0 behind it is ever drawn.
std::vector<double> cumulative(const std::vector<double>& weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> until;
  double sum = 0;
  for (const double weight : weights) until.push_back((sum += weight) / total);
  const double last = until.back();
  for (double& value : until) {
    if (value == last) value = 1;
  }
  return until;
}

}  // namespace

Worker::Worker(const Plan& plan, WorkerShare share, const Clock& clock, Transport& transport)
    : plan_(plan),
      share_(share),
      clock_(clock),
      transport_(transport),
      pacer_(share.pacing, clock),
      connections_(share.connections),
      floor_connection_(share.connections),
      first_sent_(share.connections, kNoSequence),
      events_(share.worker) {}

Result<void> Worker::prepare() {
  for (const Task& task : plan_.tasks) {
    auto work =
        TaskWork::prepare(task, mix64(share_.seed ^ tasks_.size()), transport_, share_.traced);
    if (!work) return work.error();
    tasks_.push_back(std::move(*work));
  }
  std::vector<double> weights;
  for (const Task& task : plan_.tasks) weights.push_back(task.weight);
  if (plan_.users.empty()) weights_until_.push_back(cumulative(weights));
  for (const UserKind& kind : plan_.users) weights_until_.push_back(cumulative(kind.tasks));
  for (ConnectionId c = 0; c < share_.connections; ++c) {
    const ServerInfo info = transport_.server_info(c);
    connections_[c].server_id = info.id;
    connections_[c].client_id = info.client_id;
    note_server(info);
    if (info.set_up > 0ns) set_up_.record(info.set_up);
  }
  unanswered_.inbox = transport_.inbox_prefix();
  // Here and not in begin(), where the start is already set: a million slots take 25 ms.
  std::vector<Duration> timeouts;
  for (const TaskWork& task : tasks_) timeouts.push_back(task.timeout());
  table_ = std::make_unique<RequestTable>(table_slots(), std::move(timeouts));
  if (share_.traced) {
    trace_ = std::make_unique<TraceLog>(table_->size(), tasks_.size(),
                                        TraceLog::kMostRequests / plan_.load.workers, share_.seed);
  }
  unanswered_.requests.reserve(UnansweredRequests::kMost);  // no memory until it is written to
  unanswered_.late.reserve(UnansweredRequests::kMost);
  floor_.reserve();
  first_request_.reserve();
  pings_.resize(kMostPings);
  pacer_.calibrate(transport_);
  return {};
}

void Worker::run(Instant start) {
  begin(start);
  run_to_end();
}

void Worker::begin(Instant start) {
  const Instant measured_from = start + warmup_with_spawning(plan_.load);
  window_ = {start, measured_from, measured_from + plan_.load.duration};
  accounted_until_ = window_.measured_until;
  std::vector<RecordedTask> recorded;
  for (const Task& task : plan_.tasks)
    recorded.push_back(
        {task.name, task.timeout, task.verifies_content(), task.tells_requests_apart()});
  const bool open_loop = plan_.load.model == LoadModel::open;
  recorder_ = std::make_unique<Recorder>(recorded, plan_.claims, open_loop, window_, share_.stalls);
  if (open_loop) {
    source_ = std::make_unique<OpenLoop>(plan_.load, share_.seed, share_.worker, start);
  } else {
    source_ = std::make_unique<ClosedLoop>(plan_, share_.seed, share_.worker, start,
                                           window_.measured_until);
  }
  next_ping_ = start;
  pacer_.start(start);
}

void Worker::run_to_end() {
  Instant rested_at = clock_.now();
  bool polling = false, measuring = false;
  for (;;) {
    const Instant pass_began = clock_.now();
    if (pass_began < rested_at) ++steps_back_;
    std::size_t moved = send_due(pass_began);
    transport_.flush();
    if (trace_) trace_->flushed(clock_.now());
    moved += transport_.receive();
    moved += send_due(clock_.now());  // what has become due meanwhile: a user whose reply came
    transport_.flush();
    const Instant pass_ended = clock_.now();
    if (trace_) trace_->flushed(pass_ended);
    moved += expire(pass_ended);
    recorder_->roll(pass_ended);

    if (moved > 0) {
      record_.busy += accounted(pass_began, pass_ended);
    } else if (polling) {
      pacer_.spun(pass_ended - rested_at);
      record_.spinning += accounted(rested_at, pass_ended);
    }
    rested_at = pass_ended;
    if (!measuring && pass_ended >= window_.measured_from) {
      measuring = true;
      pacer_.start(pass_ended);  // what the warm-up spun, or did not, is its own
    }
    if (source_->exhausted() && open_ == 0 && !awaits_end(pass_ended)) break;

    polling = pacer_.rest(transport_, pass_ended, source_->next_due(),
                          std::min(next_deadline(), next_ping_));
    if (!polling) ++record_.wakeups;
    if (stop_.load(std::memory_order_relaxed)) note_stop();
  }
  if (stop_.load(std::memory_order_relaxed)) note_stop();
  settle_pings(rested_at);
  record_.wall = std::max<Duration>(accounted_until_ - window_.measured_from, 0ns);
}

void Worker::note_stop() {
  if (std::exchange(stopped_, true)) return;
  source_->stop();
  accounted_until_ = std::min(accounted_until_, clock_.now());
}

// A worker's requests may all be decided before the window ends: the users of a profile are gone,
// or it never had any. The floor is looked at until then, and a second that not every worker has
// told is not told to the abort watch.
bool Worker::awaits_end(Instant now) const {
  return !stop_.load(std::memory_order_relaxed) && now < window_.measured_until;
}

std::size_t Worker::send_due(Instant now) {
  std::size_t sends = 0;
  for (; sends < kMostSendsAPass && source_->next_due() <= now; ++sends) send(source_->take(), now);
  if (now >= next_ping_) ping_floor(now);
  return sends;
}

void Worker::send(const DueRequest& due, Instant now) {
  Random draw(share_.seed ^ mix64(due.index));
  const std::size_t task = pick_task(draw, due.kind);
  TaskWork& work = tasks_[task];
  recorder_->planned(task, due.intended);

  const bool by_user = plan_.load.model == LoadModel::closed;
  Slot* slot = by_user ? table_->claim_next(next_sequence_, task, now)
                       : table_->claim(next_sequence_++, task, now);
  if (slot == nullptr) return refuse(task, due, RefusedReason::table_full, now);
  slot->intended = due.intended;
  slot->actual = now;
  slot->user = due.user;
  slot->connection = static_cast<ConnectionId>(
      ((by_user ? due.user : due.index) / plan_.load.workers) % share_.connections);
  slot->payload = static_cast<std::uint16_t>(work.pick_payload(draw));

  const SendStatus status =
      work.request(transport_, slot->connection, slot->payload, slot->sequence);
  if (status != SendStatus::accepted) {
    if (status == SendStatus::too_big) note_too_big(*slot);
    table_->withdraw(*slot);
    return refuse(task, due,
                  status == SendStatus::down      ? RefusedReason::down
                  : status == SendStatus::too_big ? RefusedReason::too_big
                                                  : RefusedReason::backlogged,
                  now);
  }
  ++open_;
  live_.in_flight.store(open_, std::memory_order_relaxed);
}

void Worker::refuse(std::size_t task, const DueRequest& due, RefusedReason reason, Instant now) {
  recorder_->decided({.task = task,
                      .request_class = RequestClass::refused,
                      .reason = reason,
                      .intended = due.intended,
                      .actual = now,
                      .at = now});
  live_.failures.fetch_add(1, std::memory_order_relaxed);
  source_->decided(due.user, now, true);
}

void Worker::on_sent(Sequence sequence, Instant actual_send) {
  Slot* slot = table_->find(sequence);
  if (slot == nullptr) return;
  ++connections_[slot->connection].sent;
  if (first_sent_[slot->connection] == kNoSequence) first_sent_[slot->connection] = sequence;
  live_.sent.fetch_add(1, std::memory_order_relaxed);
  recorder_->sent(slot->task, slot->intended, actual_send, tasks_[slot->task].bytes(slot->payload));
  if (slot->state != SlotState::queued) return;  // its time was up before the peer took it
  slot->actual = actual_send;
  slot->state = SlotState::in_flight;
  if (trace_) trace_->sent(sequence, actual_send);
}

void Worker::on_message(const Message& message) {
  if (message.subscription != kInbox) return;
  Slot* slot = table_ ? table_->find(message.sequence) : nullptr;
  if (slot == nullptr) {
    if (recorder_) recorder_->stray();
    return;
  }
  TaskWork& work = tasks_[slot->task];
  const std::uint64_t bytes = message.payload.size() + message.headers.size();
  if (slot->is_open() && message.received - slot->actual > work.timeout())
    decide(*slot, {RequestClass::timeout}, slot->actual + work.timeout());
  recorder_->reply(slot->task, slot->intended, slot->is_open(), bytes);
  if (slot->is_open()) {
    const ReplyClass outcome = work.classify(message, slot->payload);
    if (slot->sequence == first_sent_[slot->connection] &&
        outcome.request_class != RequestClass::no_responders)
      first_request_.record(message.received - slot->actual);
    if (trace_ && outcome.request_class == RequestClass::ok && window_.measures(slot->intended))
      trace_->answered(*slot, message, clock_.now());
    return decide(*slot, outcome, message.received);
  }
  if (slot->state == SlotState::lost) {
    note_late(message.sequence);
    return recorder_->late(slot->task, slot->intended);
  }
  recorder_->duplicate(slot->task, slot->intended);
}

void Worker::decide(Slot& slot, ReplyClass outcome, Instant at) {
  const RequestClass c = outcome.request_class;
  recorder_->decided({.task = slot.task,
                      .request_class = c,
                      .reason = RefusedReason::down,
                      .intended = slot.intended,
                      .actual = slot.actual,
                      .at = at,
                      .error_code = outcome.error_code,
                      .served_by = outcome.served_by});
  const bool unanswered =
      c == RequestClass::timeout || c == RequestClass::disconnected || c == RequestClass::refused;
  table_->close(slot, unanswered ? SlotState::lost : SlotState::answered);
  if (unanswered && c != RequestClass::refused) note_unanswered(slot.sequence);
  --open_;
  live_.in_flight.store(open_, std::memory_order_relaxed);
  if (!is_success(c)) live_.failures.fetch_add(1, std::memory_order_relaxed);
  source_->decided(slot.user, at, c == RequestClass::refused);
}

std::size_t Worker::expire(Instant now) {
  std::size_t expired = 0;
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    table_->expire(task, now, [&](Slot& slot) {
      decide(slot, {RequestClass::timeout}, slot.actual + tasks_[task].timeout());
      ++expired;
    });
  }
  return expired;
}

Instant Worker::next_deadline() {
  Instant next = Instant::max();
  for (std::size_t task = 0; task < tasks_.size(); ++task)
    next = std::min(next, table_->next_deadline(task));
  return next;
}

// An open loop: a path that is slow for a while must be so for each PING that is due meanwhile. The
// server answers them in order. A time is from the PING's own send, not from when it was due: how
// late this worker was is the send lag's to tell, and no property of the path.
void Worker::ping_floor(Instant now) {
  for (; next_ping_ <= now; next_ping_ += kFloorInterval) {
    if (pings_denied_ || pings_sent_ - pings_settled_ == pings_.size()) continue;
    const Instant sent = clock_.now();
    if (transport_.ping(floor_connection_) != SendStatus::accepted) continue;
    pings_[pings_sent_++ % pings_.size()] = sent;
  }
}

void Worker::on_pong(ConnectionId connection, Instant received) {
  if (connection != floor_connection_ || checking_inboxes_) {
    ++synchronised_;
    return;
  }
  if (pings_settled_ == pings_sent_) return;
  const Instant sent = pings_[pings_settled_++ % pings_.size()];
  note_floor(sent, received - sent);
}

// PINGs that nobody answers any more took as long as they have waited, at least. Of one that is
// younger than an interval that says nothing.
void Worker::settle_pings(Instant now) {
  for (; pings_settled_ < pings_sent_; ++pings_settled_) {
    const Instant sent = pings_[pings_settled_ % pings_.size()];
    if (now - sent >= kFloorInterval) note_floor(sent, now - sent);
  }
}

// One longer than the histogram's range is told as its end: a silent path voids no run.
void Worker::note_floor(Instant sent, Duration time) {
  if (window_.measures(sent)) floor_.record(std::min(time, Duration(Histogram::kHighestNs)));
}

void Worker::on_down(ConnectionId connection, std::string_view why) {
  note("connection lost", connection, why);
  if (connection == floor_connection_) return settle_pings(clock_.now());
  connections_[connection].faulty = true;
  if (!table_) return;
  const Instant now = clock_.now();
  table_->for_each_open([&](Slot& slot) {
    if (slot.connection != connection) return;
    const bool handed_over = slot.state == SlotState::in_flight;
    decide(slot, {handed_over ? RequestClass::disconnected : RequestClass::refused}, now);
  });
}

void Worker::on_up(ConnectionId connection) {
  ++reconnects_;
  const ServerInfo info = transport_.server_info(connection);
  note("connected again", connection, info.name);
  if (connection == floor_connection_) return;
  std::vector<std::string>& moved = connections_[connection].moved_to;
  if (moved.size() >= kMostMoves) return;
  note_server(info);
  moved.push_back(info.id);
}

void Worker::note_server(const ServerInfo& info) {
  const auto is_known = [&](const ServerRecord& server) { return server.id == info.id; };
  if (std::none_of(servers_.begin(), servers_.end(), is_known))
    servers_.push_back(
        {.id = info.id, .name = info.name, .version = info.version, .url = info.url});
}

void Worker::on_server_error(ConnectionId connection, std::string_view text) {
  note("server error", connection, text);
  if (const auto violation = parse_permissions_violation(text)) deny(*violation, text);
}

// Only of what the load needs; a floor that cannot be measured is none of that, and says so by
// being empty.
void Worker::deny(const PermissionsViolation& violation, std::string_view text) {
  if (!denial_.why.empty()) return;
  const bool is_inbox = violation.subject.starts_with(transport_.inbox_prefix());
  if (violation.of == PermissionsViolation::Of::subscribe) {
    if (!is_inbox) return;
  } else if (is_inbox) {
    pings_denied_ = true;
    floor_ = {};
    return;
  } else {
    for (std::size_t task = 0; task < plan_.tasks.size() && !denial_.task; ++task) {
      if (plan_.tasks[task].target() == violation.subject) denial_.task = task;
    }
    if (!denial_.task) return;
  }
  denial_.why = describe(violation, text);
  denial_.at = clock_.now();
  is_denied_.store(true, std::memory_order_relaxed);
  stop();
}

void Worker::note(std::string_view what, ConnectionId connection, std::string_view why) {
  events_.note(what, {.connection = connection, .is_floor = connection == floor_connection_}, why,
               clock_.now());
}

void Worker::note_unanswered(Sequence sequence) {
  if (unanswered_.requests.size() < UnansweredRequests::kMost) {
    unanswered_.requests.push_back(sequence);
  } else {
    ++unanswered_.more;
  }
}

void Worker::note_late(Sequence sequence) {
  if (unanswered_.late.size() < UnansweredRequests::kMost) unanswered_.late.push_back(sequence);
}

std::uint64_t Worker::expected_requests() const {
  constexpr double kFewest = 1024;
  const double most_kept = static_cast<double>((1 << 28) / plan_.load.workers);  // by a ledger
  constexpr double kDeviations = 10;  // of a Poisson number
  const double seconds =
      static_cast<double>((warmup_with_spawning(plan_.load) + plan_.load.duration).count()) * 1e-9;
  double most = seconds * kFastestClosedLoop;
  if (plan_.load.model == LoadModel::open) {
    const Profile profile(plan_.load.profile);
    const double warmup = static_cast<double>(plan_.load.warmup.count()) * 1e-9 *
                          plan_.load.profile.front().from.per_s;
    const double mean = (profile.total() + warmup) / plan_.load.workers;
    most = mean + kDeviations * std::sqrt(mean);
  }
  return static_cast<std::uint64_t>(std::clamp(most + kFewest, kFewest, most_kept));
}

void Worker::note_too_big(const Slot& slot) {
  if (std::exchange(too_big_noted_, true)) return;
  note("refused", slot.connection,
       fmt::format("a request of {} is over the server's max_payload of {}",
                   format_bytes(tasks_[slot.task].bytes(slot.payload)),
                   format_bytes(transport_.server_info(slot.connection).max_payload_bytes)));
}

void Worker::await_pongs(std::uint32_t count, Instant until) {
  const auto settled = [&] { return synchronised_ >= count || pings_denied_ || is_denied(); };
  while (!settled() && clock_.now() < until) {
    transport_.flush();
    transport_.receive();
    if (!settled()) transport_.wait(until);
  }
}

bool Worker::synchronise(Instant until) {
  synchronised_ = 0;
  std::uint32_t asked = 0;
  for (ConnectionId c = 0; c < share_.connections; ++c) {
    if (connections_[c].faulty || transport_.ping(c) != SendStatus::accepted) continue;
    ++asked;
    connections_[c].sent += transport_.counts_pings();
  }
  await_pongs(asked, until);
  return synchronised_ >= asked;
}

Result<void> Worker::check_inboxes(Instant until) {
  synchronised_ = 0;
  checking_inboxes_ = true;
  for (ConnectionId c = 0; c <= floor_connection_; ++c) {
    if (transport_.ping(c) != SendStatus::accepted)
      return Error{"a connection was lost as soon as it was open"};
    if (c != floor_connection_) connections_[c].sent += transport_.counts_pings();
  }
  await_pongs(floor_connection_ + 1, until);
  checking_inboxes_ = false;
  if (!denial_.why.empty()) return Error{denial_.why};
  if (synchronised_ <= floor_connection_ && !pings_denied_)
    return Error{"the server took the login, and then did not answer PING on every connection"};
  return {};
}

void Worker::stop() {
  stop_.store(true, std::memory_order_relaxed);
  transport_.wake();
}

std::size_t Worker::pick_task(Random& draw, std::size_t kind) const {
  if (tasks_.size() == 1) return 0;
  const std::vector<double>& until = weights_until_[kind];
  return static_cast<std::size_t>(std::upper_bound(until.begin(), until.end(), draw.uniform()) -
                                  until.begin());
}

// Slots live at least twice the timeout: room for the requests of that time at the highest rate.
//
// Open loop: and as many again for a generator that has to catch up. Closed loop: each task counts
// with its own timeout at its own rate, so that a long one that is rarely done takes no more than
// its part; where users think so little that this would take more than kMostAnswered, an answered
// slot lives less long, which turns a very late duplicate into a stray. Slots that are open or lost
// are stepped over (claim_next) and never given away: of those a user has one, and two where all
// its requests time out, so there is room for four.
std::size_t Worker::table_slots() const {
  constexpr double kFewest = 1024, kMost = 1 << 22;
  constexpr double kMostAnswered = 1 << 20;
  const auto twice_s = [this](std::size_t task) {
    return 2e-9 * static_cast<double>(tasks_[task].timeout().count());
  };
  if (plan_.load.model == LoadModel::open) {
    double longest_s = 0;
    for (std::size_t task = 0; task < tasks_.size(); ++task)
      longest_s = std::max(longest_s, twice_s(task));
    const double rate = 2 * Profile(plan_.load.profile).peak().per_s / plan_.load.workers;
    return static_cast<std::size_t>(std::clamp(longest_s * rate, kFewest, kMost));
  }
  const double users = std::ceil(static_cast<double>(plan_.load.users) / plan_.load.workers);
  const std::vector<double> rates = task_rates(plan_, kFastestClosedLoop * plan_.load.workers);
  double answered = 0;
  for (std::size_t task = 0; task < tasks_.size(); ++task)
    answered += twice_s(task) * rates[task] / plan_.load.workers;
  const double slots = 4 * users + std::min(answered, kMostAnswered);
  return static_cast<std::size_t>(std::clamp(slots, kFewest, kMost));
}

void Worker::take_results(Repetition& into) {
  auto tasks = recorder_->take_tasks();
  if (into.tasks.empty()) {
    into.tasks = std::move(tasks);
    into.blocks = recorder_->take_blocks();
    into.slices = recorder_->take_slices();
  } else {
    for (std::size_t i = 0; i < tasks.size(); ++i) into.tasks[i].merge(tasks[i]);
    const auto blocks = recorder_->take_blocks();
    for (std::size_t claim = 0; claim < blocks.size(); ++claim) {
      for (std::size_t second = 0; second < blocks[claim].size(); ++second) {
        Block& sum = into.blocks[claim][second];
        sum.planned += blocks[claim][second].planned;
        sum.over += blocks[claim][second].over;
        sum.over_service += blocks[claim][second].over_service;
        sum.over_granted += blocks[claim][second].over_granted;
        sum.slots |= blocks[claim][second].slots;
      }
    }
    const auto slices = recorder_->take_slices();
    for (std::size_t claim = 0; claim < slices.size(); ++claim)
      merge(into.slices[claim], slices[claim]);
  }
  into.spread.clear();
  for (const std::vector<Block>& blocks : into.blocks)
    into.spread.push_back(spread_of(blocks, plan_.load.duration));
  into.workers.push_back(record_);
  for (const ServerRecord& server : servers_) {
    const auto is_known = [&](const ServerRecord& other) { return other.id == server.id; };
    if (std::none_of(into.servers.begin(), into.servers.end(), is_known))
      into.servers.push_back(server);
  }
  into.connections.insert(into.connections.end(), connections_.begin(), connections_.end());
  into.floor.merge(floor_);
  into.set_up.merge(set_up_);
  into.first_request.merge(first_request_);
  into.reconnects += reconnects_;
  into.clock_steps_back += steps_back_;
  events_.tell(window_.start, into.events);
}

}  // namespace natsproof

#include "loadgen/engine/task_work.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/trace_stamps.h"
#include "base/units.h"
#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostPayloads = 16;
constexpr std::size_t kMostOfAnEntry = 64;
constexpr std::size_t kMostOfAnInjection = 32, kLeastOfAKind = 4;
constexpr std::uint64_t kMostPoolBytes = 16 << 20;

constexpr std::string_view kServiceError = "Nats-Service-Error";
constexpr std::string_view kServiceErrorCode = "Nats-Service-Error-Code";

// Of a refusal: in the headers of ADR-32, or as an inline status, as HTTP gateways and other
// libraries write it.
std::optional<int> error_code_of(std::string_view headers, int status) {
  const auto text = find_header(headers, kServiceErrorCode);
  if (!text && !find_header(headers, kServiceError)) {
    return status >= 400 && status < 600 ? std::optional(status) : std::nullopt;
  }
  int code = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), code);
  return code;
}

// The i-th of any number of points that lie evenly in [0, 1), however many are taken.
double spread(std::size_t i, double start) {
  constexpr double kGoldenRatio = 0.6180339887498949;
  const double at = start + static_cast<double>(i) * kGoldenRatio;
  return at - std::floor(at);
}

}  // namespace

std::string random_text(std::uint64_t bytes, std::uint64_t seed) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";
  Random random(seed);
  std::string text(bytes, ' ');
  for (char& letter : text) letter = kLetters[random.below(kLetters.size())];
  return text;
}

class TaskWork::Preparation {
 public:
  Preparation(const Task& task, std::uint64_t seed, Transport& transport, bool traced)
      : task_(task), seed_(seed), random_(seed), transport_(transport), traced_(traced) {
    most_bytes_ =
        kMostPoolBytes / (std::max<std::size_t>(task.payloads.size(), 1) + task.inject.size());
  }

  Result<TaskWork> prepare() {
    work_.timeout_ = task_.timeout;
    work_.expect_ = task_.expect;
    work_.expected_ = task_.expected;
    double injected = 0;
    for (const Injection& injection : task_.inject) {
      begin_group();
      if (auto added = add_invalid(injection); !added) return added.error();
      end_group(injected += injection.share);
    }
    if (task_.payloads.empty()) {
      begin_group();
      if (auto added = add_bytes(); !added) return added.error();
      end_group(1);
    }
    double weights = 0;
    for (const PayloadSpec& payload : task_.payloads) weights += payload.weight;
    double until = 0;
    for (const PayloadSpec& payload : task_.payloads) {
      begin_group();
      if (auto added = add_entry(payload); !added) return added.error();
      end_group(injected + (1 - injected) * ((until += payload.weight) / weights));
    }
    work_.groups_.back().until = 1;
    if (auto fits = check_sizes(); !fits) return fits.error();
    return std::move(work_);
  }

 private:
  void begin_group() {
    work_.groups_.push_back({.first = work_.payloads_.size()});
    bytes_ = 0;
  }
  // Where the server would take not one of them there is nothing to measure.
  Result<void> check_sizes() const {
    const std::uint64_t most = transport_.server_info(0).max_payload_bytes;
    const auto [smallest, largest] =
        std::minmax_element(work_.payloads_.begin(), work_.payloads_.end(),
                            [](const Payload& a, const Payload& b) { return a.bytes < b.bytes; });
    if (most == 0 || smallest->bytes <= most) return {};
    // To the byte where they lie so near that nothing else tells them apart.
    const bool near = format_bytes(smallest->bytes) == format_bytes(most);
    const auto shown = [&](std::uint64_t bytes) {
      return near ? format_count(bytes) + " B" : format_bytes(bytes);
    };
    return Error{
        fmt::format("task `{}`: its requests of {}{} are larger than the server takes (max_payload "
                    "{}): make them smaller, or raise max_payload in the server's configuration",
                    task_.name, shown(smallest->bytes),
                    smallest->bytes == largest->bytes ? "" : " and more", shown(most))};
  }
  void end_group(double until) {
    Group& group = work_.groups_.back();
    group.until = until;
    group.count = work_.payloads_.size() - group.first;
  }

  Result<void> add_bytes() {
    const bool fixed = !task_.payload_file.empty();
    for (std::size_t i = 0; i < (fixed ? 1 : kMostPayloads); ++i) {
      if (i > 0 && bytes_ + task_.payload_bytes > most_bytes_) break;
      std::string content =
          fixed ? task_.payload : random_text(task_.payload_bytes, mix64(seed_ + i));
      if (auto added = add({}, std::move(content), nullptr, !fixed); !added) return added;
    }
    return {};
  }

  Result<void> add_entry(const PayloadSpec& payload) {
    const double start = random_.uniform();
    for (std::size_t i = 0; i < kMostOfAnEntry && bytes_ <= most_bytes_; ++i) {
      const double size = spread(i, start);
      if (payload.kind == PayloadKind::bytes) {
        std::string content = random_text(count_at(payload.count, size), random_.next());
        if (auto added = add({}, std::move(content), nullptr, true); !added) return added;
      } else if (auto added = add(make_model_request(task_, payload, size, random_)); !added) {
        return added;
      }
    }
    return {};
  }

  // As many of each kind.
  Result<void> add_invalid(const Injection& injection) {
    std::vector<InvalidKind> kinds;
    if (injection.kind) kinds = {*injection.kind};
    if (!injection.kind) kinds = injectable(task_.endpoint, task_.codec);
    const std::uint64_t most = transport_.server_info(0).max_payload_bytes;
    const std::size_t before = work_.payloads_.size();
    for (std::size_t i = 0; i < kMostOfAnInjection || i < kLeastOfAKind * kinds.size(); ++i) {
      if (i >= kinds.size() && bytes_ > most_bytes_) break;
      auto request =
          make_invalid_model_request(task_, draw_entry(), kinds[i % kinds.size()], random_);
      if (!request) continue;
      // Of any kind that fits: also under the server's limit, with some room for its headers.
      constexpr std::uint64_t kRoom = 1024;
      if (!injection.kind && most > 0 && request->body.size() + kRoom > most) continue;
      if (auto added = add(std::move(*request)); !added) return added;
    }
    if (work_.payloads_.size() > before) return {};
    return Error{fmt::format("task `{}`: no request to {} can be `{}`", task_.name, task_.endpoint,
                             injection.kind ? invalid_kind_name(*injection.kind) : "invalid")};
  }

  const PayloadSpec& draw_entry() {
    double weights = 0;
    for (const PayloadSpec& payload : task_.payloads) weights += payload.weight;
    double drawn = random_.uniform() * weights;
    for (const PayloadSpec& payload : task_.payloads) {
      if ((drawn -= payload.weight) < 0) return payload;
    }
    return task_.payloads.back();
  }

  Result<void> add(ModelRequest request) {
    // What is encoded when it is sent needs no room in the frame.
    const std::size_t later = request.encoder ? request.body.size() : 0;
    if (request.encoder) request.body.clear();
    auto added = add({{std::string(kContentType), std::move(request.content_type)}},
                     std::move(request.body), std::move(request.answer), false);
    if (!added) return added;
    work_.payloads_.back().encoder = std::move(request.encoder);
    work_.payloads_.back().bytes += later;
    bytes_ += later;
    return {};
  }

  Result<void> add(std::vector<std::pair<std::string, std::string>> own_headers,
                   std::string content, std::unique_ptr<ExpectedAnswer> answer,
                   bool room_for_digits) {
    RequestSpec request{.subject = task_.target()};
    if (traced_) own_headers.emplace_back(kTraceHeader, kTraceWanted);
    own_headers.insert(own_headers.end(), task_.headers.begin(), task_.headers.end());
    auto headers = make_headers(own_headers);
    if (!headers) return headers.error();
    request.headers = std::move(*headers);
    request.payload = std::move(content);
    Payload payload{.bytes = request.payload.size() + request.headers.size(),
                    .has_digits = room_for_digits && task_.expect == Expect::same &&
                                  request.payload.size() >= kSequenceDigits,
                    .answer = std::move(answer)};
    if (payload.has_digits) request.payload_digits_at = 0;
    auto frame = transport_.prepare(request);
    if (!frame) return frame.error();
    payload.frame = *frame;
    bytes_ += payload.bytes;
    if (task_.expect == Expect::same) payload.content = std::move(request.payload);
    work_.payloads_.push_back(std::move(payload));
    return {};
  }

  const Task& task_;
  std::uint64_t seed_;
  Random random_;
  Transport& transport_;
  const bool traced_;
  TaskWork work_;
  std::uint64_t most_bytes_ = 0;  // of a group
  std::uint64_t bytes_ = 0;       // of this one
};

Result<TaskWork> TaskWork::prepare(const Task& task, std::uint64_t seed, Transport& transport,
                                   bool traced) {
  return Preparation(task, seed, transport, traced).prepare();
}

std::size_t TaskWork::pick_payload(Random& draw) const {
  const Group* group = groups_.data();
  if (groups_.size() > 1) {
    for (const double drawn = draw.uniform(); drawn >= group->until;) ++group;
  }
  return group->first + draw.below(group->count);
}

SendStatus TaskWork::request(Transport& transport, ConnectionId connection, std::size_t payload,
                             Sequence sequence) {
  const Payload& of = payloads_[payload];
  if (of.encoder == nullptr) return transport.request(connection, of.frame, sequence);
  return transport.request_with(connection, of.frame, sequence, of.encoder->encode(buffers_));
}

ReplyClass TaskWork::classify(const Message& reply, std::size_t payload) {
  std::optional<int> error_code;
  if (!reply.headers.empty()) {
    const int status = header_status(reply.headers);
    if (status == kStatusNoResponders) return {RequestClass::no_responders};
    error_code = error_code_of(reply.headers, status);
  }
  const Payload& sent = payloads_[payload];
  if (sent.answer) return sent.answer->classify(reply, error_code);
  if (error_code) return {RequestClass::service_error, *error_code};
  return {is_right(reply, sent) ? RequestClass::ok : RequestClass::wrong_reply};
}

bool TaskWork::is_right(const Message& reply, const Payload& sent) const {
  switch (expect_) {
    case Expect::same:
      return is_same(reply, sent);
    case Expect::no_error:
      return true;
    case Expect::contains:
      return reply.payload.find(expected_) != std::string_view::npos;
    case Expect::equals:
      return reply.payload == expected_;
    case Expect::answer:
      break;  // every request has its own
  }
  return false;
}

bool TaskWork::is_same(const Message& reply, const Payload& sent) {
  const std::string& content = sent.content;
  if (reply.payload.size() != content.size()) return false;
  if (!sent.has_digits) return reply.payload == content;
  char digits[kSequenceDigits];
  write_hex(digits, reply.sequence, kSequenceDigits);
  return std::memcmp(reply.payload.data(), digits, kSequenceDigits) == 0 &&
         std::memcmp(reply.payload.data() + kSequenceDigits, content.data() + kSequenceDigits,
                     content.size() - kSequenceDigits) == 0;
}

}  // namespace natsproof

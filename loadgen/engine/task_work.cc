#include "loadgen/engine/task_work.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/random.h"
#include "messaging/headers.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr std::uint64_t kMostPayloads = 16;
constexpr std::uint64_t kMostPoolBytes = 16 << 20;

constexpr std::string_view kServiceError = "Nats-Service-Error";
constexpr std::string_view kServiceErrorCode = "Nats-Service-Error-Code";

int error_code_of(std::string_view headers) {
  int code = 0;
  if (const auto text = find_header(headers, kServiceErrorCode))
    std::from_chars(text->data(), text->data() + text->size(), code);
  return code;
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

Result<TaskWork> TaskWork::prepare(const Task& task, std::uint64_t seed, Transport& transport) {
  TaskWork work;
  work.timeout_ = task.timeout;
  work.expect_ = task.expect;
  work.expected_ = task.expected;

  RequestSpec request{.subject = task.target()};
  if (!task.headers.empty()) {
    auto headers = make_headers(task.headers);
    if (!headers) return headers.error();
    request.headers = std::move(*headers);
  }
  work.headers_bytes_ = request.headers.size();

  const bool fixed = !task.payload_file.empty();
  const std::uint64_t size = std::max<std::uint64_t>(task.payload_bytes, 1);
  const std::uint64_t pool =
      fixed ? 1 : std::clamp<std::uint64_t>(kMostPoolBytes / size, 1, kMostPayloads);
  if (!fixed && task.expect == Expect::same && task.payload_bytes >= kSequenceDigits)
    work.digits_at_ = request.payload_digits_at = 0;
  for (std::uint64_t i = 0; i < pool; ++i) {
    request.payload = fixed ? task.payload : random_text(task.payload_bytes, mix64(seed + i));
    auto frame = transport.prepare(request);
    if (!frame) return frame.error();
    work.payloads_.push_back({*frame, request.payload});
  }
  return work;
}

ReplyClass TaskWork::classify(const Message& reply, std::size_t payload) const {
  if (!reply.headers.empty()) {
    if (header_status(reply.headers) == kStatusNoResponders) return {RequestClass::no_responders};
    if (find_header(reply.headers, kServiceError) || find_header(reply.headers, kServiceErrorCode))
      return {RequestClass::service_error, error_code_of(reply.headers)};
  }
  return {is_right(reply, payload) ? RequestClass::ok : RequestClass::wrong_reply};
}

bool TaskWork::is_right(const Message& reply, std::size_t payload) const {
  switch (expect_) {
    case Expect::same:
      return is_same(reply, payloads_[payload].content);
    case Expect::no_error:
      return true;
    case Expect::contains:
      return reply.payload.find(expected_) != std::string_view::npos;
    case Expect::equals:
      return reply.payload == expected_;
  }
  return false;
}

bool TaskWork::is_same(const Message& reply, const std::string& sent) const {
  if (reply.payload.size() != sent.size()) return false;
  if (digits_at_ == std::string::npos) return reply.payload == sent;
  char digits[kSequenceDigits];
  write_hex(digits, reply.sequence, kSequenceDigits);
  return std::memcmp(reply.payload.data(), digits, kSequenceDigits) == 0 &&
         std::memcmp(reply.payload.data() + kSequenceDigits, sent.data() + kSequenceDigits,
                     sent.size() - kSequenceDigits) == 0;
}

}  // namespace natsproof

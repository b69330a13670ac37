#include "loadgen/engine/expected_answer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {

namespace {

using namespace models::v1;

constexpr std::string_view kEncodingRule = "encoding";

// Nothing: one that nobody knows.
std::optional<Encoding> encoding_of_reply(const Message& reply, Encoding asked_in) {
  const auto type = find_header(reply.headers, kContentType);
  return type ? encoding_of(*type) : asked_in;
}

template <typename Reply>
std::string take_served_by(Reply& reply) {
  return std::exchange(*reply.mutable_served_by(), {});
}
std::string take_served_by(OrderBatchReply& batch) {
  for (OrderReply& reply : *batch.mutable_replies()) reply.clear_served_by();
  return std::exchange(*batch.mutable_served_by(), {});
}

// How services name their instances; the reports show no others.
bool is_instance_name(std::string_view name) {
  constexpr std::size_t kLongest = 127;  // of one byte of length in Protobuf
  return !name.empty() && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
         });
}

// What identifies the request in a reply: the first field, as it is encoded.
std::string id_in(const HealthReply& /*reply*/, Encoding /*codec*/) {
  return {};
}
template <typename Reply>
std::string id_in(const Reply& reply, Encoding codec) {
  const auto* const first = Reply::descriptor()->FindFieldByNumber(1);
  Reply bare;
  bare.GetReflection()->SetString(&bare, first, reply.GetReflection()->GetString(reply, first));
  std::string text = encode(bare, codec);
  if (codec == Encoding::protobuf) return text;
  text.pop_back();  // `{"orderId":"ORD-1A2B3C4D"}`
  return text.substr(text.find(':') + 1);
}

// The bytes of a reply around its served_by, as our writers write it: last.
class Surroundings {
 public:
  template <typename Reply>
  Surroundings(Reply reply, Encoding codec) : codec_(codec) {
    constexpr std::string_view kPlace = "SERVED-BY";
    reply.set_served_by(std::string(kPlace));
    const std::string text = encode(reply, codec);
    const std::size_t at = text.rfind(kPlace);
    before_ = text.substr(0, at);
    after_ = text.substr(at + kPlace.size());
    if (codec == Encoding::protobuf) before_.pop_back();  // its length
  }

  // The served_by of a right reply. Empty: not right, or in another spelling.
  [[nodiscard]] std::string_view match(std::string_view reply) const {
    if (!reply.starts_with(before_) || !reply.ends_with(after_)) return {};
    if (reply.size() <= before_.size() + after_.size()) return {};
    reply.remove_prefix(before_.size());
    reply.remove_suffix(after_.size());
    if (codec_ == Encoding::protobuf) {
      const auto length = static_cast<unsigned char>(reply.front());
      reply.remove_prefix(1);
      if (length != reply.size()) return {};
    }
    return is_instance_name(reply) ? reply : std::string_view{};
  }

 private:
  Encoding codec_;
  std::string before_, after_;
};

template <typename Reply>
class RightReply final : public ExpectedAnswer {
 public:
  RightReply(const Reply& reply, Encoding codec, Verify verify)
      : reply_(encode(reply, Encoding::protobuf)),
        id_(id_in(reply, codec)),
        usual_(reply, codec),
        codec_(codec),
        verify_(verify) {}

  ReplyClass classify(const Message& reply, std::optional<int> error_code) override {
    if (error_code) return {RequestClass::service_error, *error_code};
    if (encoding_of_reply(reply, codec_) != codec_) return {RequestClass::wrong_reply};
    if (verify_ == Verify::envelope) {
      const bool names_request = reply.payload.find(id_) != std::string_view::npos;
      return {names_request ? RequestClass::ok : RequestClass::wrong_reply};
    }
    if (const std::string_view served_by = usual_.match(reply.payload); !served_by.empty())
      return {.request_class = RequestClass::ok, .served_by = served_by};
    return classify_decoded(reply.payload);
  }

 private:
  ReplyClass classify_decoded(std::string_view payload) {
    Reply decoded;
    if (!decode(payload, codec_, decoded)) return {RequestClass::wrong_reply};
    served_by_ = take_served_by(decoded);
    const bool is_right = !served_by_.empty() && (std::is_same_v<Reply, HealthReply> ||
                                                  encode(decoded, Encoding::protobuf) == reply_);
    if (!is_right) return {RequestClass::wrong_reply};
    return {.request_class = RequestClass::ok,
            .served_by = is_instance_name(served_by_) ? served_by_ : std::string_view{}};
  }

  std::string reply_, id_;
  Surroundings usual_;
  Encoding codec_;
  Verify verify_;
  std::string served_by_;  // of the reply decoded last
};

struct Refused {
  int code = 0;
  bool on_purpose = false;
  std::optional<Problem> problem;  // the whole of it; or
  std::optional<std::string> path;
  std::string rule;  // empty: the code says all
};

class RightRefusal final : public ExpectedAnswer {
 public:
  RightRefusal(Refused refused, Encoding codec, Verify verify)
      : refused_(std::move(refused)), codec_(codec), verify_(verify) {}

  ReplyClass classify(const Message& reply, std::optional<int> error_code) override {
    if (!error_code) return {RequestClass::wrong_reply};
    if (*error_code != refused_.code) {
      const bool for_being_wrong = *error_code >= 400 && *error_code < 500;
      if (refused_.on_purpose && for_being_wrong) return {RequestClass::wrong_reply};
      return {RequestClass::service_error, *error_code};
    }
    if (verify_ == Verify::full && !is_right(reply)) return {RequestClass::wrong_reply};
    return {refused_.on_purpose ? RequestClass::rejected : RequestClass::ok, *error_code};
  }

 private:
  [[nodiscard]] bool is_right(const Message& reply) {
    if (!refused_.problem && refused_.rule.empty()) return true;
    if (!last_right_.empty() && reply.payload == last_right_) return true;
    const auto encoding = encoding_of_reply(reply, codec_);
    Problem problem;
    if (!encoding || !decode(reply.payload, *encoding, problem) || !is_right(problem)) return false;
    last_right_ = reply.payload;
    return true;
  }

  [[nodiscard]] bool is_right(const Problem& problem) const {
    if (refused_.problem) {
      return encode(problem, Encoding::protobuf) == encode(*refused_.problem, Encoding::protobuf);
    }
    if (problem.code() != refused_.code || problem.violations_size() != 1) return false;
    const Problem::Violation& violation = problem.violations(0);
    return violation.rule() == refused_.rule &&
           (!refused_.path || violation.path() == *refused_.path);
  }

  Refused refused_;
  Encoding codec_;
  Verify verify_;
  std::string last_right_;  // refusals of one request are the same each time
};

}  // namespace

template <typename Reply>
std::unique_ptr<ExpectedAnswer> expect_reply(const Reply& reply, Encoding codec, Verify verify) {
  return std::make_unique<RightReply<Reply>>(reply, codec, verify);
}
template std::unique_ptr<ExpectedAnswer> expect_reply(const OrderReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const GetOrderReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const OrderBatchReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const ReserveReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const AuthorizeReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const ScoreReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const IngestReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const BulkReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const ProbeReply&, Encoding, Verify);
template std::unique_ptr<ExpectedAnswer> expect_reply(const HealthReply&, Encoding, Verify);

std::unique_ptr<ExpectedAnswer> expect_refusal(const Problem& problem, Encoding codec,
                                               Verify verify) {
  return std::make_unique<RightRefusal>(
      Refused{.code = problem.code(), .on_purpose = false, .problem = problem}, codec, verify);
}

std::unique_ptr<ExpectedAnswer> expect_rejection(const InvalidRequest& request, Encoding codec,
                                                 Verify verify) {
  Refused refused{.code = ProblemCode::kInvalid, .on_purpose = true};
  switch (request.refusal) {
    case Refusal::broken_rule:
      refused.path = request.path;
      refused.rule = request.rule;
      break;
    case Refusal::not_decoded:
      if (!request.path.empty()) refused.path = request.path;
      refused.rule = kEncodingRule;
      break;
    case Refusal::unknown_encoding:
      refused.code = ProblemCode::kUnknownEncoding;
      break;
  }
  return std::make_unique<RightRefusal>(std::move(refused), codec, verify);
}

}  // namespace natsproof

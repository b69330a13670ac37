#include "services/runtime/model_endpoint.h"

#include <exception>
#include <optional>

#include <fmt/format.h>

#include "messaging/headers.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {
namespace {

std::string_view content_type_block(Encoding encoding) {
  static const auto block = [](Encoding of) {
    return *make_headers({{"Content-Type", std::string(content_type(of))}});
  };
  static const std::string protobuf = block(Encoding::protobuf), json = block(Encoding::json);
  return encoding == Encoding::protobuf ? protobuf : json;
}

}  // namespace

void EncodedEndpoint::handle(const ServiceRequest& request, Responder& responder) {
  const auto encoding =
      encoding_of(find_header(request.headers, "Content-Type").value_or(std::string_view{}));
  if (!encoding) {
    return refuse(responder, Encoding::protobuf,
                  make_problem(ProblemCode::kUnknownEncoding,
                               fmt::format("unknown Content-Type; known are {}; without one it is "
                                           "{}",
                                           kContentTypes, content_type(Encoding::protobuf))));
  }
  try {
    handle_encoded(request, *encoding, responder);
  } catch (const std::exception& thrown) {
    refuse(responder, *encoding, make_problem(ProblemCode::kOurs, thrown.what()));
  }
}

EndpointMetadata EncodedEndpoint::metadata_of(const std::string& request,
                                              const std::string& reply) {
  return {{"encodings", std::string(kContentTypes)},
          {"request", request},
          {"reply", reply},
          {"refusal", models::v1::Problem::descriptor()->full_name()}};
}

void EncodedEndpoint::refuse(Responder& responder, Encoding encoding,
                             const models::v1::Problem& problem) {
  const auto reply = encode(problem, encoding);  // texts and numbers: they have a form
  responder.stamp(TraceStage::encoded);
  responder.error(problem.code(), problem.message(), *reply, content_type(encoding));
}

void EncodedEndpoint::send_encoded(Responder& responder, Encoding encoding,
                                   std::string_view reply) {
  responder.stamp(TraceStage::encoded);
  const std::string_view headers = content_type_block(encoding);
  if (responder.reply_if_it_fits(reply, headers)) return;
  refuse(responder, encoding, make_problem(ProblemCode::kTooLarge, responder.too_large()));
}

}  // namespace natsproof

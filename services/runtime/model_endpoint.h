// Endpoints whose requests and replies are messages of models/: decoded, validated, answered,
// encoded.
//
// The request's Content-Type says how it is encoded; without one it is Protobuf. The reply is
// encoded the same way, has its own Content-Type, and names the instance in served_by. A refusal is
// an error reply (headers by ADR-32) with a Problem in its body, encoded as the request is, or in
// Protobuf where nobody knows how that is: 415 an unknown encoding, 400 what cannot be decoded or
// breaks rules, 413 a reply over the server's max_payload, 500 an exception; the rest is the
// answer's own. There is no 429: what waits for a busy instance waits in sockets and in the client
// library, where a service can neither count nor answer it. Only a Problem over max_payload, and an
// exception that is no std::exception, have the headers alone.
//
// Messages and buffers are used again from one request to the next, and keep what the largest took.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "models/answers/problem.h"
#include "models/runtime/encoding.h"
#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"
#include "models/runtime/violations.h"
#include "services/runtime/service.h"

namespace natsproof {

class EncodedEndpoint : public EndpointHandler {
 public:
  void handle(const ServiceRequest& request, Responder& responder) final;

 protected:
  // What INFO says: message types by their full names.
  static EndpointMetadata metadata_of(const std::string& request, const std::string& reply);
  // A request in an encoding that we know.
  virtual void handle_encoded(const ServiceRequest& request, Encoding encoding,
                              Responder& responder) = 0;

  template <typename Reply>
  void send(Responder& responder, Encoding encoding, Answer<Reply> answer) {
    responder.stamp(TraceStage::answered);
    if (!answer) return refuse(responder, encoding, answer.error());
    answer->set_served_by(responder.service().id());
    const auto reply = encode(*answer, encoding);
    if (!reply)
      return refuse(responder, encoding, make_problem(ProblemCode::kOurs, reply.error().text()));
    send_encoded(responder, encoding, *reply);
  }
  void refuse(Responder& responder, Encoding encoding, const models::v1::Problem& problem);

 private:
  void send_encoded(Responder& responder, Encoding encoding, std::string_view reply);

  // Valid until the next call.
  template <typename M>
  Result<std::string_view, EncodeError> encode(const M& message, Encoding encoding) {
    if (encoding == Encoding::protobuf) {
      write_protobuf(message, protobuf_);
      return std::string_view(protobuf_);
    }
    json_.clear();
    if (const Encoded written = write_json(message, json_); !written) return written.error();
    return json_.view();
  }

  std::string protobuf_;
  JsonBuffer json_;
};

template <typename Request, typename Reply>
class ModelEndpoint : public EncodedEndpoint {
 public:
  // Protobuf makes descriptors when they are first asked for: not by the first broken request, and
  // not by the threads of two services at once.
  ModelEndpoint() { static_cast<void>(Request::descriptor()); }
  [[nodiscard]] EndpointMetadata metadata() const final {
    return metadata_of(Request::descriptor()->full_name(), Reply::descriptor()->full_name());
  }

 protected:
  void send(Responder& responder, Encoding encoding, Answer<Reply> answer) {
    EncodedEndpoint::send(responder, encoding, std::move(answer));
  }
  // A valid request, to be answered by send(), now or later; may be moved from.
  virtual void take(Request& request, Encoding encoding, Responder& responder) = 0;

 private:
  void handle_encoded(const ServiceRequest& request, Encoding encoding,
                      Responder& responder) final {
    const Decoded decoded = encoding == Encoding::protobuf
                                ? read_protobuf(request.payload, request_)
                                : read_json(request.payload, request_);
    if (!decoded) return refuse(responder, encoding, make_problem(decoded.error()));
    responder.stamp(TraceStage::decoded);
    violations_.clear();
    if (!validate(request_, violations_)) {
      return refuse(responder, encoding, make_problem(violations_));
    }
    responder.stamp(TraceStage::validated);
    take(request_, encoding, responder);
  }

  Request request_;
  Violations violations_;
};

}  // namespace natsproof

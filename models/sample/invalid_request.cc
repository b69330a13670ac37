#include "models/sample/invalid_request.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wire_format_lite.h>

#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/draw.h"
#include "models/sample/places.h"
#include "models/sample/spoiled.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"

namespace natsproof {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Timestamp;

template <typename M>
std::string encode(const M& message, Encoding encoding) {
  if (encoding == Encoding::json) {
    JsonBuffer json;
    [[maybe_unused]] const Encoded written = write_json(message, json);
    assert(written);
    return std::string(json.view());
  }
  std::string bytes;
  write_protobuf(message, bytes);
  return bytes;
}

// A value that occurs nowhere else in sample data, as JSON writes it, and values of other types.
struct WrongType {
  std::string_view planted;
  std::vector<std::string_view> replacements;
};

bool can_be_planted(const Place& place) {
  if (place.field->is_repeated()) return false;
  switch (place.field->type()) {
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_DOUBLE:
      return true;
    default:
      return place.field->message_type() == Timestamp::descriptor();
  }
}

// Sets the field to a value that is then to be replaced in the JSON text.
WrongType plant(const Place& place) {
  const google::protobuf::Reflection& reflection = *place.message->GetReflection();
  switch (place.field->type()) {
    case FieldDescriptor::TYPE_STRING:
      reflection.SetString(place.message, place.field, "@planted@");
      return {R"("@planted@")", {"17", "true", "[]", "{}"}};
    case FieldDescriptor::TYPE_INT32:
      reflection.SetInt32(place.message, place.field, -1987654321);
      return {"-1987654321", {R"("many")", "true", "[]", "{}", "1.5"}};
    case FieldDescriptor::TYPE_INT64:
      reflection.SetInt64(place.message, place.field, 1987654321987654321);
      return {R"("1987654321987654321")", {R"("many")", "true", "[]", "{}", "1.5"}};
    case FieldDescriptor::TYPE_DOUBLE:
      reflection.SetDouble(place.message, place.field, 0.1987654321);
      return {"0.1987654321", {R"("warm")", "true", "[]", "{}"}};
    default:
      dynamic_cast<Timestamp&>(*reflection.MutableMessage(place.message, place.field))
          .set_nanos(987654321);
      return {R"("1970-01-01T00:00:00.987654321Z")", {R"("yesterday")", "17", "true", "[]", "{}"}};
  }
}

template <typename M>
void mistype(Random& random, M& valid, InvalidRequest& request) {
  const std::optional<Place> place = choose_place(random, valid, can_be_planted);
  assert(place);  // every message of the schema has such a field
  place->message->GetReflection()->ClearField(place->message, place->field);
  const WrongType wrong = plant(*place);
  request.path = place->path;
  request.body = encode(valid, Encoding::json);
  const std::size_t at = request.body.find(wrong.planted);
  assert(at != std::string::npos);
  request.body.replace(at, wrong.planted.size(),
                       wrong.replacements[random.below(wrong.replacements.size())]);
}

// A Protobuf message cut here is a shorter message, and might be a valid one.
std::set<std::size_t> ends_of_fields(const std::string& protobuf) {
  google::protobuf::io::CodedInputStream bytes(
      reinterpret_cast<const std::uint8_t*>(protobuf.data()), static_cast<int>(protobuf.size()));
  std::set<std::size_t> ends;
  while (const std::uint32_t tag = bytes.ReadTag()) {
    google::protobuf::internal::WireFormatLite::SkipField(&bytes, tag);
    ends.insert(static_cast<std::size_t>(bytes.CurrentPosition()));
  }
  return ends;
}

template <typename M>
std::string encode_and_cut(Random& random, Encoding encoding, const M& valid) {
  const std::string whole = encode(valid, encoding);
  std::set<std::size_t> not_here;
  if (encoding == Encoding::protobuf) not_here = ends_of_fields(whole);
  std::size_t length = 0;
  do {
    length = 1 + random.below(whole.size() - 1);
  } while (not_here.contains(length));
  return whole.substr(0, length);
}

template <typename M>
std::optional<InvalidRequest> make(InvalidKind kind, Encoding encoding, Random& random, M valid) {
  constexpr std::string_view kUnknownEncodings[] = {
      "application/xml", "application/cbor", "application/msgpack", "text/plain", "avro/binary"};
  InvalidRequest request{.content_type = std::string(content_type(encoding))};
  switch (kind) {
    case InvalidKind::wrong_type:
      if (encoding != Encoding::json) return std::nullopt;
      request.refusal = Refusal::not_decoded;
      mistype(random, valid, request);
      return request;
    case InvalidKind::cut_bytes:
      request.refusal = Refusal::not_decoded;
      request.body = encode_and_cut(random, encoding, valid);
      return request;
    case InvalidKind::unknown_encoding:
      request.refusal = Refusal::unknown_encoding;
      request.content_type = one_of(random, kUnknownEncodings);
      request.body = encode(valid, encoding);
      return request;
    default:
      break;
  }
  const std::optional<Breach> breach = spoil(kind, random, valid);
  if (!breach) return std::nullopt;
  request.path = breach->path;
  request.rule = breach->rule;
  request.body = encode(valid, encoding);
  return request;
}

}  // namespace

std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::Order valid) {
  return make(kind, encoding, random, std::move(valid));
}

std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random,
                                                   models::v1::ValidationProbe valid) {
  return make(kind, encoding, random, std::move(valid));
}

std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::EventBatch valid) {
  return make(kind, encoding, random, std::move(valid));
}

std::optional<InvalidRequest> make_invalid_request(InvalidKind kind, Encoding encoding,
                                                   Random& random, models::v1::BulkRequest valid) {
  return make(kind, encoding, random, std::move(valid));
}

}  // namespace natsproof

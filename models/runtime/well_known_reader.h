// JSON of google.protobuf's well-known types, each in the form the proto3 JSON mapping gives it.
// Generated code finds these beside its own by their arguments.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include "models/runtime/json_reader.h"

namespace natsproof {

// "2026-11-21T09:30:00.5Z": RFC 3339 with capital T and Z or an offset, at most nine digits of a
// second, years 1 to 9999.
void read_json_part(JsonReader& in, google::protobuf::Timestamp& time);
// "-1.5s": at most nine digits behind the point, 10,000 years at most.
void read_json_part(JsonReader& in, google::protobuf::Duration& duration);
// "userId,address.postalCode"
void read_json_part(JsonReader& in, google::protobuf::FieldMask& mask);
void read_json_part(JsonReader& in, google::protobuf::Empty& empty);
void read_json_part(JsonReader& in, google::protobuf::Struct& object);
void read_json_part(JsonReader& in, google::protobuf::Value& value);
void read_json_part(JsonReader& in, google::protobuf::ListValue& list);
void read_json_part(JsonReader& in, google::protobuf::BoolValue& value);
void read_json_part(JsonReader& in, google::protobuf::Int32Value& value);
void read_json_part(JsonReader& in, google::protobuf::Int64Value& value);
void read_json_part(JsonReader& in, google::protobuf::UInt32Value& value);
void read_json_part(JsonReader& in, google::protobuf::UInt64Value& value);
void read_json_part(JsonReader& in, google::protobuf::FloatValue& value);
void read_json_part(JsonReader& in, google::protobuf::DoubleValue& value);
void read_json_part(JsonReader& in, google::protobuf::StringValue& value);
void read_json_part(JsonReader& in, google::protobuf::BytesValue& value);

}  // namespace natsproof

// google.protobuf's well-known types written as the proto3 JSON mapping has them, each appended as
// one value. Generated code finds these beside its own by their arguments. What reads back as
// nothing or as something else has no form: a Timestamp or Duration that is none, the path of a
// FieldMask that is not in snake_case, and NaN and infinities in a Value. A Value of no kind is
// null.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include "models/runtime/json_writer.h"

namespace natsproof {

void write_json_part(const google::protobuf::Timestamp& time, JsonBuffer& out);
void write_json_part(const google::protobuf::Duration& duration, JsonBuffer& out);
void write_json_part(const google::protobuf::FieldMask& mask, JsonBuffer& out);
void write_json_part(const google::protobuf::Empty& empty, JsonBuffer& out);
void write_json_part(const google::protobuf::Struct& object, JsonBuffer& out);
void write_json_part(const google::protobuf::Value& value, JsonBuffer& out);
void write_json_part(const google::protobuf::ListValue& list, JsonBuffer& out);
void write_json_part(const google::protobuf::BoolValue& value, JsonBuffer& out);
void write_json_part(const google::protobuf::Int32Value& value, JsonBuffer& out);
void write_json_part(const google::protobuf::Int64Value& value, JsonBuffer& out);
void write_json_part(const google::protobuf::UInt32Value& value, JsonBuffer& out);
void write_json_part(const google::protobuf::UInt64Value& value, JsonBuffer& out);
void write_json_part(const google::protobuf::FloatValue& value, JsonBuffer& out);
void write_json_part(const google::protobuf::DoubleValue& value, JsonBuffer& out);
void write_json_part(const google::protobuf::StringValue& value, JsonBuffer& out);
void write_json_part(const google::protobuf::BytesValue& value, JsonBuffer& out);

}  // namespace natsproof

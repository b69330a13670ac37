// The three things the plugin writes for each message of a file, each into the generated source,
// inside the file's namespace. A schema that cannot be supported is a SchemaError.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

namespace natsproof {

void print_validator(const google::protobuf::Descriptor& message,
                     google::protobuf::io::Printer& source);
void print_json_reader(const google::protobuf::Descriptor& message,
                       google::protobuf::io::Printer& source);
void print_json_writer(const google::protobuf::Descriptor& message,
                       google::protobuf::io::Printer& source);

}  // namespace natsproof

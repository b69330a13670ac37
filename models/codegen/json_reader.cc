#include "models/codegen/parts.h"

namespace natsproof {

void print_json_reader(const google::protobuf::Descriptor&, google::protobuf::io::Printer&) {}

}  // namespace natsproof

#include "models/codegen/parts.h"

namespace natsproof {

void print_json_writer(const google::protobuf::Descriptor&, google::protobuf::io::Printer&) {}

}  // namespace natsproof

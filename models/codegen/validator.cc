#include "models/codegen/parts.h"

namespace natsproof {

void print_validator(const google::protobuf::Descriptor&, google::protobuf::io::Printer&) {}

}  // namespace natsproof

// Any bytes as a Protobuf message: read, or an error that has a place; what is valid survives JSON.
// The first byte chooses the message.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "models/runtime/protobuf_codec.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <typename Message>
void try_bytes(std::string_view bytes) {
  Message message, oracle;
  const Decoded read = read_protobuf(bytes, message);
  require(read.ok() == oracle.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  if (!read) {
    require(read.error().offset <= bytes.size());
    require(read.error().message != kUnexplained);
    return;
  }
  Violations violations;
  const bool valid = validate(message, violations);
  require(valid == violations.empty());
  JsonBuffer written;
  Message again;
  if (!write_json(message, written)) return require(written.view().empty());
  require(read_json(written.view(), again).ok());
  if (!valid) return;
  message.DiscardUnknownFields();
  if constexpr (!std::is_same_v<Message, test::EveryKind>) {  // which may hold the bits of a NaN
    std::string before, after;
    write_protobuf(message, before);
    write_protobuf(again, after);
    require(before == after);
  }
}

}  // namespace
}  // namespace natsproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      natsproof::try_bytes<natsproof::test::EveryKind>(bytes);
      break;
    case 1:
      natsproof::try_bytes<natsproof::models::v1::Order>(bytes);
      break;
    default:
      natsproof::try_bytes<natsproof::models::v1::ValidationProbe>(bytes);
      break;
  }
  return 0;
}

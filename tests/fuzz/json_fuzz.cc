// Our reader of JSON against Protobuf's and nlohmann's, and our writer against our reader. The
// first byte chooses the message.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "models/runtime/protobuf_codec.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "tests/oracle/json_mutation.h"
#include "tests/oracle/json_oracle.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

void require(bool holds, std::string_view document, const std::string& otherwise) {
  if (holds) return;
  std::fprintf(stderr, "%s\nin %.*s\n", otherwise.c_str(), static_cast<int>(document.size()),
               document.data());
  std::abort();
}

template <typename Message>
void try_document(std::string_view document) {
  Message message;
  const Decoded read = read_json(document, message);
  const std::string disagreement = json_disagreement(document, read, message);
  require(disagreement.empty(), document, disagreement);

  Violations violations;
  const bool valid = validate(message, violations);
  require(valid == violations.empty(), document, "validate() and its violations differ");
  if (!read) return require(read.error().message != kUnexplained, document, kUnexplained);

  JsonBuffer written;
  require(write_json(message, written).ok(), document, "ours does not write what ours read");
  Message again;
  const Decoded reread = read_json(written.view(), again);
  require(reread.ok(), document,
          "ours does not read what ours wrote: " + std::string(written.view()));
  std::string bytes, bytes_again;
  write_protobuf(message, bytes);
  write_protobuf(again, bytes_again);
  require(bytes == bytes_again, document, "lost in writing: " + std::string(written.view()));
}

}  // namespace
}  // namespace natsproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view document(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      natsproof::try_document<natsproof::test::EveryKind>(document);
      break;
    case 1:
      natsproof::try_document<natsproof::models::v1::Order>(document);
      break;
    default:
      natsproof::try_document<natsproof::models::v1::EventBatch>(document);
      break;
  }
  return 0;
}

// libFuzzer's own mutations rarely leave JSON behind; every other one is of values and keys.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most)
    __attribute__((weak));

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  if (seed % 2 == 0 || size < 3) return LLVMFuzzerMutate(data, size, most);
  natsproof::Random random(seed);
  const std::string mutated =
      natsproof::mutate_json({reinterpret_cast<const char*>(data) + 1, size - 1}, random);
  if (mutated.size() + 1 > most) return size;
  std::memcpy(data + 1, mutated.data(), mutated.size());
  return mutated.size() + 1;
}

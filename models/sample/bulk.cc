#include "models/sample/bulk.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/sample/draw.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

constexpr std::string_view kOperations[] = {"import", "re-index", "upsert", "prices.update"};
constexpr std::string_view kOptions[][2] = {
    {"on-error", "continue"}, {"reply", "keys"}, {"partition", "eu-1"}, {"dry-run", "false"}};

std::string draw_bytes(Random& random, std::size_t count) {
  std::string bytes;
  bytes.reserve(count + 8);
  while (bytes.size() < count) {
    const std::uint64_t drawn = random.next();
    for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>((drawn >> (8 * i)) & 0xff);
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace

models::v1::BulkRequest sample_bulk_request(Random& random, int items, std::size_t bytes_each) {
  models::v1::BulkRequest request;
  request.set_batch_id(sample_id(random, "bulk-"));
  request.set_operation(std::string(one_of(random, kOperations)));
  for (int i = 0; i < items; ++i) {
    auto& item = *request.add_items();
    item.set_key(fmt::format("item/{:05}/{}", i, sample_hex(random, 8)));
    item.set_data(draw_bytes(random, bytes_each));
  }
  request.set_priority(between_int32(random, 1, 10));
  request.set_timeout_s(between_int32(random, 1, 3600));
  const int options = between_int32(random, 0, 4);
  for (int i = 0; i < options; ++i) {
    const auto& option = one_of(random, kOptions);
    (*request.mutable_options())[std::string(option[0])] = option[1];
  }
  return request;
}

}  // namespace natsproof

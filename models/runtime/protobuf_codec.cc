#include "models/runtime/protobuf_codec.h"

#include <climits>
#include <cstdint>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "models/runtime/utf8.h"
#include "models/runtime/violations.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kMaxDepth = 100;  // below the root; Protobuf's own limit
constexpr std::size_t kLongestVarint = 10;
constexpr std::size_t kLongestTag = 5;  // and length

enum WireType : unsigned { varint, fixed64, length, group, group_end, fixed32 };

WireType wire_type_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return fixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return fixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return length;
    default:
      return varint;
  }
}

// Reads the wire format as Protobuf does, https://protobuf.dev/programming-guides/encoding/, up to
// the first mistake.
class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {}

  std::optional<DecodeError> mistake(const Descriptor& root) {
    message(bytes_.size(), &root, 0);
    return std::move(found_);
  }

 private:
  // Each is false once a mistake is found. `end` is where the enclosing message ends.
  bool message(std::size_t end, const Descriptor* type, unsigned group_number);
  // `count`: the field's elements so far.
  bool value(std::size_t end, const FieldDescriptor* field, unsigned number, unsigned wire_type,
             std::size_t& count);
  bool packed(std::size_t end, const FieldDescriptor& field, std::size_t& count);
  bool read_varint(std::size_t end, std::uint64_t& number, std::size_t most = kLongestVarint);
  bool skip(std::size_t end, std::size_t size);
  bool wrong(std::size_t offset, std::string what) {
    found_ = DecodeError{path_, offset, std::move(what)};
    return false;
  }
  std::string key_of_entry(std::size_t end, const FieldDescriptor& key);

  std::string_view bytes_;
  std::size_t at_ = 0;
  int depth_ = -1;  // of the message being read; the root's is 0
  std::string path_;
  std::optional<DecodeError> found_;
};

bool Walk::read_varint(std::size_t end, std::uint64_t& number, std::size_t most) {
  const std::size_t from = at_;
  number = 0;
  for (std::size_t i = 0; i < most; ++i) {
    if (at_ == end) return wrong(at_, "the bytes end within a number");
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    number |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) return true;
  }
  return wrong(from, fmt::format("a number of more than {} bytes", most));
}

bool Walk::skip(std::size_t end, std::size_t size) {
  if (size > end - at_) {
    return wrong(end,
                 fmt::format("the bytes end {} short of the value's {}", size - (end - at_), size));
  }
  at_ += size;
  return true;
}

bool Walk::message(std::size_t end, const Descriptor* type, unsigned group_number) {
  if (++depth_ > kMaxDepth) {
    return wrong(at_, fmt::format("nested deeper than {} levels", kMaxDepth));
  }
  std::map<int, std::size_t> counts;  // of repeated fields' elements so far
  const std::size_t parent = path_.size();
  while (at_ < end) {
    const std::size_t from = at_;
    std::uint64_t tag = 0;
    if (!read_varint(end, tag, kLongestTag)) return false;
    const unsigned number = static_cast<std::uint32_t>(tag) >> 3;  // more bits are not looked at
    const auto wire_type = static_cast<unsigned>(tag & 7);
    if (number == 0) return wrong(from, "no field has this number; fields are 1 to 536870911");
    if (wire_type > fixed32)
      return wrong(from, fmt::format("wire type {}, which does not exist", wire_type));
    if (wire_type == group_end) {
      if (number != group_number)
        return wrong(from, fmt::format("the end of group {} that did not begin", number));
      --depth_;
      return true;
    }
    const FieldDescriptor* field =
        type ? type->FindFieldByNumber(static_cast<int>(number)) : nullptr;
    const bool expected = field && (wire_type == wire_type_of(*field) ||
                                    (field->is_packable() && wire_type == length));
    if (!expected) field = nullptr;  // unknown to Protobuf, which keeps it
    if (field) {
      if (type->map_value() != field) {  // which the key stands for
        if (parent > 0) path_ += '.';
        path_ += field->name();
      }
      if (field->is_map()) {
        path_ += key_of_entry(end, *field->message_type()->map_key());
      } else if (field->is_repeated()) {
        path_ += fmt::format("[{}]", counts[field->number()]);
      }
    }
    std::size_t& count = counts[static_cast<int>(number)];
    if (!value(end, field, number, wire_type, count)) return false;
    if (field && !(field->is_packable() && wire_type == length)) ++count;
    path_.resize(parent);
  }
  if (group_number > 0)
    return wrong(end, fmt::format("the bytes end within group {}", group_number));
  --depth_;
  return true;
}

bool Walk::value(std::size_t end, const FieldDescriptor* field, unsigned number, unsigned wire_type,
                 std::size_t& count) {
  std::uint64_t ignored = 0;
  switch (wire_type) {
    case varint:
      return read_varint(end, ignored);
    case fixed64:
      return skip(end, 8);
    case fixed32:
      return skip(end, 4);
    case group:
      return message(end, nullptr, number);
    default:
      break;
  }
  std::uint64_t size = 0;
  const std::size_t from = at_;
  if (!read_varint(end, size, kLongestTag)) return false;
  if (size > INT_MAX)
    return wrong(from, fmt::format("a length of {} bytes, where 2147483647 are possible", size));
  if (size > end - at_) {
    return wrong(end,
                 fmt::format("the bytes end {} short of the value's {}", size - (end - at_), size));
  }
  const std::size_t value_end = at_ + size;
  if (field && field->type() == FieldDescriptor::TYPE_MESSAGE) {
    if (!message(value_end, field->message_type(), 0)) return false;
  } else if (field && field->type() == FieldDescriptor::TYPE_STRING) {
    const std::size_t bad = find_not_utf8(bytes_.substr(at_, size));
    if (bad < size) {
      return wrong(at_ + bad, fmt::format("not UTF-8: byte 0x{:02x}",
                                          static_cast<unsigned char>(bytes_[at_ + bad])));
    }
  } else if (field && field->is_packable()) {
    if (!packed(value_end, *field, count)) return false;
  }
  at_ = value_end;
  return true;
}

bool Walk::packed(std::size_t end, const FieldDescriptor& field, std::size_t& count) {
  const WireType type = wire_type_of(field);
  const std::size_t bracket = path_.rfind('[');
  for (; at_ < end; ++count) {
    path_.resize(bracket);
    path_ += fmt::format("[{}]", count);
    std::uint64_t ignored = 0;
    const bool whole =
        type == varint ? read_varint(end, ignored) : skip(end, type == fixed64 ? 8 : 4);
    if (!whole) return false;
  }
  return true;
}

// `["key"]` of the map's entry that begins here; nothing when its key is no text, does not stand
// first or is not whole.
std::string Walk::key_of_entry(std::size_t end, const FieldDescriptor& key) {
  Walk peek(bytes_);  // which may meet mistakes of its own
  peek.at_ = at_;
  std::uint64_t size = 0, tag = 0, value = 0;
  if (!peek.read_varint(end, size) || !peek.read_varint(end, tag)) return {};
  if (tag != (std::uint64_t{1} << 3 | wire_type_of(key)) || !peek.read_varint(end, value))
    return {};
  if (key.type() != FieldDescriptor::TYPE_STRING) return {};
  const std::string text(bytes_.substr(peek.at_, value));
  if (value > end - peek.at_ || find_not_utf8(text) < value) return {};
  return Path{.field = "", .key = &text}.text();
}

}  // namespace

Decoded read_protobuf(std::string_view bytes, google::protobuf::Message& message) {
  if (bytes.size() > INT_MAX) {
    return DecodeError{.message =
                           fmt::format("{} bytes, where 2147483647 are possible", bytes.size())};
  }
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  auto mistake = Walk(bytes).mistake(*message.GetDescriptor());
  if (mistake) return *std::move(mistake);
  return DecodeError{.message = kUnexplained};
}

void write_protobuf(const google::protobuf::Message& message, std::string& out) {
  out.clear();
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
}

}  // namespace natsproof

// What one operation on a message of one model costs, as measured.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natsproof {

// The names of benchmarks are `serialization/<model>/<encoding>/<operation>`.
inline constexpr std::string_view kProtobuf = "protobuf";
inline constexpr std::string_view kProtobufArena = "protobuf-arena";
inline constexpr std::string_view kJson = "json";
inline constexpr std::string_view kJsonByProtobuf = "json-protobuf-util";
inline constexpr std::string_view kMessage = "message";  // decoded, whatever its encoding was

inline constexpr std::string_view kEncode = "encode";
inline constexpr std::string_view kDecode = "decode";
inline constexpr std::string_view kDecodeAndValidate = "decode+validate";
inline constexpr std::string_view kRoundTrip = "round-trip";  // encode, then decode
inline constexpr std::string_view kValidate = "validate";     // of kMessage only

struct Cost {
  std::string model, encoding, operation;
  double time_ns = 0;                 // of the CPU, per message; of several repetitions: the median
  std::optional<double> bytes;        // of a message in this encoding, mean over the samples
  std::optional<double> allocations;  // calls of operator new per message
};

// Nothing: it was not measured.
const Cost* find_cost(std::span<const Cost> costs, std::string_view model,
                      std::string_view encoding, std::string_view operation);

std::string benchmark_name(std::string_view model, std::string_view encoding,
                           std::string_view operation);
// A cost without figures; nothing where the name is not one of benchmark_name()'s.
std::optional<Cost> parse_benchmark_name(std::string_view name);

// `91.3 ns`, `21.3 µs`.
std::string format_time(double time_ns);
// `0.42`, `4.20`, `42.0`, `420`, `4,200`.
std::string format_ratio(double ratio);

}  // namespace natsproof

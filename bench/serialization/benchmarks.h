// Registers the serialization benchmarks of a model: of messages of one type, encoded, decoded and
// validated in every encoding.
//
//   serialization/<model>/<encoding>/encode            into a buffer that is used again
//                                    decode            into a new message, destroyed again in the
//                                    time measured decode+validate round-trip        encode, then
//                                    decode
//   serialization/<model>/message/validate             a decoded message, whatever its encoding was
//
// Encodings: `protobuf` and `protobuf-arena`, its binary form by its own SerializeToString and
// ParseFromArray; `json`, by the code our plugin made; `json-protobuf-util`, by Protobuf's own
// utility, which reads the same documents. On `protobuf-arena` a message is decoded on a new arena
// whose first 64 KiB are used again; a message of an arena is encoded as any other, so that it has
// no encode.
//
// Time is per message. Several samples are taken in turn, so that no branch predictor learns one
// document by heart. Before anything is timed, each operation is tried on each sample: what is
// decoded has to be the sample.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include "bench/serialization/cost.h"
#include "models/runtime/encode_error.h"
#include "models/runtime/json_buffer.h"
#include "models/runtime/violations.h"

namespace natsproof {

namespace serialization_benchmarks {

std::string protobuf_of(const google::protobuf::Message& message);  // the same bytes each time
bool same(const google::protobuf::Message& one, const google::protobuf::Message& other);
// To stderr, where the sample breaks rules of its schema: then finding that is what is measured.
void warn_of(std::string_view model, std::size_t sample, const Violations& violations);
// Where it has no form in JSON: then its benchmarks in JSON fail.
void warn_of(std::string_view model, std::size_t sample, const EncodeError& error);

bool write_json_by_protobuf(const google::protobuf::Message& message, std::string& out);
bool read_json_by_protobuf(std::string_view document, google::protobuf::Message& message);

// Times `body(i)`, i being each of `samples` in turn, always all of them equally often.
class Measurement {
 public:
  // `bytes`: of all samples together; nothing: no bytes are read or written.
  Measurement(benchmark::State& state, std::size_t samples, std::optional<std::size_t> bytes)
      : state_(state), samples_(samples), bytes_(bytes) {}

  template <typename Body>
  void run(const Body& body) {
    begin();
    while (state_.KeepRunningBatch(static_cast<benchmark::IterationCount>(samples_))) {
      for (std::size_t i = 0; i < samples_; ++i) body(i);
    }
    end();
  }

 private:
  void begin();
  void end();

  benchmark::State& state_;
  std::size_t samples_;
  std::optional<std::size_t> bytes_;
  std::optional<std::uint64_t> allocations_before_;
};

template <typename M>
struct Samples {
  std::string model;
  std::vector<M> messages;
  std::vector<std::string> protobuf, json;  // the messages, encoded
};

// Where a decoded message is made.
template <typename M>
class OfItsOwn {
 public:
  struct Memory {};
  explicit OfItsOwn(Memory&) {}
  M& message() { return message_; }

 private:
  M message_;
};

template <typename M>
class OnArena {
 public:
  struct Memory {
    std::vector<char> first_block = std::vector<char>(64 << 10);
  };
  explicit OnArena(Memory& memory)
      : arena_(memory.first_block.data(), memory.first_block.size()),
        message_(*google::protobuf::Arena::CreateMessage<M>(&arena_)) {}
  M& message() { return message_; }

 private:
  google::protobuf::Arena arena_;
  M& message_;
};

template <typename M>
struct ProtobufCodec {
  static constexpr std::string_view kName = kProtobuf;
  using Place = OfItsOwn<M>;
  static const std::vector<std::string>& documents(const Samples<M>& samples) {
    return samples.protobuf;
  }

  std::string out;
  std::string_view encode(const M& message) {
    message.SerializeToString(&out);
    return out;
  }
  static bool decode(std::string_view document, M& message) {
    return message.ParseFromArray(document.data(), static_cast<int>(document.size()));
  }
};

template <typename M>
struct ProtobufArenaCodec : ProtobufCodec<M> {
  static constexpr std::string_view kName = kProtobufArena;
  using Place = OnArena<M>;
};

template <typename M>
struct JsonCodec {
  static constexpr std::string_view kName = kJson;
  using Place = OfItsOwn<M>;
  static const std::vector<std::string>& documents(const Samples<M>& samples) {
    return samples.json;
  }

  JsonBuffer out;
  std::string_view encode(const M& message) {
    out.clear();
    return write_json(message, out) ? out.view() : std::string_view();
  }
  static bool decode(std::string_view document, M& message) {
    return read_json(document, message).ok();
  }
};

template <typename M>
struct JsonByProtobufCodec {
  static constexpr std::string_view kName = kJsonByProtobuf;
  using Place = OfItsOwn<M>;
  static const std::vector<std::string>& documents(const Samples<M>& samples) {
    return samples.json;
  }

  std::string out;
  std::string_view encode(const M& message) {
    return write_json_by_protobuf(message, out) ? std::string_view(out) : std::string_view();
  }
  static bool decode(std::string_view document, M& message) {
    return read_json_by_protobuf(document, message);
  }
};

template <typename M, typename Codec>
class CodecBenchmarks {
 public:
  static void add(const std::shared_ptr<const Samples<M>>& samples) {
    if constexpr (std::is_same_v<typename Codec::Place, OfItsOwn<M>>)
      add(samples, kEncode, &CodecBenchmarks::encode);
    add(samples, kDecode, &CodecBenchmarks::decode);
    add(samples, kDecodeAndValidate, &CodecBenchmarks::decode_and_validate);
    add(samples, kRoundTrip, &CodecBenchmarks::round_trip);
  }

 private:
  using Place = typename Codec::Place;

  CodecBenchmarks(benchmark::State& state, const Samples<M>& samples)
      : state_(state), samples_(samples), documents_(Codec::documents(samples)) {}

  static void add(const std::shared_ptr<const Samples<M>>& samples, std::string_view operation,
                  void (CodecBenchmarks::*run)()) {
    benchmark::RegisterBenchmark(benchmark_name(samples->model, Codec::kName, operation).c_str(),
                                 [samples, run](benchmark::State& state) {
                                   CodecBenchmarks benchmarks(state, *samples);
                                   if (benchmarks.works()) (benchmarks.*run)();
                                 });
  }

  // Also grows the buffers to their size.
  bool works() {
    for (std::size_t i = 0; i < samples_.messages.size(); ++i) {
      const M& sample = samples_.messages[i];
      if (!decodes(documents_[i], sample)) {
        state_.SkipWithError("what was decoded is not the sample");
        return false;
      }
      const std::string_view encoded = codec_.encode(sample);
      bytes_ += encoded.size();
      if (!decodes(encoded, sample)) {
        state_.SkipWithError("what was encoded is not the sample");
        return false;
      }
    }
    return true;
  }

  bool decodes(std::string_view document, const M& sample) {
    Place place(memory_);
    return Codec::decode(document, place.message()) && same(place.message(), sample);
  }

  void encode() {
    Measurement(state_, samples_.messages.size(), bytes_).run([this](std::size_t i) {
      benchmark::DoNotOptimize(codec_.encode(samples_.messages[i]));
      benchmark::ClobberMemory();
    });
  }

  void decode() {
    Measurement(state_, documents_.size(), document_bytes()).run([this](std::size_t i) {
      Place place(memory_);
      benchmark::DoNotOptimize(Codec::decode(documents_[i], place.message()));
      benchmark::ClobberMemory();
    });
  }

  void decode_and_validate() {
    Violations violations;
    Measurement(state_, documents_.size(), document_bytes())
        .run([this, &violations](std::size_t i) {
          Place place(memory_);
          benchmark::DoNotOptimize(Codec::decode(documents_[i], place.message()));
          violations.clear();
          benchmark::DoNotOptimize(validate(place.message(), violations));
          benchmark::ClobberMemory();
        });
  }

  void round_trip() {
    Measurement(state_, samples_.messages.size(), bytes_).run([this](std::size_t i) {
      Place place(memory_);
      benchmark::DoNotOptimize(Codec::decode(codec_.encode(samples_.messages[i]), place.message()));
      benchmark::ClobberMemory();
    });
  }

  [[nodiscard]] std::size_t document_bytes() const {
    std::size_t sum = 0;
    for (const std::string& document : documents_) sum += document.size();
    return sum;
  }

  benchmark::State& state_;
  const Samples<M>& samples_;
  const std::vector<std::string>& documents_;
  Codec codec_;
  typename Place::Memory memory_;
  std::size_t bytes_ = 0;  // as encoded here, all samples together
};

template <typename M>
void add_validation(const std::shared_ptr<const Samples<M>>& samples) {
  benchmark::RegisterBenchmark(
      benchmark_name(samples->model, kMessage, kValidate).c_str(),
      [samples](benchmark::State& state) {
        Violations violations;
        Measurement(state, samples->messages.size(), {}).run([&](std::size_t i) {
          violations.clear();
          benchmark::DoNotOptimize(validate(samples->messages[i], violations));
          benchmark::ClobberMemory();
        });
      });
}

}  // namespace serialization_benchmarks

// M: a message whose file went through natsproof_add_schema(). REQUIRES: at least one sample, and
// no
// `/` in the model's name.
template <typename M>
void register_serialization_benchmarks(std::string model, std::vector<M> messages) {
  namespace internal = serialization_benchmarks;
  auto samples = std::make_shared<internal::Samples<M>>();
  samples->model = std::move(model);
  samples->messages = std::move(messages);
  JsonBuffer json;
  for (std::size_t i = 0; i < samples->messages.size(); ++i) {
    const M& message = samples->messages[i];
    Violations violations;
    if (!validate(message, violations)) internal::warn_of(samples->model, i, violations);
    samples->protobuf.push_back(internal::protobuf_of(message));
    json.clear();
    if (const Encoded written = write_json(message, json); !written)
      internal::warn_of(samples->model, i, written.error());
    samples->json.emplace_back(json.view());
  }
  internal::CodecBenchmarks<M, internal::ProtobufCodec<M>>::add(samples);
  internal::CodecBenchmarks<M, internal::ProtobufArenaCodec<M>>::add(samples);
  internal::CodecBenchmarks<M, internal::JsonCodec<M>>::add(samples);
  internal::CodecBenchmarks<M, internal::JsonByProtobufCodec<M>>::add(samples);
  internal::add_validation<M>(samples);
}

}  // namespace natsproof

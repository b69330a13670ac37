#include "tests/unit/codegen/schema_text.h"

#include <stdexcept>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/printer.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/timestamp.pb.h>

#include "models/codegen/parts.h"

namespace natsproof {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

class Errors final : public google::protobuf::io::ErrorCollector,
                     public DescriptorPool::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override {
    text += "line " + std::to_string(line) + ": " + message + "\n";
  }
  void AddError(const std::string&, const std::string& element, const google::protobuf::Message*,
                ErrorLocation, const std::string& message) override {
    text += element + ": " + message + "\n";
  }
  std::string text;
};

}  // namespace

struct SchemaText::Import {
  explicit Import(int extension) {
    add(*google::protobuf::DescriptorProto::descriptor()->file());
    add(*google::protobuf::Any::descriptor()->file());
    add(*google::protobuf::Timestamp::descriptor()->file());
    add(*google::protobuf::Duration::descriptor()->file());
    add(*FieldRules::descriptor()->file(), extension);
  }

  void add(const FileDescriptor& known, int extension = 0) {
    FileDescriptorProto proto;
    known.CopyTo(&proto);
    for (auto& one : *proto.mutable_extension()) one.set_number(extension++);
    if (pool.BuildFile(proto) == nullptr) throw std::runtime_error(known.name());
  }

  void build(const std::string& name, const std::string& whole) {
    Errors errors;
    google::protobuf::io::ArrayInputStream stream(whole.data(), static_cast<int>(whole.size()));
    google::protobuf::io::Tokenizer tokens(&stream, &errors);
    google::protobuf::compiler::Parser parser;
    parser.RecordErrorsTo(&errors);
    FileDescriptorProto proto;
    proto.set_name(name);
    if (parser.Parse(&tokens, &proto)) file = pool.BuildFileCollectingErrors(proto, &errors);
    if (!file || !errors.text.empty()) throw std::runtime_error(errors.text);
  }

  DescriptorPool pool;
  const FileDescriptor* file = nullptr;  // built last
};

namespace {

constexpr const char* kStart =
    "syntax = \"proto3\"; package shop; import \"google/protobuf/any.proto\";"
    "import \"google/protobuf/descriptor.proto\"; import \"google/protobuf/duration.proto\";"
    "import \"google/protobuf/timestamp.proto\"; import \"natsproof/rules.proto\";\n";

}  // namespace

SchemaText::SchemaText(const std::string& text, int extension)
    : import_(std::make_unique<Import>(extension)) {
  import_->build("shop.proto", kStart + text);
}

SchemaText::SchemaText(const std::string& text, const std::string& other)
    : import_(std::make_unique<Import>(kRulesFieldNumber)) {
  import_->build("other.proto", other);
  import_->build("shop.proto", std::string(kStart) + "import \"other.proto\";" + text);
}

SchemaText::~SchemaText() = default;

const FileDescriptor& SchemaText::file() const {
  return *import_->file;
}

const google::protobuf::Descriptor& SchemaText::message(const std::string& name) const {
  return *import_->file->FindMessageTypeByName(name);
}

std::string SchemaText::validator(const std::string& name) const {
  std::string text;
  google::protobuf::io::StringOutputStream stream(&text);
  {
    google::protobuf::io::Printer printer(&stream, '$');
    print_validator(message(name), printer);
  }
  return text;
}

}  // namespace natsproof

#include "bench/serialization/sample_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/schema/probe.natsproof.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;
using models::v1::ValidationProbe;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class SampleFile : public testing::Test {
 protected:
  SampleFile() {
    std::string name = (fs::temp_directory_path() / "natsproof-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "probe.json";
  }
  ~SampleFile() override { fs::remove_all(folder_); }

  // Whether the document was taken as a sample; what was said is in said_.
  bool taken(const std::string& document) {
    std::ofstream(path_) << document;
    return registered();
  }
  bool registered() {
    testing::internal::CaptureStderr();
    const bool taken = register_sample<ValidationProbe>("probe", path_);
    said_ = testing::internal::GetCapturedStderr();
    return taken;
  }

  fs::path folder_, path_;
  std::string said_;
};

TEST_F(SampleFile, IsTakenWithoutAWordWhenItIsGood) {
  EXPECT_TRUE(taken(
      R"({"requiredField": "long enough", "email": "a@example.org", "number": 500, "pattern": "TEST-1234-ABC"})"));
  EXPECT_EQ(said_, "");
}

TEST_F(SampleFile, ThatIsNotTheMessageIsRefusedWithPathAndOffset) {
  const std::string document = R"({"requiredField": "long enough", "number": "many"})";
  EXPECT_FALSE(taken(document));
  EXPECT_THAT(said_, AllOf(StartsWith(path_.string() + ": "), HasSubstr("number"),
                           HasSubstr(std::to_string(document.find("\"many")))));
}

TEST_F(SampleFile, ThatIsCutIsRefused) {
  EXPECT_FALSE(taken(R"({"requiredField": "long en)"));
  EXPECT_THAT(said_, StartsWith(path_.string() + ": "));
}

TEST_F(SampleFile, ThatBreaksRulesIsTakenWithAWarning) {
  EXPECT_TRUE(taken(R"({"requiredField": "short"})"));
  EXPECT_THAT(said_,
              HasSubstr("sample 1 of probe breaks rules of its schema:\n  required_field: "));
}

TEST_F(SampleFile, ThatIsNotThereIsNamed) {
  EXPECT_FALSE(registered());
  EXPECT_EQ(said_, "cannot read the sample " + path_.string() + ": No such file or directory\n");
}

}  // namespace
}  // namespace natsproof

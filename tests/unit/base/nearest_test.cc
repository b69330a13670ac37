#include "base/nearest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

const std::vector<std::string> kWords = {"response", "service", "success", "errors"};

TEST(NearestWord, ForgivesASlip) {
  EXPECT_EQ(nearest_word("respnse", kWords), "response");
  EXPECT_EQ(nearest_word("resposne", kWords), "response");
  EXPECT_EQ(nearest_word("error", kWords), "errors");
  EXPECT_EQ(nearest_word("sucess", kWords), "success");
}

TEST(NearestWord, CountsASwapAsOneEdit) {
  const std::vector<std::string> words = {"abd", "ba"};
  EXPECT_EQ(nearest_word("ab", words), "abd");  // one edit each: the first of equals
  EXPECT_EQ(nearest_word("ab", std::vector<std::string>{"ba"}), "ba");
}

TEST(NearestWord, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("banana", kWords), "");
  EXPECT_EQ(nearest_word("", kWords), "");
  EXPECT_EQ(nearest_word("response", {}), "");
  EXPECT_EQ(nearest_word(std::string(100'000, 'x'), kWords), "");
}

TEST(DidYouMean, IsAPhraseOrNothing) {
  EXPECT_EQ(did_you_mean("servce", kWords), " (did you mean `service`?)");
  EXPECT_EQ(did_you_mean("xyz", kWords), "");
}

}  // namespace
}  // namespace natsproof

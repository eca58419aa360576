// SPDX-License-Identifier: Apache-2.0
#include "json/bounded_json.h"

#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "json/json.h"

namespace qt::json {
namespace {

TEST(Parse, GivesWhatTheLibraryGives) {
  for (const std::string text :
       {"null", "true", "-12", "18446744073709551615", "0.1", "1e300", "\"a\\u00e9\\n\"", "[]",
        "{}", "[1,[2,{\"a\":[]}],\"x\"]", "{\"z\":1,\"a\":{\"b\":[1,2,{\"c\":null}]},\"m\":false}",
        " {\"a\" : 1 , \"b\":[ ] }\n"}) {
    const Result<Json> json = Parse(text);
    ASSERT_TRUE(json.ok()) << text;
    EXPECT_EQ(json->dump(), Json::parse(text).dump());
  }
}

TEST(Parse, TheLastOfARepeatedKeyCounts) {
  std::string text = "{\"a\":1,\"b\":2,\"a\":[3]";
  EXPECT_EQ(Parse(text + "}")->dump(), Json::parse(text + "}").dump());
  for (int i = 0; i < 20; ++i) text += ",\"k" + std::to_string(i % 15) + "\":" + std::to_string(i);
  EXPECT_EQ(Parse(text + "}")->dump(), Json::parse(text + "}").dump());
}

TEST(Parse, SaysWhereItIsWrong) {
  const std::vector<std::string> wrong = {
      "",         "{",     "{\"a\"}",    "[1,]",          "nul",       "1 2",
      "\"\xff\"", "1e999", "{\"a\":1}x", "\xef\xbb\xbfx", {"{}\0", 3}, {"{}\0[", 4}};
  for (const std::string& text : wrong) {
    const Result<Json> json = Parse(text);
    ASSERT_FALSE(json.ok()) << text;
    EXPECT_TRUE(json.status().offset_bytes().has_value()) << text;
    EXPECT_TRUE(ParseObjectOrNone(text).empty());
  }
  EXPECT_TRUE(ParseObjectOrNone("[1]").is_object());
}

TEST(Parse, DepthAndValuesAreBounded) {
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(Parse(nested(64)).ok());
  EXPECT_FALSE(Parse(nested(65)).ok());
  EXPECT_FALSE(Parse(nested(1'000'000)).ok());
  EXPECT_TRUE(Parse("[1,2,3]", {.max_depth = 2, .max_values = 4}).ok());
  EXPECT_FALSE(Parse("[1,2,3,4]", {.max_depth = 2, .max_values = 4}).ok());
  EXPECT_TRUE(ParseBoundedObject("{\"a\":1}", 3).ok());
  EXPECT_FALSE(ParseBoundedObject("{\"a\":1,\"b\":2}", 3).ok());
  EXPECT_FALSE(ParseBoundedObject("[]", 3).ok());
}

double ProcessorSecondsOf(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

constexpr double kLinear_s = 10;  // under a sanitizer; 0.1 without

// 100,000 keys took the library's own parser 40 s and more.
TEST(Parse, ManyKeysCostLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"last\":1}";
  const auto parse = [&] { EXPECT_EQ(Parse(text)->size(), 100'001u); };
  EXPECT_LT(ProcessorSecondsOf(parse), kLinear_s);
  const auto bounded = [&] { EXPECT_EQ(ParseBoundedObject(text, 1'000'000)->size(), 100'001u); };
  EXPECT_LT(ProcessorSecondsOf(bounded), kLinear_s);
}

}  // namespace
}  // namespace qt::json

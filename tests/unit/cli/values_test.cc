// SPDX-License-Identifier: Apache-2.0
// Text to values and back, and the suggestions for wrong names.

#include "cli/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qt::cli {
namespace {

using ::testing::HasSubstr;

Flag FlagOf(Target target) {
  Flag flag;
  flag.name = "x";
  flag.target = std::move(target);
  return flag;
}

template <typename T>
std::string ErrorOf(T* target, const std::string& text) {
  const Status status = Assign(FlagOf(target), {text}, "--x");
  EXPECT_EQ(status.code(), status.ok() ? Code::kOk : Code::kUsage);
  return status.ok() ? "" : status.message();
}

TEST(Values, IntegersAtTheirLimits) {
  int small = 0;
  EXPECT_EQ(ErrorOf(&small, "2147483647"), "");
  EXPECT_EQ(small, 2147483647);
  EXPECT_EQ(ErrorOf(&small, "-2147483648"), "");
  EXPECT_THAT(ErrorOf(&small, "2147483648"), HasSubstr("out of range"));
  uint64_t large = 0;
  EXPECT_EQ(ErrorOf(&large, "18446744073709551615"), "");
  EXPECT_EQ(large, UINT64_MAX);
  EXPECT_THAT(ErrorOf(&large, "18446744073709551616"), HasSubstr("out of range"));
  int64_t wide = 0;
  EXPECT_EQ(ErrorOf(&wide, "-9223372036854775808"), "");
  EXPECT_EQ(wide, INT64_MIN);
}

TEST(Values, IntegersWithAnExponentMustBeWhole) {
  int value = 0;
  EXPECT_EQ(ErrorOf(&value, "2e5"), "");
  EXPECT_EQ(value, 200000);
  EXPECT_EQ(ErrorOf(&value, "1.5e1"), "");
  EXPECT_EQ(value, 15);
  EXPECT_THAT(ErrorOf(&value, "1.5"), HasSubstr("whole number"));
  EXPECT_THAT(ErrorOf(&value, "1e300"), HasSubstr("whole number"));
  EXPECT_EQ(value, 15) << "an error stores nothing";
}

TEST(Values, WhatIsNotANumber) {
  int value = 7;
  double real = 7;
  for (const char* text : {"", " 1", "1 ", "0x10", "abc", "-", "+", "1,5"}) {
    EXPECT_NE(ErrorOf(&value, text), "") << text;
    EXPECT_NE(ErrorOf(&real, text), "") << text;
  }
  EXPECT_NE(ErrorOf(&real, "inf"), "");
  EXPECT_NE(ErrorOf(&real, "nan"), "");
  EXPECT_EQ(value, 7);
  EXPECT_EQ(real, 7);
}

TEST(Values, RangeIsInclusiveAndNamed) {
  double value = 0;
  Flag flag = FlagOf(&value);
  flag.min = 0.25;
  flag.max = 0.5;
  EXPECT_TRUE(Assign(flag, {"0.25"}, "--x").ok());
  EXPECT_TRUE(Assign(flag, {"0.5"}, "--x").ok());
  EXPECT_EQ(Assign(flag, {"0.51"}, "--x").message(), "--x: 0.51 is out of range (0.25 to 0.5)");
}

TEST(Values, BoolsTakeWords) {
  bool value = false;
  for (const char* yes : {"true", "1", "on", "yes"}) {
    value = false;
    EXPECT_EQ(ErrorOf(&value, yes), "");
    EXPECT_TRUE(value);
  }
  for (const char* no : {"false", "0", "off", "no"}) {
    value = true;
    EXPECT_EQ(ErrorOf(&value, no), "");
    EXPECT_FALSE(value);
  }
  EXPECT_NE(ErrorOf(&value, "maybe"), "");
}

TEST(Values, ListsTakeAllScalarsTheLast) {
  std::vector<std::string> list = {"default"};
  EXPECT_TRUE(Assign(FlagOf(&list), {"a", "b"}, "--x").ok());
  EXPECT_THAT(list, ::testing::ElementsAre("a", "b"));
  int value = 0;
  EXPECT_TRUE(Assign(FlagOf(&value), {"1", "2"}, "--x").ok());
  EXPECT_EQ(value, 2);
}

TEST(Values, ShownAsTheyAreTyped) {
  double real = 1e7;
  uint64_t large = UINT64_MAX;
  std::vector<std::string> list = {"a", "b"};
  EXPECT_EQ(ValueText(FlagOf(&real)), "10000000");
  real = 0.1;
  EXPECT_EQ(ValueText(FlagOf(&real)), "0.1");
  real = 0.0005;
  EXPECT_EQ(ValueText(FlagOf(&real)), "0.0005");
  real = 0;
  EXPECT_EQ(ValueText(FlagOf(&real)), "0");
  real = 1e-9;
  EXPECT_EQ(ValueText(FlagOf(&real)), "1e-09");
  EXPECT_EQ(ValueText(FlagOf(&large)), "18446744073709551615");
  EXPECT_EQ(ValueText(FlagOf(&list)), "a b");
}

TEST(ShellQuote, ReadsBackTheSame) {
  EXPECT_EQ(ShellQuote("a/b-c_1.mcap"), "a/b-c_1.mcap");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("a b"), "'a b'");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuote("~"), "'~'");
}

}  // namespace
}  // namespace qt::cli

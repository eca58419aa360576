// SPDX-License-Identifier: Apache-2.0
// A struct with a visitor: values as text and back, names and aliases, differences.
#include "base/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class Colour : uint8_t { kRed, kGreen };
constexpr auto NamesOf(Colour) { return std::array{"red", "green"}; }

struct Pair {
  int first = 1, second = 2;
  static Result<Pair> Parse(std::string_view text) {
    if (text.size() != 3 || text[1] != '/') {
      return Usage("wants A/B, not '" + std::string(text) + "'");
    }
    return Pair{text[0] - '0', text[2] - '0'};
  }
  std::string ToString() const { return std::to_string(first) + "/" + std::to_string(second); }
};

struct Inner {
  int depth = 3;
};
template <class V>
void Visit(V&& visit, Inner& c) {
  visit("depth", c.depth, {"N", "how deep", 1, 9});
}

struct Config {
  bool loud = false;
  int count = 4;
  int64_t wide = 0;
  uint64_t large = 0;
  double share = 0.5;
  std::optional<double> floor{};
  std::string name = "x";
  std::vector<std::string> tags;
  Colour colour = Colour::kRed;
  Pair pair;
  std::optional<Pair> other;
  std::optional<Colour> shade;
  Inner inner;
};
template <class V>
void Visit(V&& visit, Config& c) {
  visit("loud", c.loud, {"", "say it"});
  visit("count", c.count, {.metavar = "N", .help = "how many", .alias = "old_count"});
  visit("wide", c.wide, {});
  visit("large", c.large, {});
  visit("share", c.share, {"P", "how much", 0.25, 0.75});
  visit("floor", c.floor, {"R", "no less", -1, 0});
  visit("name", c.name, {});
  visit("tags", c.tags, {});
  visit("colour", c.colour, {});
  visit("pair", c.pair, {});
  visit("other", c.other, {});
  visit("shade", c.shade, {});
  visit("inner", c.inner, {});
}

std::string ErrorOf(std::string_view name, std::string_view text) {
  Config config;
  const Status status = Set(config, name, text);
  EXPECT_EQ(status.code(), status.ok() ? Code::kOk : Code::kUsage);
  EXPECT_THAT(Differences({}, config), IsEmpty()) << name << text;
  return status.message();
}

std::string TextAfter(std::string_view name, std::string_view text) {
  Config config;
  EXPECT_TRUE(Set(config, name, text).ok()) << name << " " << text;
  return TextOf(FindField(FieldsOf(config), name)->target);
}

TEST(Setting, EveryTypeIsReadAndShown) {
  EXPECT_EQ(TextAfter("loud", "yes"), "true");
  EXPECT_EQ(TextAfter("count", "2e3"), "2000");
  EXPECT_EQ(TextAfter("wide", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(TextAfter("large", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(TextAfter("share", "0.30"), "0.3");
  EXPECT_EQ(TextAfter("floor", "-0.05"), "-0.05");
  EXPECT_EQ(TextAfter("floor", ""), "");
  EXPECT_EQ(TextAfter("name", "a b"), "a b");
  EXPECT_EQ(TextAfter("tags", "a b"), "a b");
  EXPECT_EQ(TextAfter("colour", "green"), "green");
  EXPECT_EQ(TextAfter("pair", "7/8"), "7/8");
  EXPECT_EQ(TextAfter("other", "7/8"), "7/8");
  EXPECT_EQ(TextAfter("other", ""), "");
  EXPECT_EQ(TextAfter("shade", "green"), "green");
  EXPECT_EQ(TextAfter("depth", "9"), "9");
}

TEST(Setting, WhatIsWrongNamesTheSettingAndStoresNothing) {
  EXPECT_EQ(ErrorOf("loud", "maybe"), "loud is true or false, not 'maybe'");
  EXPECT_EQ(ErrorOf("count", "1.5"), "count needs a whole number, not '1.5'");
  EXPECT_EQ(ErrorOf("count", "2147483648"), "count: 2147483648 is out of range");
  EXPECT_EQ(ErrorOf("large", "-1"), "large needs a whole number that is not negative, not '-1'");
  EXPECT_EQ(ErrorOf("share", "0.76"), "share: 0.76 is out of range (0.25 to 0.75)");
  EXPECT_EQ(ErrorOf("floor", "0.1"), "floor: 0.1 is out of range (-1 to 0)");
  EXPECT_EQ(ErrorOf("floor", "nan"), "floor needs a number, not 'nan'");
  EXPECT_EQ(ErrorOf("colour", "gren"),
            "colour is one of red, green, not 'gren', did you mean 'green'?");
  EXPECT_EQ(ErrorOf("pair", "7"), "pair wants A/B, not '7'");
  EXPECT_EQ(ErrorOf("other", "7"), "other wants A/B, not '7'");
  EXPECT_THAT(ErrorOf("shade", "blue"), HasSubstr("shade is one of red, green"));
  EXPECT_EQ(ErrorOf("depth", "10"), "depth: 10 is out of range (1 to 9)");
  EXPECT_EQ(ErrorOf("cuont", "1"), "there is no setting 'cuont', did you mean 'count'?");
  EXPECT_THAT(ErrorOf("inner", "1"), HasSubstr("no setting 'inner'"));
}

TEST(Setting, AnOldNameAndDashesAreRead) {
  EXPECT_EQ(TextAfter("old_count", "5"), "5");
  EXPECT_EQ(TextAfter("old-count", "5"), "5");
}

TEST(Setting, ChoicesComeFromTheEnum) {
  Config config;
  const std::vector<Field> fields = FieldsOf(config);
  EXPECT_THAT(ChoicesOf(FindField(fields, "colour")->target), ElementsAre("red", "green"));
  EXPECT_THAT(ChoicesOf(FindField(fields, "shade")->target), ElementsAre("red", "green"));
  EXPECT_THAT(ChoicesOf(FindField(fields, "name")->target), IsEmpty());
}

TEST(Setting, EnumsHaveNames) {
  static_assert(EnumName(Colour::kGreen) == "green");
  static_assert(EnumFrom<Colour>("green") == Colour::kGreen);
  static_assert(!EnumFrom<Colour>("").has_value());
}

TEST(Setting, DifferencesAreInTheOrderOfTheVisit) {
  Config config;
  EXPECT_THAT(Differences({}, config), IsEmpty());
  config.inner.depth = 4;
  config.tags = {"a b", "c"};
  config.loud = true;
  config.other = Pair{};
  const std::vector<Difference> differences = Differences({}, config);
  ASSERT_EQ(differences.size(), 4u);
  EXPECT_EQ(differences[0].name, "loud");
  EXPECT_TRUE(differences[0].is_bool);
  EXPECT_EQ(differences[1].name, "tags");
  EXPECT_THAT(differences[1].texts, ElementsAre("a b", "c"));
  EXPECT_EQ(differences[2].name, "other");
  EXPECT_EQ(differences[3].name, "depth");
  EXPECT_THAT(differences[3].texts, ElementsAre("4"));
  Config joined = config;
  joined.tags = {"a", "b c"};
  EXPECT_EQ(Differences(config, joined).size(), 1u);
}

}  // namespace
}  // namespace qt

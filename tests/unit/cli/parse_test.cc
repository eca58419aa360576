// SPDX-License-Identifier: Apache-2.0
// Words of the command line and keys of a configuration file into the targets of a table.

#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"

namespace qt::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

class Parse : public ::testing::Test {
 protected:
  Parse() : table_("tool", "summary") {
    table_.AddPositional("INPUT", &inputs_, "inputs");
    table_.Add('n', "num-envs", &num_envs_, "N", "environments");
    table_.Add("scale", &scale_, "X", "scale");
    table_.Add('o', "output", &output_, "FILE", "output");
    table_.Add("tag", &tags_, "TAG", "tags");
    table_.Add('u', "upper", &upper_, "", "upper");
    table_.Add('j', "json", &json_, "", "json").negatable = false;
    Flag& help = table_.Add('h', "help", &help_, "", "help");
    help.negatable = false;
    help.builtin = true;
  }

  Status Run(const Words& words, const std::string& config = "") {
    QT_ASSIGN(const Arguments arguments, Split(table_, words));
    return Store(table_, arguments, config.empty() ? "" : "c.json", config);
  }
  std::string ErrorOf(const Words& words, const std::string& config = "") {
    const Status status = Run(words, config);
    EXPECT_EQ(status.code(), Code::kUsage);
    return status.ToString();
  }

  std::vector<std::string> inputs_, tags_;
  int num_envs_ = 4;
  double scale_ = 1;
  std::string output_ = "-";
  bool upper_ = false, json_ = false, help_ = false;
  FlagTable table_;
};

TEST_F(Parse, NothingLeavesTheDefaults) {
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(num_envs_, 4);
  EXPECT_EQ(output_, "-");
  EXPECT_THAT(inputs_, IsEmpty());
}

TEST_F(Parse, AllSpellings) {
  for (const Words& words : std::vector<Words>{{"--num-envs", "9"},
                                               {"--num_envs=9"},
                                               {"--num_envs", "9"},
                                               {"-n9"},
                                               {"-n", "9"},
                                               {"--num-envs=1", "-n", "9"},
                                               {"-un", "9"}}) {
    num_envs_ = 0;
    ASSERT_TRUE(Run(words).ok()) << words[0];
    EXPECT_EQ(num_envs_, 9) << words[0];
  }
}

TEST_F(Parse, NegativeNumbersAndDashesAreValues) {
  ASSERT_TRUE(Run({"--scale", "-2.5", "-n", "-3", "-o", "-", "-"}).ok());
  EXPECT_EQ(scale_, -2.5);
  EXPECT_EQ(num_envs_, -3);
  EXPECT_EQ(output_, "-");
  EXPECT_THAT(inputs_, ElementsAre("-"));
}

TEST_F(Parse, SwitchesHaveTwoForms) {
  ASSERT_TRUE(Run({"--upper"}).ok());
  EXPECT_TRUE(upper_);
  ASSERT_TRUE(Run({"--upper", "--no_upper"}).ok());
  EXPECT_FALSE(upper_);
  ASSERT_TRUE(Run({"--upper=true"}).ok());
  EXPECT_TRUE(upper_);
  ASSERT_TRUE(Run({"-uj"}).ok());
  EXPECT_TRUE(json_);
}

TEST_F(Parse, ArgumentsKeepTheirOrderBetweenFlags) {
  ASSERT_TRUE(Run({"a", "-n", "2", "b", "--upper", "c", "--", "--json", "-x"}).ok());
  EXPECT_THAT(inputs_, ElementsAre("a", "b", "c", "--json", "-x"));
  EXPECT_FALSE(json_);
}

TEST_F(Parse, BracketsAreNoLists) {
  ASSERT_TRUE(Run({"[a,b]", "--tag", "[c,d]", "--tag=e,f", "-o", "[x]"}).ok());
  EXPECT_THAT(inputs_, ElementsAre("[a,b]"));
  EXPECT_THAT(tags_, ElementsAre("[c,d]", "e,f"));
  EXPECT_EQ(output_, "[x]");
}

TEST_F(Parse, WrongFlagsSuggest) {
  EXPECT_EQ(ErrorOf({"--num-env", "3"}), "unknown flag '--num-env', did you mean '--num-envs'?");
  EXPECT_EQ(ErrorOf({"--no-uper"}), "unknown flag '--no-uper', did you mean '--no-upper'?");
  EXPECT_EQ(ErrorOf({"--no-json"}), "unknown flag '--no-json', did you mean '--json'?");
  EXPECT_EQ(ErrorOf({"-x"}), "unknown flag '-x'");
  EXPECT_EQ(ErrorOf({"a", "--nonsense=3", "b"}), "unknown flag '--nonsense'");
}

TEST_F(Parse, ForgottenValues) {
  EXPECT_EQ(ErrorOf({"--output"}), "--output needs a value");
  EXPECT_EQ(ErrorOf({"--output="}), "--output needs a value");
  EXPECT_EQ(ErrorOf({"--output", "--json"}), "--output needs a value");
  EXPECT_THAT(ErrorOf({"-o"}), HasSubstr("needs a value"));
}

TEST_F(Parse, ArgumentsWhereNoneAreTaken) {
  FlagTable table("tool", "summary");
  const Result<Arguments> arguments = Split(table, {"stray"});
  ASSERT_FALSE(arguments.ok());
  EXPECT_EQ(arguments.status().message(), "unexpected argument 'stray'");
}

TEST_F(Parse, ExactlyOneArgument) {
  FlagTable table("tool", "summary");
  Flag& model = table.AddPositional("MODEL", &inputs_, "a checkpoint");
  model.min = model.max = 1;
  const auto store = [&](const Words& words) { return Store(table, *Split(table, words), "", ""); };
  EXPECT_TRUE(store({"m"}).ok());
  EXPECT_EQ(store({}).message(), "exactly one MODEL is needed: a checkpoint");
  EXPECT_EQ(store({"a", "b"}).code(), Code::kUsage);
}

TEST_F(Parse, ConfigIsOverruledByFlags) {
  const std::string config = R"({"num_envs": 7, "scale": 0.5, "tag": ["a", 1], "upper": true})";
  ASSERT_TRUE(Run({"-n", "8", "--no-upper"}, config).ok());
  EXPECT_EQ(num_envs_, 8);
  EXPECT_EQ(scale_, 0.5);
  EXPECT_FALSE(upper_);
  EXPECT_THAT(tags_, ElementsAre("a", "1"));
}

TEST_F(Parse, ConfigErrorsNameFileAndKey) {
  EXPECT_EQ(ErrorOf({}, R"({"num_evs": 7})"),
            "c.json: unknown key 'num_evs', did you mean 'num-envs'?");
  EXPECT_EQ(ErrorOf({}, R"({"num-envs": "x"})"),
            "c.json: key 'num-envs' needs a whole number, not 'x'");
  EXPECT_THAT(ErrorOf({}, R"({"help": true})"), HasSubstr("unknown key 'help'"));
  EXPECT_THAT(ErrorOf({}, R"({"num-envs": null})"), HasSubstr("key 'num-envs'"));
  EXPECT_EQ(ErrorOf({}, "[]"), "c.json: is not a JSON object");
  EXPECT_EQ(ErrorOf({}, "{"), "c.json: is not valid JSON (at byte 1)");
}

TEST_F(Parse, AnOldNameIsReadAndNotShown) {
  table_.Add("labels", &scale_, "X", "labels").aliases = {"marks"};
  table_.Add("quick", &upper_, "", "quick").aliases = {"fast"};
  ASSERT_TRUE(Run({"--marks", "3", "--fast"}).ok());
  EXPECT_EQ(scale_, 3);
  EXPECT_TRUE(upper_);
  ASSERT_TRUE(Run({"--no-fast"}, R"({"marks": 4})").ok());
  EXPECT_EQ(scale_, 4);
  EXPECT_FALSE(upper_);
  EXPECT_EQ(ErrorOf({"--mark", "3"}), "unknown flag '--mark'");
}

TEST_F(Parse, ATableRefusesTwoOfAName) {
  EXPECT_THROW(table_.Add("json", &json_, "", "again"), ContractError);
  EXPECT_THROW(table_.Add('n', "other", &json_, "", "again"), ContractError);
  EXPECT_THROW(table_.AddPositional("MORE", &inputs_, "again"), ContractError);
}

TEST_F(Parse, WhateverElseIsGivenWinsOverAPreset) {
  std::string size = "small";
  Flag& preset = table_.Add("size", &size, "NAME", "preset");
  preset.choices = {"small", "large"};
  preset.preset = [&] {
    if (size == "large") num_envs_ = 100, scale_ = 10;
  };
  EXPECT_TRUE(Run({"--num-envs", "7", "--size", "large"}).ok());
  EXPECT_EQ(num_envs_, 7);
  EXPECT_EQ(scale_, 10);
  EXPECT_TRUE(Run({"--scale", "2"}, R"({"size": "large"})").ok());
  EXPECT_EQ(num_envs_, 100);
  EXPECT_EQ(scale_, 2);
  EXPECT_TRUE(Run({"--size", "large"}, R"({"num_envs": 5, "size": "small"})").ok());
  EXPECT_EQ(num_envs_, 5);
  EXPECT_EQ(scale_, 10);
  EXPECT_THAT(ErrorOf({}, R"({"size": "huge"})"), HasSubstr("size"));
}

}  // namespace
}  // namespace qt::cli

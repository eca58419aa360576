// SPDX-License-Identifier: Apache-2.0
#include "data/condition.h"

#include <gmock/gmock.h>

#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::HasSubstr;

bool Holds(const std::string& text, const Episode& episode, const Label* label = nullptr) {
  const Result<Condition> condition = Condition::Parse(text);
  EXPECT_TRUE(condition.ok()) << condition.status().ToString();
  return condition.ok() && condition->Holds(episode, label);
}

std::string ErrorOf(const std::string& text) {
  const Result<Condition> condition = Condition::Parse(text);
  EXPECT_EQ(condition.status().code(), Code::kUsage) << text;
  return condition.status().message();
}

TEST(ConditionTest, ComparesNumbers) {
  const Episode episode = MakeEpisode("a", 6);
  EXPECT_TRUE(Holds("", episode));
  EXPECT_TRUE(Holds("steps=6", episode));
  EXPECT_TRUE(Holds("steps == 6", episode));
  EXPECT_FALSE(Holds("steps!=6", episode));
  EXPECT_TRUE(Holds("steps>5", episode));
  EXPECT_FALSE(Holds("steps>6", episode));
  EXPECT_TRUE(Holds("steps>=6 && steps<=6", episode));
  EXPECT_FALSE(Holds("steps<6", episode));
  EXPECT_TRUE(Holds("q_first<0.11, q_last>0.59, q_value>0.34", episode));
  EXPECT_TRUE(Holds("image_width=4", episode));
}

TEST(ConditionTest, CountsWhatAPersonDid) {
  Episode episode = MakeEpisode("a", 6);
  EXPECT_TRUE(Holds("interventions=0", episode));
  episode.steps[2].source = episode.steps[3].source = ActionSource::kHuman;
  EXPECT_TRUE(Holds("interventions=2", episode));
}

TEST(ConditionTest, EverySideOfAJunctionMustHold) {
  const Episode episode = MakeEpisode("a", 6);
  EXPECT_TRUE(Holds("steps>5&&index=0", episode));
  EXPECT_FALSE(Holds("steps>5&&index=1", episode));
  EXPECT_FALSE(Holds("steps<5,index=0", episode));
}

TEST(ConditionTest, ComparesTextWithPatterns) {
  const Episode episode = MakeEpisode("a b", 2);
  EXPECT_TRUE(Holds("policy=scripted", episode));
  EXPECT_TRUE(Holds("policy=scr*", episode));
  EXPECT_FALSE(Holds("policy=scr", episode));
  EXPECT_TRUE(Holds("policy!=model*", episode));
  EXPECT_TRUE(Holds("id='a b' && end_reason=\"terminated\"", episode));
}

TEST(ConditionTest, ASeedIsComparedInAll64Bits) {
  const Episode episode = MakeEpisode("a", 2);
  EXPECT_TRUE(Holds("seed=18446744073709551615", episode));
  EXPECT_FALSE(Holds("seed=18446744073709551614", episode));
}

TEST(ConditionTest, LooksIntoTheSettingsOfTheEnvironment) {
  Episode episode = MakeEpisode("a", 2);
  EXPECT_TRUE(Holds("env.camera=wrist && env.task.max_steps>=20 && env.drop_test=true", episode));
  EXPECT_FALSE(Holds("env.camera=shoulder", episode));
  EXPECT_FALSE(Holds("env.nothing=1", episode));
  EXPECT_FALSE(Holds("env.nothing!=1", episode));
  episode.env_config = "no JSON";
  EXPECT_FALSE(Holds("env.camera=wrist", episode));
}

TEST(ConditionTest, TheLabelIsTheOneThatCounts) {
  const Episode episode = MakeEpisode("a", 2);
  const Label label = MakeLabel("human:eva", true, 2);
  EXPECT_TRUE(Holds("success=1 && source=human:* && return>0.94 && return<0.96", episode, &label));
  EXPECT_TRUE(Holds("labelled=yes", episode, &label));
  EXPECT_TRUE(Holds("labelled=no", episode));
}

TEST(ConditionTest, WhatIsNotKnownMeetsNothing) {
  Episode episode = MakeEpisode("a", 1);
  episode.steps[0].q_value = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(Holds("return>0", episode));
  EXPECT_FALSE(Holds("return<=0", episode));
  EXPECT_FALSE(Holds("success!=1", episode));
  EXPECT_FALSE(Holds("q_value!=5", episode));
}

TEST(ConditionTest, ErrorsNameTheColumn) {
  EXPECT_THAT(ErrorOf("steps>3 && stepz>3"), HasSubstr("unknown field 'stepz'; there are steps,"));
  EXPECT_THAT(ErrorOf("steps>3 && stepz>3"), HasSubstr("at column 12 of"));
  EXPECT_THAT(ErrorOf("steps"), HasSubstr("a comparison is missing: = != < <= > >= (at column 6"));
  EXPECT_THAT(ErrorOf("steps>"), HasSubstr("a value is missing (at column 7"));
  EXPECT_THAT(ErrorOf("steps>many"),
              HasSubstr("'many' is no number, and steps is one (at column 7"));
  EXPECT_THAT(ErrorOf("steps>nan"), HasSubstr("'nan' is no number"));
  EXPECT_THAT(ErrorOf("policy>3"), HasSubstr("'policy' is text: it can only be compared with ="));
  EXPECT_THAT(ErrorOf("steps>3 || steps<2"), HasSubstr("joined by && or a comma, not by '||'"));
  EXPECT_THAT(ErrorOf("steps>3,"), HasSubstr("the name of a field is missing (at column 9"));
  EXPECT_THAT(ErrorOf("id='a"), HasSubstr("a quote is not closed (at column 4"));
  EXPECT_THAT(ErrorOf("seed=1.5"), HasSubstr("a whole number is needed (at column 6"));
}

}  // namespace
}  // namespace qt::data

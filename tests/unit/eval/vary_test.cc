// SPDX-License-Identifier: Apache-2.0
// Settings out of texts, without any flag table.
#include "eval/vary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qt::eval {
namespace {

using testing::ElementsAre;

std::vector<std::string> Texts(const std::vector<std::string>& vary) {
  std::vector<std::string> texts;
  const std::vector<FlagValues> settings = CombinationsOf(vary).value();
  for (const FlagValues& setting : settings) texts.push_back(ToString(setting));
  return texts;
}

TEST(Vary, EveryCombinationTheLastFastest) {
  EXPECT_THAT(Texts({}), ElementsAre(""));
  EXPECT_THAT(Texts({"disturb=none|knock|move"}),
              ElementsAre("--disturb none", "--disturb knock", "--disturb move"));
  EXPECT_THAT(Texts({"cem=64/6/2|64/6/4", "looks=plain|strong"}),
              ElementsAre("--cem 64/6/2 --looks plain", "--cem 64/6/2 --looks strong",
                          "--cem 64/6/4 --looks plain", "--cem 64/6/4 --looks strong"));
}

TEST(Vary, AsAFlagIsWritten) {
  for (const char* text : {"--camera-jitter 0|1", "--camera-jitter=0|1", "camera-jitter 0|1"}) {
    EXPECT_THAT(Texts({text}), ElementsAre("--camera-jitter 0", "--camera-jitter 1")) << text;
  }
}

TEST(Vary, WhatIsNoComparisonIsRefused) {
  for (const char* text : {"", "--disturb", "--disturb none", "--disturb none|", "--disturb |none",
                           "--disturb none|none", "none|knock", "-- none|knock"}) {
    EXPECT_EQ(CombinationsOf({text}).status().code(), Code::kUsage) << text;
  }
  EXPECT_FALSE(CombinationsOf({"--looks plain|mild", "looks mild|strong"}).ok()) << "twice";
  const std::string many = "1|2|3|4|5|6|7|8|9|10|11";
  EXPECT_FALSE(CombinationsOf({"--a " + many, "--b " + many}).ok()) << "121 settings";
}

}  // namespace
}  // namespace qt::eval

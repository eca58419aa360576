// SPDX-License-Identifier: Apache-2.0
// Rules and requirements out of texts, and which of them go together.
#include "eval/stopping.h"

#include <gtest/gtest.h>

namespace qt::eval {
namespace {

TEST(StoppingRule, Parse) {
  for (const char* good : {"0.02", "±0.02", "+-0.02"})
    EXPECT_EQ(HalfWidth::Parse(good)->value, 0.02) << good;
  for (const char* bad : {"", "2", "±", "0.02x", "nan", "-0.02", "0"}) {
    EXPECT_EQ(HalfWidth::Parse(bad).status().code(), Code::kUsage) << bad;
  }
  EXPECT_EQ(SprtRates::Parse("0.8/0.9")->p1, 0.9);
  for (const char* bad : {"0.8", "0.9/0.8", "0/0.5", "0.5/1", "0.8/0.9/1", "/", "a/b"}) {
    EXPECT_EQ(SprtRates::Parse(bad).status().code(), Code::kUsage) << bad;
  }
}

TEST(Requirement, Parse) {
  EXPECT_EQ(Requirement::Parse("0.9")->rate, 0.9);
  EXPECT_TRUE(Requirement::Parse("better")->better);
  for (const char* bad : {"", "best", "1.1", "-0.1", "0.9x", "nan"}) {
    EXPECT_EQ(Requirement::Parse(bad).status().code(), Code::kUsage) << bad;
  }
}

TEST(Question, TextsAreReadBack) {
  EXPECT_EQ(HalfWidth::Parse("±0.02")->ToString(), "0.02");
  EXPECT_EQ(SprtRates::Parse("0.80/.9")->ToString(), "0.8/0.9");
  for (const char* text : {"better", "0.9"}) EXPECT_EQ(Requirement::Parse(text)->ToString(), text);
}

TEST(Question, WhatIsRequiredMustBeShownByTheTest) {
  const auto check = [](const Requirement& require, const SprtRates& sprt) {
    Question question;
    question.require = require;
    question.sprt = sprt;
    return CheckQuestion(question).code();
  };
  EXPECT_EQ(check({true, 0}, {0.4, 0.6}), Code::kUsage);
  EXPECT_EQ(check({true, 0}, {0.5, 0.6}), Code::kOk);
  EXPECT_EQ(check({false, 0.9}, {0.8, 0.9}), Code::kUsage);
  EXPECT_EQ(check({false, 0.8}, {0.8, 0.9}), Code::kOk);
}

}  // namespace
}  // namespace qt::eval

// SPDX-License-Identifier: Apache-2.0
// What is made of outcomes: numbers, JSON, text, and whether a requirement is met.
#include "eval/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.h"
#include "unit/eval/made_report.h"

namespace qt::eval {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Report, JsonHoldsTheDocumentedKeys) {
  const Json json = ToJson(MadeReport("ssssssssff", "sfffffffff"));
  EXPECT_EQ(json["protocol"], "grasp");
  EXPECT_EQ(json["policy"], "new.safetensors");
  EXPECT_EQ(json["objects"], "test");
  EXPECT_EQ(json["seed"], 5);
  EXPECT_EQ(json["episodes"], 10);
  EXPECT_EQ(json["success"]["count"], 8);
  EXPECT_DOUBLE_EQ(json["success"]["rate"].get<double>(), 0.8);
  EXPECT_NEAR(json["success"]["interval"][0].get<double>(), 0.49016, 1e-5);
  EXPECT_NEAR(json["success"]["interval"][1].get<double>(), 0.94332, 1e-5);
  EXPECT_EQ(json["steps"]["mean"], 4.0);
  EXPECT_EQ(json["end_reasons"]["rule"], 10);
  EXPECT_EQ(json["against"]["policy"], "scripted");
  EXPECT_EQ(json["paired"]["only_first"], 7);
  EXPECT_EQ(json["paired"]["both"], 1);
  EXPECT_NEAR(json["paired"]["p_value"].get<double>(), 2.0 / 128, 1e-12);
}

TEST(Report, ARowOfATableIsNamedByItsSetting) {
  Report report = MadeReport("ssss", "sfff");
  report.rows_are = RowsAre::kPolicies;
  report.rows[0].setting = "--disturb none";
  report.rows[1].setting = "--disturb knock";
  const std::string text = ToText(report);
  EXPECT_THAT(text, HasSubstr("new.safetensors --disturb none "));
  EXPECT_THAT(text, HasSubstr("scripted --disturb knock "));
  const Json json = ToJson(report);
  EXPECT_EQ(json["setting"], "--disturb none");
  EXPECT_EQ(json["rows"][0]["setting"], "--disturb knock");
  EXPECT_EQ(ToJson(report.rows[1], report.rows[1].result.outcomes[0])["setting"],
            "--disturb knock");
  report.config.question.require = Requirement{false, 0.1};
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("success of scripted --disturb knock"));
}

TEST(Report, TimesStandApart) {
  Report a = MadeReport("sf"), b = a;
  b.rows[0].result.seconds = 99;
  b.config.collect.num_envs = 7;
  Json json_a = ToJson(a), json_b = ToJson(b);
  EXPECT_NE(json_a, json_b);
  json_a.erase("timing");
  json_b.erase("timing");
  EXPECT_EQ(json_a, json_b);
}

TEST(Report, NothingDoneHasNoRate) {
  const Json json = ToJson(MadeReport(""));
  EXPECT_TRUE(json["success"]["rate"].is_null());
  EXPECT_EQ(json["success"]["interval"], Json::array({0.0, 1.0}));
  Report report = MadeReport("");
  report.rows.push_back(MadeRow("scripted", ""));
  const std::string text = ToText(report);
  EXPECT_THAT(text, Not(HasSubstr("0.0 %")));
  EXPECT_THAT(text, Not(HasSubstr("McNemar")));
}

TEST(Report, TableHasARowEachAndTheComparison) {
  EXPECT_EQ(ToText(MadeReport("ssssssssff", "sfffffffff")),
            "policy           objects  episodes  success     95 % interval  steps  ended by\n"
            "new.safetensors  test           10   80.0 %  49.0 % to 94.3 %   4.00  rule 10\n"
            "scripted         test           10   10.0 %   1.8 % to 40.4 %   4.00  rule 10\n"
            "paired over 10 scenes: both 1, only the first 7, only the second 0, neither 2; exact "
            "McNemar p = 0.0156\n");
}

TEST(Requirement, ARateIsMetByTheLowerEnd) {
  Report report = MadeReport("ssssssssff");  // interval from 0.49016
  report.config.question.require = Requirement{false, 0.49};
  EXPECT_TRUE(CheckRequirement(report).ok());
  EXPECT_EQ(ToJson(report)["require"]["met"], true);
  report.config.question.require = Requirement{false, 0.491};
  EXPECT_EQ(CheckRequirement(report).code(), Code::kPartial);
  EXPECT_EQ(ToJson(report)["require"]["met"], false);
}

TEST(Report, TheErrorsOfLabelsAreCarriedIntoWhatIsClaimed) {
  Report report = MadeReport(std::string(90, 's') + std::string(10, 'f'));
  report.config.cell.robot.command = "driver";
  for (Outcome& outcome : report.rows[0].result.outcomes) outcome.judged_by = JudgedBy::kLabel;
  EXPECT_EQ(IntervalOf(report, report.rows[0]).low, stats::Wilson(90, 100).low);
  report.label_errors = stats::JudgeErrors{5, 50, 0, 50};
  const stats::TrueRate corrected = *TrueSuccessOf(report, report.rows[0]);
  EXPECT_NEAR(corrected.rate, 0.8 / 0.9, 1e-12);
  EXPECT_LT(corrected.interval.low, stats::Wilson(90, 100).low);
  report.config.question.require = Requirement{false, stats::Wilson(90, 100).low};
  EXPECT_EQ(CheckRequirement(report).code(), Code::kPartial);
  const Json json = ToJson(report);
  EXPECT_NEAR(json["true_success"]["rate"].get<double>(), 0.8 / 0.9, 1e-12);
  EXPECT_EQ(json["judged_by"]["label"], 100);
  EXPECT_EQ(json["label_errors"]["false_successes"], 5);
  EXPECT_FALSE(json.contains("disturb"));
  EXPECT_THAT(ToText(report), testing::HasSubstr("true success"));
  // Where the driver knows, the errors of labels count for nothing.
  report.rows[0].result.outcomes[3].judged_by = JudgedBy::kTruth;
  EXPECT_FALSE(TrueSuccessOf(report, report.rows[0]));
}

TEST(Requirement, BetterNeedsEvidenceInTheRightDirection) {
  const auto check = [](const std::string& first, const std::string& second) {
    Report report = MadeReport(first, second);
    report.config.question.require = Requirement{true, 0};
    return CheckRequirement(report).code();
  };
  EXPECT_EQ(check("ssssssss", "ffffffff"), Code::kOk);
  EXPECT_EQ(check("ffffffff", "ssssssss"), Code::kPartial);
  EXPECT_EQ(check("sssf", "fffs"), Code::kPartial) << "too few to tell";
}

TEST(Report, RowsArePairedWithTheFirst) {
  Report report = MadeReport("ssssssssff");
  report.rows_are = RowsAre::kDisturbances;
  report.rows.push_back(MadeRow("new.safetensors", "sfffffffff"));
  report.rows.push_back(MadeRow("new.safetensors", "ssssssssff"));
  report.rows[1].scene.disturb = sim::Disturbance::kKnock;
  report.rows[2].scene.disturb = sim::Disturbance::kLight;
  const Json json = ToJson(report);
  ASSERT_EQ(json.at("rows").size(), 2u);
  EXPECT_FALSE(json.contains("against"));
  const Json& knock = json.at("rows")[0];
  EXPECT_EQ(knock.at("disturb"), "knock");
  EXPECT_EQ(knock.at("paired").at("only_second"), 7);
  EXPECT_NEAR(knock.at("paired").at("difference").get<double>(), -0.7, 1e-12);
  EXPECT_NEAR(knock.at("paired").at("p_holm").get<double>(), 4.0 / 128, 1e-12);
  EXPECT_EQ(json.at("rows")[1].at("paired").at("p_value"), 1);
  EXPECT_THAT(ToText(report), HasSubstr("knock "));
  report.config.question.require = Requirement{false, 0.4};
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("success under knock 10.0 %"));
}

TEST(Report, SaysWhereTheStoppingRuleStands) {
  Report report = MadeReport("ssssssssff");
  report.config.question.until = HalfWidth{0.2};
  EXPECT_EQ(ToJson(report).at("until").at("reached"), false);
  EXPECT_THAT(ToText(report), HasSubstr("the interval is still 22.7 % to either side"));
  report.config.question.until.reset();
  report.config.question.sprt = SprtRates{0.1, 0.6};
  const Json sprt = ToJson(report).at("sprt");
  EXPECT_EQ(sprt.at("trials"), 10);
  EXPECT_EQ(sprt.at("count"), 8);
  EXPECT_EQ(sprt.at("decision"), "at_least_p1");
  report.config.question.sprt = SprtRates{0.7, 0.8};
  EXPECT_TRUE(ToJson(report).at("sprt").at("decision").is_null());
}

TEST(Requirement, ASequentialTestAnswersIt) {
  Report report = MadeReport("ssssssss", "ffffffff");
  report.config.question.sprt = SprtRates{0.5, 0.9};
  report.config.question.require = Requirement{true, 0};
  EXPECT_TRUE(CheckRequirement(report).ok());
  report.config.question.sprt = SprtRates{0.5, 0.6};
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("has not decided after 8 trials"));
}

TEST(Outcome, OneLineOfJson) {
  PolicyReport policy;
  policy.policy = "scripted";
  Outcome outcome = MadeOutcome(3, true);
  outcome.end_reason = EndReason::kLimit;
  SetValue(outcome, "slips", 2);
  SetValue(outcome, "held_size_m", 0.03);
  outcome.first.q = 0.5;
  EXPECT_EQ(ToJson(policy, outcome).dump(),
            R"({"policy":"scripted","index":3,"seed":103,"success":true,"end_reason":"limit",)"
            R"("steps":4,"regrasps":0,"slips":2,"pushes":0,"held_size_m":0.03,"q_first":0.5})");
}

TEST(Report, RecoveriesAreSuccessesAfterASlip) {
  Report report = MadeReport("sf");
  for (Outcome& outcome : report.rows[0].result.outcomes) SetValue(outcome, "slips", 2);
  const Json slips = ToJson(report).at("behaviours").at("slips");
  EXPECT_EQ(slips.at("count"), 4);
  EXPECT_EQ(slips.at("episodes"), 2);
  EXPECT_EQ(slips.at("successes"), 1);
  EXPECT_THAT(ToText(report), HasSubstr("episodes with slips in 2 (1 of them grasped)"));
}

}  // namespace
}  // namespace qt::eval

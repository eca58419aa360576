// The grasp protocol with a robot of random numbers, and what is made of its outcomes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "eval/grasp.h"
#include "eval/report.h"
#include "json/json.h"
#include "policy/random.h"
#include "unit/rollout/fakes.h"

namespace qt::eval {
namespace {

using testing::HasSubstr;

robot::RobotFactory FakeRobots() {
  return [](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<rollout::FakeRobot>());
  };
}

rollout::PolicyFactory RandomPolicies() {
  return []() -> Result<std::unique_ptr<Policy>> {
    return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(TaskConfig()));
  };
}

GraspConfig SmallConfig(int num_envs, uint64_t seed = 3) {
  GraspConfig config;
  config.num_episodes = 40;
  config.seed = seed;
  config.num_envs = num_envs;
  return config;
}

GraspResult RunFake(const GraspConfig& config, const StopTest& enough = {}) {
  const std::atomic<bool> stop = false;
  GraspResult result;
  std::vector<uint64_t> seen;
  const auto sink = [&](const Outcome& outcome, const Episode&) {
    seen.push_back(outcome.index);
    return Ok();
  };
  const Status status =
      RunGrasp(config, FakeRobots(), RandomPolicies(), sink, enough, stop, &result);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.size(), result.outcomes.size());
  return result;
}

// Made outcomes: 's' a success, 'f' a failure, both after 4 steps.
PolicyReport MadePolicy(const std::string& policy, const std::string& outcomes) {
  PolicyReport report;
  report.policy = policy;
  report.objects = "test";
  for (char c : outcomes) {
    const uint64_t index = report.result.outcomes.size();
    report.result.outcomes.push_back({index, 100 + index, c == 's', 4, EndReason::kRule});
  }
  return report;
}

Report MadeReport(const std::string& first, const std::string& against = "") {
  Report report;
  report.seed = 5;
  report.first = MadePolicy("new.safetensors", first);
  if (!against.empty()) report.others = {MadePolicy("scripted", against)};
  return report;
}

TEST(RunGrasp, TheNumberOfEnvironmentsChangesNothing) {
  const GraspResult one = RunFake(SmallConfig(1)), four = RunFake(SmallConfig(4));
  ASSERT_EQ(one.outcomes.size(), 40u);
  ASSERT_EQ(four.outcomes.size(), 40u);
  uint64_t successes = 0;
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(one.outcomes[i].seed, four.outcomes[i].seed);
    EXPECT_EQ(one.outcomes[i].success, four.outcomes[i].success);
    EXPECT_EQ(one.outcomes[i].steps, four.outcomes[i].steps);
    successes += one.outcomes[i].success;
  }
  EXPECT_GT(successes, 0u);
  EXPECT_LT(successes, 40u);
}

TEST(RunGrasp, WhatIsTriedInAnEmptyBinIsNoAttempt) {
  GraspConfig config = SmallConfig(2);
  config.attempts_per_bin = 20;
  config.removed_objects = 3;
  const GraspResult result = RunFake(config);
  std::array<int, 2> successes = {}, attempts = {};
  for (const Outcome& outcome : result.outcomes) {
    ASSERT_LT(outcome.index, 40u);
    ++attempts[outcome.index / 20];
    successes[outcome.index / 20] += outcome.success;
  }
  EXPECT_THAT(successes, testing::Each(3));
  EXPECT_THAT(attempts, testing::Each(testing::Lt(20)));
}

TEST(RunGrasp, StopsWhenItIsEnoughForAnyNumberOfEnvironments) {
  const auto after_three = [](const GraspResult& result) { return NumSuccesses(result) == 3; };
  const GraspResult one = RunFake(SmallConfig(1), after_three);
  const GraspResult four = RunFake(SmallConfig(4), after_three);
  EXPECT_EQ(NumSuccesses(one), 3u);
  EXPECT_TRUE(one.outcomes.back().success);
  EXPECT_LT(one.outcomes.size(), 40u);
  EXPECT_EQ(one.outcomes.size(), four.outcomes.size());
  EXPECT_EQ(one.discarded_bins, four.discarded_bins);
}

TEST(RunGrasp, PartsMakeTheWhole) {
  const GraspResult whole = RunFake(SmallConfig(2));
  GraspConfig part = SmallConfig(2);
  part.first_episode = 30;
  part.num_episodes = 10;
  const GraspResult tail = RunFake(part);
  ASSERT_EQ(tail.outcomes.size(), 10u);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(tail.outcomes[i].index, 30 + i);
    EXPECT_EQ(tail.outcomes[i].seed, whole.outcomes[30 + i].seed);
    EXPECT_EQ(tail.outcomes[i].success, whole.outcomes[30 + i].success);
  }
}

TEST(RunGrasp, AnotherSeedMeansOtherScenes) {
  EXPECT_NE(RunFake(SmallConfig(1, 3)).outcomes[0].seed,
            RunFake(SmallConfig(1, 4)).outcomes[0].seed);
}

TEST(RunGrasp, ASinkThatFailsEndsItAndKeepsWhatWasDone) {
  const std::atomic<bool> stop = false;
  GraspResult result;
  const auto sink = [](const Outcome& outcome, const Episode&) {
    return outcome.index == 5 ? Failed("disk full") : Ok();
  };
  const Status status =
      RunGrasp(SmallConfig(2), FakeRobots(), RandomPolicies(), sink, {}, stop, &result);
  EXPECT_EQ(status.message(), "disk full");
  EXPECT_EQ(result.outcomes.size(), 5u);
}

TEST(RunGrasp, AStopKeepsWhatWasDone) {
  std::atomic<bool> stop = false;
  GraspResult result;
  const auto sink = [&](const Outcome& outcome, const Episode&) {
    if (outcome.index == 3) stop = true;
    return Ok();
  };
  const Status status =
      RunGrasp(SmallConfig(1), FakeRobots(), RandomPolicies(), sink, {}, stop, &result);
  EXPECT_EQ(status.code(), Code::kInterrupted);
  EXPECT_GE(result.outcomes.size(), 4u);
  EXPECT_LT(result.outcomes.size(), 40u);
}

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
  report.protocol = "ablate";
  report.first.setting = "--disturb none";
  report.others[0].setting = "--disturb knock";
  const std::string text = ToText(report);
  EXPECT_THAT(text, HasSubstr("new.safetensors --disturb none "));
  EXPECT_THAT(text, HasSubstr("scripted --disturb knock "));
  const Json json = ToJson(report);
  EXPECT_EQ(json["setting"], "--disturb none");
  EXPECT_EQ(json["rows"][0]["setting"], "--disturb knock");
  EXPECT_EQ(ToJson(report.others[0], report.others[0].result.outcomes[0])["setting"],
            "--disturb knock");
  report.requirement = ParseRequirement("0.1").value();
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("success of scripted --disturb knock"));
}

TEST(Report, TimesStandApart) {
  Report a = MadeReport("sf"), b = a;
  b.first.result.seconds = 99;
  b.num_envs = 7;
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
}

TEST(Report, TableHasARowEachAndTheComparison) {
  EXPECT_EQ(ToText(MadeReport("ssssssssff", "sfffffffff")),
            "policy           objects  episodes  success     95 % interval  steps  ended by\n"
            "new.safetensors  test           10   80.0 %  49.0 % to 94.3 %   4.00  rule 10\n"
            "scripted         test           10   10.0 %   1.8 % to 40.4 %   4.00  rule 10\n"
            "paired over 10 scenes: both 1, only the first 7, only the second 0, neither 2; exact "
            "McNemar p = 0.0156\n");
}

TEST(Report, BinEmptyingCountsTheFirstAttemptsAtEachBin) {
  // Two bins of two objects, 12 attempts each at most; the first one is empty after four.
  Report report = MadeReport("fsfs");
  report.protocol = "bin";
  report.attempts_per_bin = 12;
  report.bin_objects = 2;
  for (uint64_t i = 12; i < 24; ++i) {
    report.first.result.outcomes.push_back({i, 100 + i, i == 23, 4, EndReason::kRule});
  }
  EXPECT_EQ(NumEmptied(report), 1u);
  const Json bin = ToJson(report).at("bin");
  ASSERT_EQ(bin.at("first").size(), 2u);
  EXPECT_EQ(bin.at("first")[0].at("attempts"), 10);
  EXPECT_EQ(bin.at("first")[0].at("episodes"), 14);
  EXPECT_EQ(bin.at("first")[0].at("count"), 2);
  EXPECT_EQ(bin.at("first")[1].at("attempts"), 12);
  EXPECT_EQ(bin.at("first")[1].at("count"), 3);
  EXPECT_EQ(bin.at("emptied"), 1);
  EXPECT_THAT(ToText(report), HasSubstr("first 12 attempts at each bin: 18.8 % of 16"));
}

TEST(Requirement, ARateIsMetByTheLowerEnd) {
  Report report = MadeReport("ssssssssff");  // interval from 0.49016
  report.requirement = Requirement{false, 0.49};
  EXPECT_TRUE(CheckRequirement(report).ok());
  EXPECT_EQ(ToJson(report)["require"]["met"], true);
  report.requirement = Requirement{false, 0.491};
  EXPECT_EQ(CheckRequirement(report).code(), Code::kPartial);
  EXPECT_EQ(ToJson(report)["require"]["met"], false);
}

TEST(Requirement, BetterNeedsEvidenceInTheRightDirection) {
  const auto check = [](const std::string& first, const std::string& second) {
    Report report = MadeReport(first, second);
    report.requirement = Requirement{true, 0};
    return CheckRequirement(report).code();
  };
  EXPECT_EQ(check("ssssssss", "ffffffff"), Code::kOk);
  EXPECT_EQ(check("ffffffff", "ssssssss"), Code::kPartial);
  EXPECT_EQ(check("sssf", "fffs"), Code::kPartial) << "too few to tell";
}

TEST(Report, RowsArePairedWithTheFirst) {
  Report report = MadeReport("ssssssssff");
  report.protocol = "disturb";
  report.others = {MadePolicy("new.safetensors", "sfffffffff"),
                   MadePolicy("new.safetensors", "ssssssssff")};
  report.others[0].disturb = "knock";
  report.others[1].disturb = "light";
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
  report.requirement = Requirement{false, 0.4};
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("success under knock 10.0 %"));
}

TEST(Report, SaysWhereTheStoppingRuleStands) {
  Report report = MadeReport("ssssssssff");
  report.rule.half_width = 0.2;
  EXPECT_EQ(ToJson(report).at("until").at("reached"), false);
  EXPECT_THAT(ToText(report), HasSubstr("the interval is still 22.7 % to either side"));
  report.rule = {std::nullopt, SprtRates{0.1, 0.6}, 0.95};
  const Json sprt = ToJson(report).at("sprt");
  EXPECT_EQ(sprt.at("trials"), 10);
  EXPECT_EQ(sprt.at("count"), 8);
  EXPECT_EQ(sprt.at("decision"), "at_least_p1");
  report.rule.sprt = SprtRates{0.7, 0.8};
  EXPECT_TRUE(ToJson(report).at("sprt").at("decision").is_null());
}

TEST(Requirement, ASequentialTestAnswersIt) {
  Report report = MadeReport("ssssssss", "ffffffff");
  report.rule.sprt = SprtRates{0.5, 0.9};
  report.requirement = Requirement{true, 0};
  EXPECT_TRUE(CheckRequirement(report).ok());
  report.rule.sprt = SprtRates{0.5, 0.6};
  EXPECT_THAT(CheckRequirement(report).message(), HasSubstr("has not decided after 8 trials"));
  EXPECT_EQ(CheckRequirementFits({true, 0}, {std::nullopt, SprtRates{0.4, 0.6}}).code(),
            Code::kUsage);
  EXPECT_EQ(CheckRequirementFits({false, 0.9}, {std::nullopt, SprtRates{0.8, 0.9}}).code(),
            Code::kUsage);
  EXPECT_TRUE(CheckRequirementFits({false, 0.8}, {std::nullopt, SprtRates{0.8, 0.9}}).ok());
}

TEST(StoppingRule, Parse) {
  for (const char* good : {"0.02", "±0.02", "+-0.02"}) EXPECT_EQ(*ParseUntil(good), 0.02) << good;
  for (const char* bad : {"", "2", "±", "0.02x", "nan", "-0.02", "0"}) {
    EXPECT_EQ(ParseUntil(bad).status().code(), Code::kUsage) << bad;
  }
  EXPECT_EQ(ParseSprt("0.8/0.9")->p1, 0.9);
  for (const char* bad : {"0.8", "0.9/0.8", "0/0.5", "0.5/1", "0.8/0.9/1", "/", "a/b"}) {
    EXPECT_EQ(ParseSprt(bad).status().code(), Code::kUsage) << bad;
  }
}

TEST(Requirement, Parse) {
  EXPECT_EQ(ParseRequirement("0.9")->rate, 0.9);
  EXPECT_TRUE(ParseRequirement("better")->better);
  for (const char* bad : {"", "best", "1.1", "-0.1", "0.9x", "nan"}) {
    EXPECT_EQ(ParseRequirement(bad).status().code(), Code::kUsage) << bad;
  }
}

TEST(Outcome, OneLineOfJson) {
  PolicyReport policy;
  policy.policy = "scripted";
  Outcome outcome{3, 77, true, 9, EndReason::kLimit};
  outcome.behaviour.slips = 2;
  outcome.first.q = 0.5;
  EXPECT_EQ(ToJson(policy, outcome).dump(),
            R"({"policy":"scripted","index":3,"seed":77,"success":true,"steps":9,)"
            R"("end_reason":"limit","regrasps":0,"slips":2,"pushes":0,"q_first":0.5})");
}

TEST(Report, RecoveriesAreSuccessesAfterASlip) {
  Report report = MadeReport("sf");
  for (Outcome& outcome : report.first.result.outcomes) outcome.behaviour.slips = 2;
  const Json slips = ToJson(report).at("behaviours").at("slips");
  EXPECT_EQ(slips.at("count"), 4);
  EXPECT_EQ(slips.at("episodes"), 2);
  EXPECT_EQ(slips.at("successes"), 1);
  EXPECT_THAT(ToText(report), HasSubstr("episodes with slips in 2 (1 of them grasped)"));
}

}  // namespace
}  // namespace qt::eval

// SPDX-License-Identifier: Apache-2.0
// Off-policy classification over made episodes, with policies whose Q is known.
#include "eval/offline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "eval/protocol.h"
#include "json/json.h"
#include "policy/greedy.h"
#include "support/fake_q_function.h"

namespace qt::eval {
namespace {

using testing::HasSubstr;

ScoredPolicy PolicyOf(const std::string& name, const test::FakeQFunction::Formula& formula) {
  const auto q = std::make_shared<test::FakeQFunction>(formula);
  return {name, name, "", TaskConfig(), [q, name]() -> Result<std::unique_ptr<Policy>> {
            return std::unique_ptr<Policy>(
                std::make_unique<policy::GreedyPolicy>(q, CemConfig(), TaskConfig(), name, ""));
          }};
}

// Q is the action's dx: so episodes are made of the values that they are to have.
float Forward(const Observation&, const Action& action) { return action.dx_m; }

Episode Moved(const std::vector<float>& dx) {
  Episode episode;
  for (float x : dx) episode.steps.emplace_back().action = Action::Move(x, 0, 0, 0);
  return episode;
}

Json Scored(std::vector<ScoredPolicy> policies, const std::vector<double>& measured = {},
            int num_threads = 1) {
  EvaluationConfig asked;
  asked.collect.num_envs = num_threads;
  OfflineScorer scorer(asked, measured, std::move(policies));
  EXPECT_TRUE(scorer.Add(Moved({0.9f, 0.7f}), true).ok());
  EXPECT_TRUE(scorer.Add(Moved({}), true).ok());
  EXPECT_TRUE(scorer.Add(Moved({0.6f, 0.2f, 0.1f}), false).ok());
  EXPECT_EQ(scorer.num_episodes(), 2u) << "an episode without a step says nothing";
  EXPECT_TRUE(scorer.Flush().ok());
  return scorer.ToJson();
}

TEST(OfflineScorer, ByHand) {
  const Json json = Scored({PolicyOf("forward", Forward)});
  EXPECT_EQ(json["episodes"], 2);
  EXPECT_EQ(json["successes"], 1);
  EXPECT_EQ(json["steps"], 5);
  const Json& row = json["rows"][0];
  EXPECT_EQ(row["policy"], "forward");
  EXPECT_NEAR(row["soft_opc"]["value"].get<double>(), 0.8 - 0.5, 1e-6);
  EXPECT_NEAR(row["opc"]["value"].get<double>(), 1 - 0.4, 1e-6);
  EXPECT_NEAR(row["opc"]["threshold"].get<double>(), 0.65, 1e-6);
  EXPECT_FALSE(json.contains("agreement"));
}

TEST(OfflineScorer, TheNumberOfThreadsChangesNothing) {
  EXPECT_EQ(Scored({PolicyOf("forward", Forward)}), Scored({PolicyOf("forward", Forward)}, {}, 4));
}

// Ranks of SoftOPC: 3 (forward), 1 (backward), 2 (nothing); of the success 3, 1, 2.
TEST(OfflineScorer, RanksPoliciesAsTheirSuccessDoes) {
  const std::vector<ScoredPolicy> policies = {
      PolicyOf("forward", Forward),
      PolicyOf("backward", [](const Observation&, const Action& a) { return 1 - a.dx_m; }),
      PolicyOf("nothing", [](const Observation&, const Action&) { return 0.5f; })};
  Json agreement = Scored(policies, {0.9, 0.1, 0.4})["agreement"];
  EXPECT_NEAR(agreement["soft_opc"]["spearman"].get<double>(), 1, 1e-12);
  // OPC cannot tell the last two, both 0: ranks 3, 1.5, 1.5.
  EXPECT_NEAR(agreement["opc"]["spearman"].get<double>(), std::sqrt(0.75), 1e-12);
  agreement = Scored(policies, {0.1, 0.9, 0.4})["agreement"];
  EXPECT_NEAR(agreement["soft_opc"]["spearman"].get<double>(), -1, 1e-12);
  EXPECT_LE(agreement["soft_opc"]["interval"][0].get<double>(), -1 + 1e-12);
}

// The observation counts steps and tells of an attempt that came to nothing, as when it ran.
TEST(OfflineScorer, ThePolicySeesWhatItWouldHaveSeen) {
  std::vector<std::pair<uint32_t, float>> seen;
  const auto spy = [&seen](const Observation& observation, const Action&) {
    seen.emplace_back(observation.step, observation.fruitless);
    return 0.5f;
  };
  Episode episode = Moved({0.1f, 0.1f, 0.1f});
  episode.steps[0].action = Action::Close();
  for (size_t i = 1; i < 3; ++i) {
    GripperState& gripper = episode.steps[i].observation.gripper;
    gripper.opening = 0;
    gripper.measured_opening_m = 0;
  }
  OfflineScorer scorer({}, {}, {PolicyOf("spy", spy)});
  ASSERT_TRUE(scorer.Add(std::move(episode), false).ok());
  ASSERT_TRUE(scorer.Flush().ok());
  EXPECT_THAT(seen, testing::ElementsAre(std::pair(0u, 0.0f), std::pair(1u, 1.0f), testing::_));
}

TEST(OfflineScorer, APolicyWithoutQIsAnError) {
  class Mute : public Policy {
   public:
    void StartEpisode(uint64_t) override {}
    Result<Decision> Act(const Observation&) override { return Decision{}; }
    const std::string& name() const override { return name_; }
    const std::string& digest() const override { return digest_; }

   private:
    std::string name_ = "mute", digest_;
  };
  OfflineScorer scorer({}, {},
                       {{"mute", "mute", "", TaskConfig(), []() -> Result<std::unique_ptr<Policy>> {
                           return std::unique_ptr<Policy>(std::make_unique<Mute>());
                         }}});
  ASSERT_TRUE(scorer.Add(Moved({0.1f}), true).ok());
  EXPECT_THAT(scorer.Flush().message(), HasSubstr("the policy mute has no Q"));
}

TEST(OfflineScorer, TheTableHasARowEach) {
  OfflineScorer scorer({}, {0.9, 0.1, 0.4},
                       {PolicyOf("a", Forward), PolicyOf("b", Forward), PolicyOf("c", Forward)});
  ASSERT_TRUE(scorer.Add(Moved({0.9f}), true).ok());
  ASSERT_TRUE(scorer.Flush().ok());
  const std::string text = scorer.ToText();
  EXPECT_THAT(text, HasSubstr("policy  episodes"));
  EXPECT_THAT(text, HasSubstr("90.0 %"));
  EXPECT_THAT(text, HasSubstr("SoftOPC: rank correlation with the measured success 0.00"));
}

TEST(OfflineScorer, NothingIsSaidOfNothing) {
  const OfflineScorer scorer({}, {}, {PolicyOf("forward", Forward)});
  EXPECT_EQ(scorer.ToText(), "");
  EXPECT_TRUE(scorer.ToJson().empty());
}

TEST(OfflineProtocol, RatesForEachPolicy) {
  const auto check = [](const std::string& measured) {
    Protocols protocols;
    EXPECT_TRUE(ParseInto(protocols.choice().target, {}, "offline").ok());
    const std::vector<Field> fields = protocols.all().back()->fields();
    EXPECT_TRUE(SetField(fields, "logged", "log.mcap").ok());
    const Status status = SetField(fields, "measured", measured);
    EvaluationConfig config;
    config.policies = {"a.safetensors", "b.safetensors", "c.safetensors"};
    return status.ok() ? protocols.Check(config, {}).code() : status.code();
  };
  EXPECT_EQ(check("0.5,1,0"), Code::kOk);
  for (const char* wrong : {"0.5", "0.5,0.6", "0.5,0.6,1.5", "0.5,x,1", "0.5,,1", "0.1,0.2,0.3,"}) {
    EXPECT_EQ(check(wrong), Code::kUsage) << wrong;
  }
}

}  // namespace
}  // namespace qt::eval

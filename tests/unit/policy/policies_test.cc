#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "policy/greedy.h"
#include "policy/make_policy.h"
#include "policy/random.h"

namespace qt::policy {
namespace {

using Counts = std::array<int, 4>;  // by ActionKind

Counts CountNoise(Termination termination, float opening) {
  TaskConfig task;
  task.termination = termination;
  GripperState gripper;
  gripper.opening = opening;
  RandomStream rng(3);
  Counts counts{};
  for (int i = 0; i < 10000; ++i) {
    const Action action = NoiseAction(task, gripper, rng);
    ++counts[size_t(action.Kind())];
    EXPECT_LE(std::abs(action.dx_m), task.max_dxy_m + 1e-6);
    EXPECT_LE(std::abs(action.dz_m), task.max_dz_m + 1e-6);
    EXPECT_LE(std::abs(action.dyaw_rad()), task.max_dyaw_rad + 1e-6);
  }
  return counts;
}

TEST(Noise, HasThePapersShares) {
  const Counts open = CountNoise(Termination::kLearned, 1);
  EXPECT_NEAR(open[size_t(ActionKind::kMove)], 7500, 200);
  EXPECT_NEAR(open[size_t(ActionKind::kClose)], 1700, 200);
  EXPECT_NEAR(open[size_t(ActionKind::kTerminate)], 800, 150);
  EXPECT_EQ(open[size_t(ActionKind::kOpen)], 0);
  EXPECT_NEAR(CountNoise(Termination::kLearned, 0)[size_t(ActionKind::kOpen)], 1700, 200);
}

TEST(Noise, UnderTheRuleNobodyTerminates) {
  const Counts counts = CountNoise(Termination::kRule, 1);
  EXPECT_EQ(counts[size_t(ActionKind::kTerminate)], 0);
  EXPECT_NEAR(counts[size_t(ActionKind::kMove)], 10000 * 75 / 92, 200);
}

TEST(NoisyPolicy, MixesWithProbabilityEpsilonAndRepeats) {
  const TaskConfig task;
  const auto count_noise = [&](uint64_t seed) {
    NoisyPolicy policy(std::make_unique<RandomPolicy>(task), 0.2, task);
    policy.StartEpisode(seed);
    int noise = 0;
    for (int i = 0; i < 5000; ++i) {
      noise += policy.Act(Observation())->source == ActionSource::kNoise;
    }
    return noise;
  };
  EXPECT_NEAR(count_noise(1), 1000, 120);
  EXPECT_EQ(count_noise(1), count_noise(1));
}

class StateStub : public EmbeddedState {};

// Peaks at the motion (0.05, -0.02, -0.1, 0.5 rad).
class PeakQ : public QFunction {
 public:
  Result<std::unique_ptr<EmbeddedState>> Embed(const Observation& observation) const override {
    ++embedded;
    if (observation.gripper.opening < 0.5f) return Corrupt("no image");
    return std::unique_ptr<EmbeddedState>(std::make_unique<StateStub>());
  }
  void Score(const EmbeddedState&, std::span<const Action> actions,
             std::span<float> q) const override {
    for (size_t i = 0; i < actions.size(); ++i) {
      const Action& a = actions[i];
      const double d = std::hypot(a.dx_m - 0.05, a.dy_m + 0.02, a.dz_m + 0.1) +
                       0.1 * std::abs(a.dyaw_rad() - 0.5);
      q[i] = a.Kind() == ActionKind::kMove ? float(std::exp(-10 * d)) : 0.0f;
    }
  }
  mutable int embedded = 0;
};

Observation Aloft() {
  Observation observation;
  observation.gripper.height_m = 0.15f;
  return observation;
}

TEST(Greedy, GoesWhereQPeaksAndEmbedsOnce) {
  const auto q = std::make_shared<PeakQ>();
  CemConfig cem;
  cem.num_samples = 256, cem.num_elites = 12, cem.num_iterations = 6;
  GreedyPolicy policy(q, cem, TaskConfig(), "peak", "digest");
  policy.StartEpisode(5);
  const Result<Decision> decision = policy.Act(Aloft());
  ASSERT_TRUE(decision.ok());
  EXPECT_NEAR(decision->action.dx_m, 0.05, 0.02);
  EXPECT_NEAR(decision->action.dz_m, -0.1, 0.02);
  EXPECT_GT(decision->q_value, 0.6f);
  EXPECT_EQ(decision->source, ActionSource::kGreedy);
  EXPECT_EQ(q->embedded, 1);
}

TEST(Greedy, DependsOnSeedAndStepAlone) {
  GreedyPolicy policy(std::make_shared<PeakQ>(), {}, TaskConfig(), "peak", "");
  const auto act = [&](uint64_t seed, uint32_t step) {
    policy.StartEpisode(seed);
    Observation observation = Aloft();
    observation.step = step;
    return policy.Act(observation)->action.ToArray();
  };
  const auto first = act(1, 4);
  EXPECT_NE(first, act(1, 5));
  EXPECT_NE(first, act(2, 4));
  EXPECT_EQ(first, act(1, 4));
}

TEST(Greedy, PassesOnWhatCannotBeEmbedded) {
  GreedyPolicy policy(std::make_shared<PeakQ>(), {}, TaskConfig(), "peak", "");
  Observation closed;
  closed.gripper.opening = 0;
  EXPECT_EQ(policy.Act(closed).status().code(), Code::kCorrupt);
}

TEST(PolicySpec, IsCheckedWithoutOpeningAnything) {
  for (const char* good :
       {"scripted", "scripted:aimed", "random", "no/such.safetensors", "exec:x"}) {
    EXPECT_TRUE(CheckPolicySpec(good).ok()) << good;
  }
  for (const char* bad : {"", "scripted:x", "skripted", "exec:", "model.pt"}) {
    EXPECT_EQ(CheckPolicySpec(bad).code(), Code::kUsage) << bad;
  }
}

TEST(OpenPolicy, MakesBuiltInPoliciesWithTheirNames) {
  auto source = OpenPolicy("scripted:aimed", TaskConfig(), 0.2);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*(*source)->NewPolicy())->name(), "scripted:aimed");
  EXPECT_EQ((*(*OpenPolicy("random", TaskConfig(), 0))->NewPolicy())->name(), "random");
}

TEST(OpenPolicy, AMissingCheckpointIsNotFound) {
  const auto source = OpenPolicy("no/such.safetensors", TaskConfig(), 0);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace qt::policy

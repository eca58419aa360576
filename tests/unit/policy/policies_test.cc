// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "policy/greedy.h"
#include "policy/make_policy.h"
#include "policy/random.h"
#include "support/fake_q_function.h"

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

// Pearson's test: 2 degrees of freedom, p = 0.001 at 13.8.
TEST(Noise, TheSharesPassAChiSquareTest) {
  TaskConfig task;
  task.termination = Termination::kLearned;
  RandomStream rng(20);
  constexpr int kDraws = 200000;
  Counts counts{};
  for (int i = 0; i < kDraws; ++i) {
    ++counts[size_t(NoiseAction(task, GripperState(), rng).Kind())];
  }
  double chi_square = 0;
  for (const auto& [kind, share] : {std::pair{ActionKind::kMove, 0.75},
                                    {ActionKind::kClose, 0.17},
                                    {ActionKind::kTerminate, 0.08}}) {
    const double expected = share * kDraws;
    chi_square += std::pow(counts[size_t(kind)] - expected, 2) / expected;
  }
  EXPECT_LT(chi_square, 13.8);
}

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// Kolmogorov and Smirnov: sqrt(n) D is 1.95 at p = 0.001. Beyond the bounds, two deviations out,
// all draws sit on the bound, so the comparison is made inside.
void ExpectClippedNormal(std::vector<double> draws, double bound) {
  std::sort(draws.begin(), draws.end());
  double distance = 0;
  const double n = double(draws.size());
  for (size_t i = 0; i < draws.size(); ++i) {
    if (std::abs(draws[i]) > 0.999 * bound) continue;
    const double cdf = NormalCdf(draws[i] / (0.5 * bound));
    distance = std::max({distance, std::abs(cdf - double(i) / n), double(i + 1) / n - cdf});
  }
  EXPECT_LT(distance * std::sqrt(n), 1.95);
}

double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
  return ab / std::sqrt(aa * bb);
}

TEST(Noise, PoseChangesAreGaussianInEachAxisAndIndependent) {
  const TaskConfig task;
  RandomStream rng(21);
  std::array<std::vector<double>, 4> draws;
  while (draws[0].size() < 40000) {
    const Action action = NoiseAction(task, GripperState(), rng);
    if (action.Kind() != ActionKind::kMove) continue;
    draws[0].push_back(action.dx_m);
    draws[1].push_back(action.dy_m);
    draws[2].push_back(action.dz_m);
    draws[3].push_back(action.dyaw_rad());
  }
  ExpectClippedNormal(draws[0], task.max_dxy_m);
  ExpectClippedNormal(draws[1], task.max_dxy_m);
  ExpectClippedNormal(draws[2], task.max_dz_m);
  ExpectClippedNormal(draws[3], task.max_dyaw_rad);
  for (size_t i = 0; i < 4; ++i) {
    for (size_t k = 0; k < i; ++k) EXPECT_LT(std::abs(Correlation(draws[i], draws[k])), 0.02);
  }
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
    return EmbedImage({}, observation);
  }
  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView&,
                                                    const ObservedState& observed) const override {
    ++embedded;
    if (observed.gripper.opening < 0.5f) return Corrupt("no image");
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

TEST(Greedy, RefusesQThatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto q = std::make_shared<test::FakeQFunction>([nan](const Observation&, const Action& a) {
    return a.Kind() == ActionKind::kMove && a.dx_m < 0 ? nan : 0.5f;
  });
  GreedyPolicy policy(q, {}, TaskConfig(), "diverged", "");
  EXPECT_NE(policy.Act(Aloft()).status().message().find("not a finite number"), std::string::npos);
  EXPECT_FALSE(policy.ValueOf(Aloft(), Action::Move(-0.01, 0, 0, 0)).ok());
  EXPECT_TRUE(policy.ValueOf(Aloft(), Action::Close()).ok());
}

TEST(OpenPolicy, MakesBuiltInPoliciesWithTheirNames) {
  auto source = OpenPolicy(*PolicySpec::Parse("scripted:aimed"), TaskConfig(), 0.2);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*(*source)->NewPolicy())->name(), "scripted:aimed");
  source = OpenPolicy(*PolicySpec::Parse("random"), TaskConfig(), 0);
  EXPECT_EQ((*(*source)->NewPolicy())->name(), "random");
}

TEST(OpenPolicy, AMissingCheckpointIsNotFound) {
  const auto source = OpenPolicy(*PolicySpec::Parse("no/such.safetensors"), TaskConfig(), 0);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace qt::policy

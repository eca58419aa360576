// SPDX-License-Identifier: Apache-2.0
#include "cem/cem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace qt {
namespace {

const GripperState kHome{.opening = 1, .height_m = 0.18f};

// A smooth hill around one motion; the discrete actions score `discrete`.
BatchScore Hill(double dx, double dy, double dz, double dyaw, float discrete) {
  return [=](std::span<const Action> actions, std::span<float> q) {
    for (size_t i = 0; i < actions.size(); ++i) {
      const Action& a = actions[i];
      const double d2 = std::pow((a.dx_m - dx) / 0.1, 2) + std::pow((a.dy_m - dy) / 0.1, 2) +
                        std::pow((a.dz_m - dz) / 0.16, 2) +
                        std::pow((a.dyaw_rad() - dyaw) / 1.6, 2);
      q[i] = a.Kind() == ActionKind::kMove ? static_cast<float>(std::exp(-d2)) : discrete;
    }
  };
}

TEST(CemTest, FindsTheHilltopWithEnoughRounds) {
  RandomStream rng(1);
  const CemConfig config{.num_samples = 256, .num_elites = 16, .num_iterations = 6};
  const CemResult result =
      MaximizeCem(TaskConfig(), kHome, config, Hill(0.05, -0.03, -0.1, 0.4, 0), rng);
  EXPECT_NEAR(result.action.dx_m, 0.05, 0.01);
  EXPECT_NEAR(result.action.dy_m, -0.03, 0.01);
  EXPECT_NEAR(result.action.dz_m, -0.1, 0.015);
  EXPECT_NEAR(result.action.dyaw_rad(), 0.4, 0.15);
  EXPECT_GT(result.q_value, 0.98f);
}

TEST(CemTest, PaperBudgetComesCloserThanOneRound) {
  double two_rounds = 0, one_round = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream a(seed), b(seed);
    two_rounds += MaximizeCem(TaskConfig(), kHome, {.num_samples = 64, .num_iterations = 2},
                              Hill(0.05, -0.03, -0.1, 0.4, 0), a)
                      .q_value;
    one_round += MaximizeCem(TaskConfig(), kHome, {.num_samples = 64, .num_iterations = 1},
                             Hill(0.05, -0.03, -0.1, 0.4, 0), b)
                     .q_value;
  }
  EXPECT_GT(two_rounds, one_round + 1);
}

TEST(CemTest, TakesADiscreteActionWhenItIsBest) {
  RandomStream rng(1);
  const auto score = [](std::span<const Action> actions, std::span<float> q) {
    for (size_t i = 0; i < actions.size(); ++i) q[i] = actions[i].Kind() == ActionKind::kClose;
  };
  EXPECT_EQ(MaximizeCem(TaskConfig(), kHome, {}, score, rng).action.Kind(), ActionKind::kClose);
}

// One elite has no variance of its own (docs/PAPER.md): without the floor the second round would
// ask about one motion only.
TEST(CemTest, TheFloorOfTheVarianceKeepsTheSecondRoundSearching) {
  for (const double min_variance : {0.0, 0.01}) {
    RandomStream rng(1);
    int round = 0;
    double lowest = 1, highest = -1;
    MaximizeCem(
        TaskConfig(), kHome,
        {.num_samples = 64, .num_elites = 1, .num_iterations = 2, .min_variance = min_variance},
        [&](std::span<const Action> actions, std::span<float> q) {
          Hill(0, 0, -0.08, 0, -1)(actions, q);
          if (++round < 2) return;
          for (const Action& action : actions) {
            if (action.Kind() != ActionKind::kMove) continue;
            lowest = std::min(lowest, double{action.dx_m});
            highest = std::max(highest, double{action.dx_m});
          }
        },
        rng);
    const double bound_m = TaskConfig().max_dxy_m;
    if (min_variance == 0) {
      EXPECT_NEAR(highest, lowest, 1e-9);
    } else {
      EXPECT_GT(highest - lowest, 0.2 * bound_m);  // 62 draws of a tenth of the bound
    }
  }
}

TEST(CemTest, EachRoundHoldsOneCandidatePerDiscreteChoice) {
  for (Termination termination : {Termination::kRule, Termination::kLearned}) {
    TaskConfig task;
    task.termination = termination;
    RandomStream rng(7);
    int rounds = 0;
    MaximizeCem(
        task, kHome, {},
        [&](std::span<const Action> actions, std::span<float> q) {
          ++rounds;
          int kinds[4] = {};
          for (const Action& a : actions) ++kinds[static_cast<int>(a.Kind())];
          EXPECT_EQ(actions.size(), 64u);
          EXPECT_EQ(kinds[static_cast<int>(ActionKind::kOpen)], 1);
          EXPECT_EQ(kinds[static_cast<int>(ActionKind::kClose)], 1);
          EXPECT_EQ(kinds[static_cast<int>(ActionKind::kTerminate)],
                    termination == Termination::kLearned ? 1 : 0);
          std::fill(q.begin(), q.end(), 0.0f);
        },
        rng);
    EXPECT_EQ(rounds, 2);
  }
}

TEST(CemTest, CandidatesStayInsideTheBoundsAndTheWorkspace) {
  const TaskConfig task;
  GripperState corner = kHome;
  corner.x_m = 0.1f;
  corner.y_m = -0.1f;
  corner.height_m = 0.01f;
  RandomStream rng(3);
  MaximizeCem(
      task, corner, {.initial_std = 2},
      [&](std::span<const Action> actions, std::span<float> q) {
        for (size_t i = 0; i < actions.size(); ++i) {
          EXPECT_LE(std::abs(actions[i].dx_m), task.max_dxy_m + 1e-6);
          EXPECT_LE(corner.x_m + actions[i].dx_m, task.workspace_xy_m + 1e-6);
          EXPECT_GE(corner.y_m + actions[i].dy_m, -task.workspace_xy_m - 1e-6);
          EXPECT_GE(corner.height_m + actions[i].dz_m, task.min_height_m - 1e-6);
          q[i] = actions[i].dx_m;
        }
      },
      rng);
}

TEST(CemTest, SameSeedSameAnswer) {
  RandomStream a(5), b(5), c(6);
  const BatchScore score = Hill(0.05, -0.03, -0.1, 0.4, 0);
  const CemResult x = MaximizeCem(TaskConfig(), kHome, {}, score, a);
  const CemResult y = MaximizeCem(TaskConfig(), kHome, {}, score, b);
  const CemResult z = MaximizeCem(TaskConfig(), kHome, {}, score, c);
  EXPECT_EQ(x.action.ToArray(), y.action.ToArray());
  EXPECT_NE(x.action.ToArray(), z.action.ToArray());
}

TEST(CemTest, ParsesItsNotation) {
  const auto config = CemConfig::Parse("128/10/3");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->ToString(), "128/10/3");
  for (const char* bad :
       {"", "64", "64/6", "64/6/2/1", "3/1/1", "64/65/2", "64/0/2", "64/6/0", "a/b/c"}) {
    EXPECT_EQ(CemConfig::Parse(bad).status().code(), Code::kUsage) << bad;
  }
}

}  // namespace
}  // namespace qt

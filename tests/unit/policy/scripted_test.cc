// SPDX-License-Identifier: Apache-2.0
#include "policy/scripted.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "scenes.h"

namespace qt::policy {
namespace {

// A gripper that goes where it is told, above a painted scene.
class Kinematic {
 public:
  explicit Kinematic(const TaskConfig& task) : task_(task) {
    observation_.camera = TopCamera(64);
    observation_.image = EncodeRaw(Scene(observation_.camera, {{0.06, 0.05, 0.04, 0.012, 0.4}}));
    observation_.gripper.x_m = observation_.gripper.y_m = -0.09f;
    observation_.gripper.height_m = 0.18f;
    observation_.gripper.measured_opening_m = 0.085f;
  }

  void Act(const Action& action) {
    GripperState& gripper = observation_.gripper;
    if (action.Kind() == ActionKind::kClose) {
      gripper.opening = 0, gripper.measured_opening_m = holds_ ? 0.02f : 0.0f;
      closed_at_ = gripper;
    } else if (action.Kind() == ActionKind::kOpen) {
      gripper.opening = 1, gripper.measured_opening_m = 0.085f;
    } else {
      const GripperTarget target = TargetOf(gripper, action, task_);
      gripper.x_m = float(target.x_m), gripper.y_m = float(target.y_m);
      gripper.height_m = float(target.height_m), gripper.yaw_rad = float(target.yaw_rad);
    }
    ++observation_.step;
  }

  TaskConfig task_;
  Observation observation_;
  GripperState closed_at_;
  bool holds_ = true;
};

struct Attempt {
  int steps = 0;
  int opens = 0;
  bool ended = false;
  GripperState closed_at, final;
};

Attempt RunOnce(const std::string& variant, uint64_t seed, const TaskConfig& task,
                bool holds = true) {
  ScriptedPolicy policy("scripted", *ParseScriptMixture(variant), task);
  Kinematic robot(task);
  robot.holds_ = holds;
  policy.StartEpisode(seed);
  Attempt run;
  for (; run.steps < task.max_steps && !run.ended; ++run.steps) {
    const Result<Decision> decision = policy.Act(robot.observation_);
    EXPECT_TRUE(decision.ok()) << decision.status().ToString();
    EXPECT_EQ(decision->source, ActionSource::kScripted);
    run.opens += decision->action.Kind() == ActionKind::kOpen;
    run.ended = task.termination == Termination::kLearned
                    ? decision->action.Kind() == ActionKind::kTerminate
                    : RuleTerminates(robot.observation_.gripper, decision->action, task);
    if (!run.ended) robot.Act(decision->action);
  }
  run.closed_at = robot.closed_at_;
  run.final = robot.observation_.gripper;
  return run;
}

TEST(Scripted, EveryTargetedEpisodeClosesAndLifts) {
  for (const char* variant : {"uniform", "aimed", "aligned"}) {
    int shortest = 100;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const Attempt run = RunOnce(variant, seed, TaskConfig());
      EXPECT_TRUE(run.ended) << variant << " " << seed;
      EXPECT_LE(run.steps, 12);
      EXPECT_GT(run.final.height_m, TaskConfig().terminate_height_m);
      shortest = std::min(shortest, run.steps);
    }
    EXPECT_LE(shortest, 6) << "some episodes go straight to the target";
  }
}

TEST(Scripted, LearnedTerminationIsEmittedAloft) {
  TaskConfig task;
  task.termination = Termination::kLearned;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Attempt run = RunOnce("aimed", seed, task);
    EXPECT_TRUE(run.ended);
    EXPECT_GT(run.final.height_m, task.terminate_height_m);
  }
}

TEST(Scripted, AimedClosesOnTheObject) {
  int near = 0, aligned_near = 0, uniform_near = 0;
  const auto distance = [](const Attempt& run) {
    return std::hypot(run.closed_at.x_m - 0.06, run.closed_at.y_m - 0.05);
  };
  for (uint64_t seed = 0; seed < 200; ++seed) {
    near += distance(RunOnce("aimed", seed, TaskConfig())) < 0.05;
    aligned_near += distance(RunOnce("aligned", seed, TaskConfig())) < 0.05;
    uniform_near += distance(RunOnce("uniform", seed, TaskConfig())) < 0.05;
  }
  EXPECT_GT(near, 125);
  EXPECT_GT(aligned_near, 125);
  EXPECT_LT(uniform_near, 60);
}

TEST(Scripted, AlignedClosesAcrossTheObject) {
  int across = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Attempt run = RunOnce("aligned", seed, TaskConfig());
    const double error =
        std::remainder(run.closed_at.yaw_rad - 0.4 - std::numbers::pi / 2, std::numbers::pi);
    across += std::abs(error) < 0.6;
  }
  EXPECT_GT(across, 160);
}

TEST(Scripted, TriesAgainInHalfOfTheCasesAfterClosingOnNothing) {
  int retries = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Attempt run = RunOnce("aimed", seed, TaskConfig(), /*holds=*/false);
    EXPECT_TRUE(run.ended);
    EXPECT_LE(run.opens, 1);
    retries += run.opens;
    EXPECT_EQ(RunOnce("aimed", seed, TaskConfig()).opens, 0);
  }
  EXPECT_NEAR(retries, 200, 40);
}

TEST(Scripted, SameSeedSameActions) {
  const Attempt a = RunOnce("", 7, TaskConfig()), b = RunOnce("", 7, TaskConfig());
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.final.x_m, b.final.x_m);
  EXPECT_NE(a.final.x_m, RunOnce("", 8, TaskConfig()).final.x_m);
}

TEST(Scripted, WithoutACameraItAimsAnywhere) {
  ScriptedPolicy policy("scripted", *ParseScriptMixture("aimed"), TaskConfig());
  policy.StartEpisode(1);
  Observation observation;
  EXPECT_TRUE(policy.Act(observation).ok());
}

TEST(Scripted, AnUnreadableImageIsAnError) {
  ScriptedPolicy policy("scripted", *ParseScriptMixture("aimed"), TaskConfig());
  policy.StartEpisode(1);
  Observation observation;
  observation.camera = TopCamera(64);
  observation.image = {ImageEncoding::kJpeg, 64, 64, {1, 2, 3}};
  EXPECT_FALSE(policy.Act(observation).ok());
}

TEST(Scripted, UnknownVariantIsAUsageError) {
  EXPECT_EQ(ParseScriptMixture("clever").status().code(), Code::kUsage);
}

}  // namespace
}  // namespace qt::policy

// SPDX-License-Identifier: Apache-2.0
#include "rollout/episode.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/random.h"

namespace qt::rollout {
namespace {

// Why an action ends the episode before it is executed; kUnknown if it does not.
EndReason EndedBy(const Observation& observation, const Action& action, const TaskConfig& task) {
  if (task.termination == Termination::kLearned) {
    return action.Kind() == ActionKind::kTerminate ? EndReason::kTerminated : EndReason::kUnknown;
  }
  return RuleTerminates(observation.gripper, action, task) ? EndReason::kRule : EndReason::kUnknown;
}

Result<Step> TakeStep(robot::Robot& robot, Policy& policy, const TaskConfig& task, uint32_t index,
                      float fruitless) {
  Step step;
  QT_ASSIGN(step.observation, robot.Observe());
  step.observation.step = index;
  step.observation.fruitless = fruitless;
  step.stamp_ns = robot.stamp_ns();
  QT_ASSIGN(const Decision decision, policy.Act(step.observation));
  step.action = robot.Clip(ClipAction(decision.action, task));
  step.q_value = decision.q_value;
  step.source = decision.source;
  return step;
}

// The step is what happened in it, not what the policy wanted.
void TakeOver(const Action& action, Step& step) {
  step.action = action;
  step.source = ActionSource::kHuman;
  step.q_value = std::numeric_limits<float>::quiet_NaN();
}

Status RunSteps(robot::Robot& robot, Policy& policy, const TaskConfig& task,
                const std::atomic<bool>* stop, Episode* episode) {
  episode->end_reason = EndReason::kLimit;
  float fruitless = 0;
  for (int t = 0; t < task.max_steps; ++t) {
    if (stop != nullptr && stop->load()) return Status(Code::kInterrupted, "interrupted");
    QT_ASSIGN(Step step, TakeStep(robot, policy, task, uint32_t(t), fruitless));
    const EndReason reason = EndedBy(step.observation, step.action, task);
    step.is_terminal = reason != EndReason::kUnknown;
    episode->steps.push_back(std::move(step));
    if (reason != EndReason::kUnknown) {
      episode->end_reason = reason;
      return Ok();
    }
    Step& done = episode->steps.back();
    QT_TRY(robot.Act(done.action));
    if (const std::optional<Action> action = robot.intervention()) TakeOver(*action, done);
    fruitless =
        NextFruitless(fruitless, done.action, done.observation.gripper, robot.gripper(), task);
  }
  return Ok();
}

Label TruthLabel(const Episode& episode, const robot::DropTest& test, const TaskConfig& task) {
  Label label;
  label.source = kTruthSource;
  label.config = test.truth_config;
  label.success = test.truth->success;
  label.reward = Rewards(label.success, episode.steps.size(), task.step_reward);
  return label;
}

Episode Describe(const robot::Robot& robot, const Policy& policy, const EpisodeInfo& info,
                 const TaskConfig& task, uint64_t seed) {
  Episode episode;
  episode.id = info.id;
  episode.run_id = info.run_id;
  episode.index = info.index;
  episode.task = EnumName(task.name);
  episode.env = robot.env();
  episode.seed = seed;
  episode.policy = policy.name();
  episode.policy_digest = policy.digest();
  episode.exploration = info.exploration;
  episode.tool = info.tool;
  return episode;
}

}  // namespace

Result<Episode> RunEpisode(robot::Robot& robot, Policy& policy, const TaskConfig& task,
                           const EpisodeInfo& info, uint64_t seed, const std::atomic<bool>* stop) {
  QT_TRY(robot.StartEpisode(DeriveSeed(seed, "robot")));
  policy.StartEpisode(DeriveSeed(seed, "policy"));
  Episode episode = Describe(robot, policy, info, task, seed);
  QT_TRY(RunSteps(robot, policy, task, stop, &episode));
  if (!episode.steps.empty()) {
    episode.stamp_ns = episode.steps.front().stamp_ns;
    episode.camera = episode.steps.front().observation.camera;
  }
  episode.final_gripper = robot.gripper();
  QT_ASSIGN(robot::DropTest test, robot.Finish());
  episode.evidence = std::move(test.evidence);
  episode.env_config = robot.env_config();  // now it knows what happened in the episode
  episode.truth = test.truth;
  if (info.label_truth && test.truth.has_value()) {
    episode.labels.push_back(TruthLabel(episode, test, task));
  }
  return episode;
}

}  // namespace qt::rollout

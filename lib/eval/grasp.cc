// SPDX-License-Identifier: Apache-2.0
#include "eval/grasp.h"

#include <cmath>
#include <utility>

namespace qt::eval {
namespace {

void AddMoments(const Episode& episode, const TaskConfig& task, Outcome* outcome) {
  const std::vector<float> rewards =
      Rewards(outcome->success, episode.steps.size(), task.step_reward);
  double value = 0;
  for (size_t i = episode.steps.size(); i-- > 0;) {
    const Step& step = episode.steps[i];
    value = rewards[i] + task.discount * value;
    if (step.source != ActionSource::kGreedy || std::isnan(step.q_value)) continue;
    outcome->first = {step.q_value, value};
    if (std::isnan(outcome->last.q)) outcome->last = outcome->first;
  }
}

// Success, and who says so; a label is added to the episode.
Status JudgeSuccess(const GraspConfig& config, Episode* episode, Outcome* outcome) {
  if (episode->truth) {
    outcome->success = episode->truth->success;
    outcome->disturbed = episode->truth->disturbed;
    return Ok();
  }
  if (!config.judge) return Failed("the robot does not know whether the grasp succeeded");
  QT_ASSIGN(std::optional<Label> label, config.judge(*episode));
  outcome->judged_by = label ? JudgedBy::kLabel : JudgedBy::kNobody;
  if (!label) return Ok();
  outcome->success = label->success;
  episode->labels.push_back(*std::move(label));
  return Ok();
}

Result<Outcome> Judge(const GraspConfig& config, Episode* episode) {
  const TaskConfig& task = config.collect.task;
  Outcome outcome;
  outcome.index = episode->index;
  outcome.seed = episode->seed;
  outcome.end_reason = episode->end_reason;
  outcome.values = MeasureAll(*episode, task);
  QT_TRY(JudgeSuccess(config, episode, &outcome));
  AddMoments(*episode, task, &outcome);
  return outcome;
}

}  // namespace

double ValueOf(const Outcome& outcome, std::string_view metric) {
  return outcome.values[MetricIndex(metric)];
}

Status RunGrasp(const GraspConfig& config, const robot::RobotFactory& new_robot,
                const rollout::PolicyFactory& new_policy, const AttemptSink& sink,
                const StopTest& is_enough, const std::atomic<bool>& stop, GraspResult* result) {
  bool enough = false;
  int taken_out = 0;  // of the present bin
  const auto take = [&](Episode&& episode, const rollout::CollectStats&) {
    QT_ASSIGN(const Outcome outcome, Judge(config, &episode));
    if (outcome.index % uint64_t(config.collect.swap_every) == 0) taken_out = 0;
    if (config.removed_objects > 0 && taken_out == config.removed_objects) return Ok();
    taken_out += outcome.success;
    QT_TRY(sink(outcome, episode));
    result->outcomes.push_back(outcome);
    enough = is_enough && is_enough(*result);
    return enough ? Status(Code::kInterrupted, "enough") : Ok();
  };
  rollout::CollectStats stats;
  const Status status = rollout::Collect(config.collect, new_robot, new_policy, take, stop, &stats);
  result->discarded_bins += stats.discarded_bins;
  result->robot_failures += stats.robot_failures;
  result->seconds += stats.seconds;
  return enough ? Ok() : status;
}

}  // namespace qt::eval

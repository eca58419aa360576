#include "eval/evaluation.h"

#include <algorithm>

#include "base/check.h"

namespace qt::eval {
namespace {

class Evaluation {
 public:
  Evaluation(const EvaluationConfig& config, const std::vector<Arm>& arms, const ArmSink& sink,
             const std::atomic<bool>& stop, Report* report)
      : config_(config), arms_(arms), sink_(sink), stop_(stop), report_(*report) {
    report_.others.clear();
    for (size_t i = 0; i < arms.size(); ++i) {
      const OpenedPolicy& policy = *arms[i].policy;
      PolicyReport& row = i == 0 ? report_.first : report_.others.emplace_back();
      row = {policy.spec(),         policy.name(),
             policy.digest(),       policy.task(),
             arms[i].world.objects, std::string(EnumName(arms[i].world.disturb)),
             arms[i].setting,       {}};
    }
  }

  Status Run() {
    if (config_.rule.sprt && arms_.size() == 2) return RunInTurns();
    QT_TRY(RunArm(0, 0, config_.grasp.num_episodes, [this](const GraspResult& result) {
      return IsEnough(config_.rule, NumSuccesses(result), result.outcomes.size());
    }));
    const uint64_t num_scenes =
        config_.rule.any() ? report_.first.result.outcomes.size() : config_.grasp.num_episodes;
    for (size_t i = 1; i < arms_.size(); ++i) QT_TRY(RunArm(i, 0, num_scenes, {}));
    return Ok();
  }

 private:
  PolicyReport& row(size_t arm) { return arm == 0 ? report_.first : report_.others[arm - 1]; }

  Status RunInTurns() {
    const uint64_t end = config_.grasp.num_episodes;
    for (uint64_t start = 0; start < end; start += kPairsPerLook) {
      const uint64_t count = std::min(kPairsPerLook, end - start);
      QT_TRY(RunArm(0, start, count, {}));
      QT_TRY(RunArm(1, start, count, {}));
      const stats::PairedTable table = PairOutcomes(row(0).result, row(1).result);
      if (DecideSprt(config_.rule, TrialsOf(table)) != stats::SprtDecision::kUndecided) break;
    }
    return Ok();
  }

  Status RunArm(size_t arm, uint64_t first_episode, uint64_t num_episodes, const StopTest& enough) {
    const OpenedPolicy& policy = *arms_[arm].policy;
    GraspConfig grasp = config_.grasp;
    grasp.task = policy.task();
    grasp.run_id = RunIdOf(config_, policy.spec());
    grasp.first_episode = first_episode;
    grasp.num_episodes = num_episodes;
    const auto sink = [&](const Outcome& outcome, const Episode& episode) {
      return sink_(arm, row(arm), outcome, episode);
    };
    return RunGrasp(grasp, sim::SimRobotFactory(WorldOf(arms_[arm])), policy.factory(), sink,
                    enough, stop_, &row(arm).result);
  }

  static sim::SceneConfig WorldOf(const Arm& arm) {
    sim::SceneConfig world = arm.world;
    world.task = arm.policy->task();
    world.image_size = {arm.policy->image_width_px(), arm.policy->image_height_px()};
    return world;
  }

  const EvaluationConfig& config_;
  const std::vector<Arm>& arms_;
  const ArmSink& sink_;
  const std::atomic<bool>& stop_;
  Report& report_;
};

}  // namespace

std::string RunIdOf(const EvaluationConfig& config, const std::string& policy) {
  return rollout::MakeRunId(config.grasp.seed, "qt-eval " + policy + " " + config.run_description);
}

Status RunArms(const EvaluationConfig& config, const std::vector<Arm>& arms, const ArmSink& sink,
               const std::atomic<bool>& stop, Report* report) {
  QT_CHECK(!arms.empty());
  return Evaluation(config, arms, sink, stop, report).Run();
}

}  // namespace qt::eval

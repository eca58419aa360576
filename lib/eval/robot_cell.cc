// SPDX-License-Identifier: Apache-2.0
#include "eval/robot_cell.h"

#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "label/calibrate.h"

namespace qt::eval {
namespace {

constexpr uint64_t kMaxErrorsBytes = 1 << 20;

// A robot that goes on existing when whoever drives it is done.
class LentRobot : public robot::Robot {
 public:
  explicit LentRobot(robot::Robot& robot) : robot_(robot) {}
  Status NewBin(uint64_t seed) override { return robot_.NewBin(seed); }
  void SetClock(int64_t start_stamp_ns) override { robot_.SetClock(start_stamp_ns); }
  Status StartEpisode(uint64_t seed) override { return robot_.StartEpisode(seed); }
  Result<Observation> Observe() override { return robot_.Observe(); }
  Action Clip(const Action& action) const override { return robot_.Clip(action); }
  Status Act(const Action& action) override { return robot_.Act(action); }
  GripperState gripper() const override { return robot_.gripper(); }
  Result<robot::DropTest> Finish() override { return robot_.Finish(); }
  robot::Fault fault() const override { return robot_.fault(); }
  int64_t stamp_ns() const override { return robot_.stamp_ns(); }
  std::string env() const override { return robot_.env(); }
  std::string env_config() const override { return robot_.env_config(); }
  robot::SimCounters counters() const override { return robot_.counters(); }

 private:
  robot::Robot& robot_;
};

Status NotAnAudit() {
  return Corrupt(
      "this is not what qt-label --audit SOURCE --json writes: it lacks the counts of agreement");
}

}  // namespace

Result<stats::JudgeErrors> ReadLabelErrors(const std::string& path) {
  QT_ASSIGN(const std::string text, ReadWholeFile(path, kMaxErrorsBytes));
  const Json json = json::ParseObjectOrNone(text);
  const Json agreement = json.value("agreement", Json());
  stats::JudgeErrors errors;
  uint64_t both_success = 0, both_failure = 0;
  for (const auto& [name, count] :
       {std::pair("both_success", &both_success), std::pair("both_failure", &both_failure),
        std::pair("false_success", &errors.false_successes),
        std::pair("false_failure", &errors.false_failures)}) {
    const bool is_there = agreement.is_object() && agreement.contains(name);
    if (!is_there || !agreement[name].is_number_unsigned()) return NotAnAudit().At(path);
    *count = agreement[name].get<uint64_t>();
  }
  errors.failures = both_failure + errors.false_successes;
  errors.successes = both_success + errors.false_failures;
  if (stats::CanBeCorrected(errors)) return errors;
  return Failed(
             "labels that err so often, or were compared with no success or no failure, say "
             "nothing of a rate")
      .At(path);
}

Result<label::LabelOptions> ReadJudging(const CellConfig& config) {
  label::LabelOptions judging;
  if (config.calibration.empty()) return judging;
  QT_ASSIGN(const label::Calibration calibration,
            label::ReadCalibration(config.calibration).In("--calibration"));
  calibration.ApplyTo(&judging.labellers);
  return judging;
}

RobotCell::RobotCell(const CellConfig& config, label::LabelOptions judging,
                     const std::string& client, const TaskConfig& task,
                     const std::atomic<bool>& stop)
    : driver_(config.driver), judging_(std::move(judging)), stop_(stop) {
  driver_.command = config.robot.command;
  driver_.client = client;
  driver_.task = task;
}

robot::RobotFactory RobotCell::robots() {
  return [this](const robot::RobotContext& context) -> Result<std::unique_ptr<robot::Robot>> {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<robot::Robot>& robot = robots_[context.environment];
    if (robot == nullptr) {
      const robot::RobotContext lasting{context.environment, [this] { return stop_.load(); }};
      robot = std::make_unique<robot::RemoteRobot>(driver_, lasting);
    }
    return std::unique_ptr<robot::Robot>(std::make_unique<LentRobot>(*robot));
  };
}

LabelJudge RobotCell::judge() const {
  return [this](const Episode& episode) -> Result<std::optional<Label>> {
    Result<label::LabelResult> result = label::LabelEpisode(episode, judging_);
    if (!result.ok()) {
      LogWarning(result.status().ToString() + "; it counts as a failure");
      return std::optional<Label>();
    }
    if (result->outcome == label::Outcome::kLabelled) return std::optional(result->label);
    return Failed("attempt " + std::to_string(episode.index) +
                  " cannot be judged: the driver sends neither the truth nor the pictures of a "
                  "drop test");
  };
}

}  // namespace qt::eval

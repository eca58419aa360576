// SPDX-License-Identifier: Apache-2.0
// A robot behind a driver in place of the simulator, and who judges its attempts: the driver, if it
// knows the truth, else the labels from its drop test, whose errors may be known.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/setting.h"
#include "base/status.h"
#include "eval/grasp.h"
#include "label/label_episode.h"
#include "mdp/task.h"
#include "robot/remote_robot.h"
#include "stats/judged_rate.h"

namespace qt::eval {

struct CellConfig {
  robot::RobotSpec robot;
  robot::RemoteRobotConfig driver;
  std::string calibration;   // of the labels, as qt-label --calibrate writes it
  std::string label_errors;  // as qt-label --audit --json writes them

  bool is_robot() const { return !robot.command.empty(); }
};

template <class V>
void Visit(V&& visit, CellConfig& c) {
  visit("robot", c.robot,
        {"ROBOT",
         "sim, or exec:COMMAND to try the policies on what this driver moves (formats/robot); one, "
         "unless --num-envs says more"});
  Visit(visit, c.driver);
  visit("calibration", c.calibration,
        {"FILE", "judge the pictures of --robot by what qt-label --calibrate has written"});
  visit("label_errors", c.label_errors,
        {"FILE",
         "how often labels of this robot err, as written by qt-label --audit SOURCE --json: the "
         "success is corrected by it, and the interval is as wide as that makes it"});
}

// How attempts are judged, with --calibration.
Result<label::LabelOptions> ReadJudging(const CellConfig& config);
// Reads the file of --label-errors.
Result<stats::JudgeErrors> ReadLabelErrors(const std::string& path);

// The robots of an evaluation. A driver is started once and goes on from one policy to the next.
class RobotCell {
 public:
  // `task` is told to the driver. `stop` must outlive it.
  RobotCell(const CellConfig& config, label::LabelOptions judging, const std::string& client,
            const TaskConfig& task, const std::atomic<bool>& stop);

  // Lends the robot of each environment; the cell must outlive it.
  robot::RobotFactory robots();
  LabelJudge judge() const;

 private:
  robot::RemoteRobotConfig driver_;
  const label::LabelOptions judging_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;
  std::map<int, std::unique_ptr<robot::Robot>> robots_;  // by environment
};

}  // namespace qt::eval

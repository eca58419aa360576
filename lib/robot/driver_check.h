// SPDX-License-Identifier: Apache-2.0
// Tries whether a robot driver keeps the robot protocol (formats/robot/SPEC.md): every rule that
// can be seen from outside, and what it does when it is stopped. It moves the robot: slowly, by
// small motions, inside of the driver's limits and the task's. After an answer that makes no sense,
// or a motion that ends elsewhere, nothing more is asked of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "mdp/task.h"

namespace qt::robot {

struct DriverCheckConfig {
  std::string command;  // run by sh, once for each way to end it
  std::string client;
  TaskConfig task;
  double timeout_s = 30;  // silence that counts as hung
  std::function<bool()> stopped;
};

enum class Verdict { kHolds, kFails, kNotChecked };
const char* ToString(Verdict verdict);  // "holds", "fails", "not checked"

struct CheckedRule {
  std::string_view name, text;
  Verdict verdict = Verdict::kNotChecked;
  std::string detail;  // what was seen, or why it was not checked
};

struct DriverReport {
  std::string driver;  // name and version; empty if it never said hello
  std::vector<CheckedRule> rules;

  size_t Count(Verdict verdict) const;
};

// What CheckDriver would do to the robot, for whoever stands beside it.
std::string DescribeDriverCheck(const DriverCheckConfig& config);

// A driver that breaks rules is no error. kInterrupted; kBusy if the driver cannot be ended.
Result<DriverReport> CheckDriver(const DriverCheckConfig& config);

}  // namespace qt::robot

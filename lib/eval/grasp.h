// SPDX-License-Identifier: Apache-2.0
// Attempts at grasping, judged by the robot's own truth or else by labels: single ones, each in a
// fresh bin of its own (paper section 6.1), or many at one bin, out of which goes what was grasped
// (bin emptying).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "eval/metrics.h"
#include "mdp/episode.h"
#include "rollout/collector.h"

namespace qt::eval {

// The label of an episode whose robot does not know the truth; nothing if its pictures cannot be
// used. An error ends the evaluation.
using LabelJudge = std::function<Result<std::optional<Label>>(const Episode&)>;

struct GraspConfig {
  rollout::CollectorConfig collect;  // swap_every: attempts at a bin
  // How many objects a bin holds at first, each success taking one out; what is tried in an empty
  // bin is no attempt. 0: the objects stay.
  int removed_objects = 0;
  LabelJudge judge{};  // may be empty: then the robot has to know
};

// What Q said of a greedy action, and the discounted return from that step on. NaN: there was none.
struct QMoment {
  double q = std::numeric_limits<double>::quiet_NaN();
  double value = std::numeric_limits<double>::quiet_NaN();
};

// kNobody: by nothing, since the pictures cannot be used; that is no success.
enum class JudgedBy : uint8_t { kTruth, kLabel, kNobody };
constexpr auto NamesOf(JudgedBy) { return std::array{"truth", "label", "nobody"}; }

// How one attempt went. Attempt k is made in bin k / swap_every.
struct Outcome {
  uint64_t index = 0;
  uint64_t seed = 0;  // of the episode, derived from (seed, index)
  bool success = false;
  EndReason end_reason = EndReason::kUnknown;
  std::vector<double> values;  // of eval/metrics.h
  bool disturbed = false;
  QMoment first = {}, last = {};  // greedy actions
  JudgedBy judged_by = JudgedBy::kTruth;
};
double ValueOf(const Outcome& outcome, std::string_view metric);

struct GraspResult {
  std::vector<Outcome> outcomes;  // by index
  uint64_t discarded_bins = 0;    // scenes that went unstable and were replaced
  uint64_t robot_failures = 0;    // of drivers
  double seconds = 0;
};

// Asked after every attempt, in the order of its index; true: that was the last one.
using StopTest = std::function<bool(const GraspResult&)>;

// Sees every attempt, in the order of its index, as soon as all before it are done.
using AttemptSink = std::function<Status(const Outcome&, const Episode&)>;

// Attempt k of any policy with the same seed happens in the same scene. Fails as the robot, the
// policy or the sink does, and with kInterrupted once `stop` is set; `result` holds what was done
// until then. Fails if neither the robot nor `judge` gives a verdict; a label of the latter is
// added to the episode that the sink sees. What was done is added to `result`. `is_enough`
// may be empty.
Status RunGrasp(const GraspConfig& config, const robot::RobotFactory& new_robot,
                const rollout::PolicyFactory& new_policy, const AttemptSink& sink,
                const StopTest& is_enough, const std::atomic<bool>& stop, GraspResult* result);

}  // namespace qt::eval

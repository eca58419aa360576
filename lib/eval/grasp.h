// The protocols `grasp` (paper section 6.1): single attempts, each in a fresh bin of its own; and
// `bin` (paper section 6.1, bin emptying): many attempts at one bin, out of which goes what was
// grasped. Judged by the simulator's truth.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/status.h"
#include "eval/behaviour.h"
#include "mdp/episode.h"
#include "mdp/task.h"
#include "rollout/collector.h"

namespace qt::eval {

struct GraspConfig {
  TaskConfig task;
  uint64_t num_episodes = 100;
  uint64_t first_episode = 0;  // a multiple of attempts_per_bin
  int attempts_per_bin = 1;
  // `bin`: how many objects it holds at first, each success taking one out; what is tried in an
  // empty bin is no attempt. 0: the objects stay.
  int removed_objects = 0;
  uint64_t seed = 0;
  int num_envs = 1;  // never changes the result
  std::string run_id;
  std::string tool;
};

// What Q said of a greedy action, and the discounted return from that step on. NaN: there was none.
struct QMoment {
  double q = std::numeric_limits<double>::quiet_NaN();
  double value = std::numeric_limits<double>::quiet_NaN();
};

// How one attempt went. Attempt k is made in bin k / attempts_per_bin.
struct Outcome {
  uint64_t index = 0;
  uint64_t seed = 0;  // of the episode, derived from (seed, index)
  bool success = false;
  uint64_t steps = 0;
  EndReason end_reason = EndReason::kUnknown;
  Behaviour behaviour = {};
  Truth truth = {};               // what the simulator says of it; truth.success is `success`
  QMoment first = {}, last = {};  // greedy actions
};

struct GraspResult {
  std::vector<Outcome> outcomes;  // by index
  uint64_t discarded_bins = 0;    // scenes that went unstable and were replaced
  double seconds = 0;
};

// Asked after every attempt, in the order of its index; true: that was the last one.
using StopTest = std::function<bool(const GraspResult&)>;

// Sees every attempt, in the order of its index, as soon as all before it are done.
using AttemptSink = std::function<Status(const Outcome&, const Episode&)>;

// Attempt k of any policy with the same seed happens in the same scene. Fails as the robot, the
// policy or the sink does, and with kInterrupted once `stop` is set; `result` holds what was done
// until then. Fails if the robot gives no verdict. What was done is added to `result`. `is_enough`
// may be empty.
Status RunGrasp(const GraspConfig& config, const robot::RobotFactory& new_robot,
                const rollout::PolicyFactory& new_policy, const AttemptSink& sink,
                const StopTest& is_enough, const std::atomic<bool>& stop, GraspResult* result);

}  // namespace qt::eval

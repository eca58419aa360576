// SPDX-License-Identifier: Apache-2.0
// The one interface of a robot, simulated (lib/sim) or behind a driver process (remote_robot.h).
// One object, one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::robot {

// What the drop test found (paper D.3).
struct DropTest {
  std::vector<EvidenceFrame> evidence;  // before_drop, after_drop
  std::optional<Truth> truth;           // of a simulator; a real robot has none
  std::string truth_config;             // JSON: Label.config of the truth, for audits
};

// Work done by a simulator, for summaries and benchmarks.
struct SimCounters {
  uint64_t physics_steps = 0;
  uint64_t settle_steps = 0;  // of those, for settling new bins
  uint64_t renders = 0;
};

// Whose fault the last error was. If it was the scene's or the driver's, what happened since the
// last complete episode is void, and NewBin makes the robot usable again.
enum class Fault {
  kNone,    // a policy's, the caller's, or one that lasts
  kScene,   // it went unstable, or its driver asks to discard it: another bin helps
  kDriver,  // the driver has failed; NewBin starts it anew and bounds how often
};

class Robot {
 public:
  virtual ~Robot() = default;
  // A new bin from `seed`. Afterwards, if ok, fault() is kNone.
  virtual Status NewBin(uint64_t seed) = 0;
  // The stamp that the next StartEpisode begins with, where time is simulated.
  virtual void SetClock(int64_t start_stamp_ns) = 0;
  // Prepares the next episode of the bin: the gripper goes home, open.
  virtual Status StartEpisode(uint64_t seed) = 0;
  virtual Result<Observation> Observe() = 0;  // with a stamp: see stamp_ns()
  // The part of an already clipped action that this robot does in one step; it is what is recorded.
  virtual Action Clip(const Action& action) const { return action; }
  // Blocking: returns when the motion has ended.
  virtual Status Act(const Action& action) = 0;
  // What a person did in the last Act instead of the action; nullopt if nobody took over.
  virtual std::optional<Action> intervention() const { return std::nullopt; }
  virtual GripperState gripper() const = 0;
  // Ends the episode: judges what is held, and drops it back into the bin.
  virtual Result<DropTest> Finish() = 0;

  virtual Fault fault() const = 0;
  virtual int64_t stamp_ns() const = 0;        // of the last observation or evidence frame
  virtual std::string env() const = 0;         // "mujoco/2.2.2"
  virtual std::string env_config() const = 0;  // JSON, of the episode that Finish has ended
  virtual SimCounters counters() const { return {}; }
  virtual std::string driver() const { return ""; }  // its name and version, if there is one
};

// Where a robot is used.
struct RobotContext {
  int environment = 0;            // of several, from 0
  std::function<bool()> stopped;  // whether whatever takes long should end early
};

// Called in the thread that will use the robot.
using RobotFactory = std::function<Result<std::unique_ptr<Robot>>(const RobotContext&)>;

}  // namespace qt::robot

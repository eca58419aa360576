// What the rollout needs of a robot, simulated or real. One object, one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::rollout {

// What the drop test found (paper D.3).
struct DropTest {
  std::vector<EvidenceFrame> evidence;  // before_drop, after_drop
  std::optional<bool> truth;            // the simulator's own verdict; a real robot has none
  std::string truth_config;             // JSON: what was held (object size, ...), for audits
};

class Robot {
 public:
  virtual ~Robot() = default;
  // Prepares the next episode of the bin: the gripper goes home, open.
  virtual Status StartEpisode(uint64_t seed) = 0;
  virtual Result<Observation> Observe() = 0;  // with a stamp: see stamp_ns()
  // As much of a clipped action as this robot does in one step: what is recorded and acted upon.
  virtual Action Clip(const Action& action) const { return action; }
  // Blocking: returns when the motion has ended.
  virtual Status Act(const Action& action) = 0;
  virtual GripperState gripper() const = 0;
  // Ends the episode: judges what is held, and drops it back into the bin.
  virtual Result<DropTest> Finish() = 0;
  virtual int64_t stamp_ns() const = 0;        // of the last observation or evidence frame
  virtual std::string env() const = 0;         // "mujoco/2.2.2"
  virtual std::string env_config() const = 0;  // JSON, of the episode that Finish has ended
};

}  // namespace qt::rollout

// SPDX-License-Identifier: Apache-2.0
// The simulated cell of qt-bin/1 as a robot (paper App. C: the simulator stands where the arm
// would): a bin with objects, a parallel gripper and a camera, in MuJoCo, rendered through EGL
// without a display. One SimRobot belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/geometry.h"
#include "robot/robot.h"
#include "sim/scene_config.h"

namespace qt::sim {

// Poses of the objects, for tests that may cheat. Never given to a policy.
struct ObjectTruth {
  Pose X_WO;
  std::string family;
  bool graspable = false;       // as it lies now: a top-down grasp reaches it (truth_grasp.h)
  double neck_width_m = 0;      // width to grasp; this and the rest only if graspable
  Vec3 neck_p_O_m = {0, 0, 0};  // where
  double neck_yaw_O_rad = 0;    // yaw along which the pads close, relative to O's heading
  // The same grasp in W: where the finger tips go, and the gripper's yaw (its x axis closes).
  Vec3 grasp_p_W_m = {0, 0, 0};
  double grasp_yaw_W_rad = 0;
  double grasp_score = 0;  // to compare grasps of one bin; larger is better
};

class SimRobot : public robot::Robot {
 public:
  // Fails if EGL or MuJoCo cannot be set up; says what is missing.
  static Result<std::unique_ptr<SimRobot>> Create(const SceneConfig& config);

  // NewBin draws objects, colours, light and camera from `seed` and lets them settle; it fails with
  // kFailed and Fault::kScene if the scene goes unstable (the caller counts it and takes the next
  // seed). StartEpisode needs a bin. Finish gives the truth, and without SceneConfig::drop_test no
  // evidence. env_config() is the configuration, what was drawn for the episode, and what happened
  // in it; complete once Finish has returned.

  virtual double time_s() const = 0;  // simulated, monotonic over the life of the robot
  virtual uint64_t num_returned_objects() const = 0;  // had left the bin, were put back
  virtual std::vector<ObjectTruth> objects() const = 0;
};

// A factory of simulated robots.
robot::RobotFactory SimRobotFactory(const SceneConfig& config);

const char* MujocoVersion();

}  // namespace qt::sim

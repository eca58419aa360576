// SPDX-License-Identifier: Apache-2.0
// Moves the arm of a Cell: Cartesian impedance at the finger tips, with the stiffness and force
// limits of the floating wrist, while the joints follow the differential inverse kinematics of the
// commanded pose in what that leaves free.
#pragma once

#include <mujoco/mujoco.h>

#include "sim/arm.h"

namespace qt::sim {

// The arm's joints come first in the model, and so do their motors.
class ArmControl {
 public:
  // Puts the arm at rest at the pose or its equal half a turn away. REQUIRES: the arm reaches it.
  void Teleport(const Vec3& p_m, double yaw_rad, mjData* data);
  // Where the tips shall be now, and how fast they shall move.
  void Command(const Vec3& p_m, double yaw_rad, const Vec3& velocity_mps, double turn_radps);
  void Step(const mjModel* model, mjData* data);

  // The same yaw, or, where a joint's limit forbids it, one that is half a turn away.
  double ReachableYaw(const Vec3& p_m, double yaw_rad) const;

  const Vec3& p_m() const { return at_.X_WG.p_m; }
  double yaw_rad() const { return yaw_rad_; }  // not wrapped
  const Vec3& velocity_mps() const { return velocity_mps_; }
  double turn_radps() const { return turn_radps_.back(); }
  const ArmJoints& reference() const { return reference_; }

 private:
  void Measure(const mjData* data);
  ArmJoints Torques(const mjModel* model, mjData* data) const;

  Pose command_;
  Vec3 commanded_mps_ = {0, 0, 0};
  double commanded_radps_ = 0;
  ArmJoints reference_{};  // solves the inverse kinematics of command_

  ArmJoints q_{}, v_{};
  ArmKinematics at_;
  double yaw_rad_ = 0;
  Vec3 velocity_mps_ = {0, 0, 0}, turn_radps_ = {0, 0, 0};
};

}  // namespace qt::sim

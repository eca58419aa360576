// SPDX-License-Identifier: Apache-2.0
// The arm of `--arm iiwa`: seven joints with the KUKA LBR iiwa 14's published lengths and limits,
// its kinematics in closed form, differential inverse kinematics, and its MJCF text. Knows no
// state: arm_control.h moves it. Internal to lib/sim.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "mdp/geometry.h"

namespace qt::sim {

inline constexpr size_t kArmJoints = 7;
using ArmJoints = std::array<double, kArmJoints>;  // rad; all zero: straight up

// Lengths of the kinematic chain, and what the flange carries. G, the gripper's frame, lies between
// the finger tips; its z axis points back at the flange.
inline constexpr double kBaseToShoulder_m = 0.34, kShoulderToElbow_m = 0.40;
inline constexpr double kElbowToWrist_m = 0.40, kWristToFlange_m = 0.126;
inline constexpr double kFlangeToTips_m = 0.197;
// +-170, 120, 170, 120, 170, 120 and 175 degrees.
inline constexpr ArmJoints kArmLimits_rad = {
    2.9670597283903604, 2.0943951023931953, 2.9670597283903604, 2.0943951023931953,
    2.9670597283903604, 2.0943951023931953, 3.0543261909900763};

// Pose of the base in the world: on the near side of the bin, to the left, so that the camera looks
// over the arm's right shoulder.
Pose ArmBase();

// Rows of the Jacobian: linear velocity of the tips, then angular velocity, both in W.
using ArmJacobian = std::array<std::array<double, kArmJoints>, 6>;
struct ArmKinematics {
  Pose X_WF;  // of the flange, z out of it
  Pose X_WG;
  ArmJacobian J;
};
ArmKinematics Forward(const ArmJoints& q);

// The rotation that turns `from` into `to`, as axis times angle in W (rad).
Vec3 RotationBetween(const Quaternion& from, const Quaternion& to);
// Rotation of the gripper in the world when it points straight down.
Quaternion DownwardTool(double yaw_rad);
// Heading of G's x axis, in (-pi, pi].
double YawOf(const Pose& X_WG);

// One step of damped least squares from q towards X_WG: at most 0.2 rad a joint, never beyond the
// limits. What the task leaves free (one dimension) turns joints 3 and 5 towards zero, which keeps
// the elbow above the line from shoulder to wrist.
ArmJoints StepTowards(const ArmJoints& q, const Pose& X_WG);
// Null if q does not lead there (0.2 mm, 1 mrad) within the limits.
std::optional<ArmJoints> SolveFrom(const ArmJoints& q, const Pose& X_WG);
// Starts from the posture that suits the place, whatever the arm did before. The gripper is the
// same after half a turn: of the two equal yaws the one nearer to the middle of joint 7 is taken.
std::optional<ArmJoints> Solve(const Vec3& p_WG_m, double yaw_rad);

// The part of the joint velocities v that does not move the gripper.
ArmJoints WithoutMotion(const ArmJacobian& J, const ArmJoints& v);

// Bodies from the base to the flange, up to where the gripper's body begins, and what closes them.
// Joints "arm1" to "arm7". Drawn, but meets nothing.
std::string ArmXml();
std::string ArmEndXml();
// Torque motors of the seven joints.
std::string ArmActuatorsXml();

}  // namespace qt::sim

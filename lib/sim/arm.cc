// SPDX-License-Identifier: Apache-2.0
// Kinematics of a serial chain whose axes alternate between z and y.
#include "sim/arm.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <locale>
#include <numbers>
#include <sstream>

#include "objects/shape.h"

namespace qt::sim {
namespace {

using std::numbers::pi;
constexpr double kDamping = 0.01;  // of the least squares, m and rad alike
constexpr double kPosture = 0.2;   // share of the way towards the posture in one step
constexpr double kLargestStep_rad = 0.2;
constexpr double kLimitMargin_rad = 0.02;

// A joint and the body that it turns. Masses and rotor inertias are a tenth of the real arm's: the
// tips then feel as light as the floating gripper's, which is what the real arm's controller makes
// of its torque sensors.
struct Link {
  Vec3 axis;
  double up_m;      // from the joint before, with all joints at zero
  double length_m;  // of the link, along z
  double radius_m, mass_kg, rotor_kgm2, torque_nm;
};
constexpr std::array<Link, kArmJoints> kLinks = {{
    {{0, 0, 1}, 0, kBaseToShoulder_m, 0.075, 0.30, 0.04, 176},
    {{0, 1, 0}, kBaseToShoulder_m, 0, 0.080, 0.20, 0.04, 176},
    {{0, 0, 1}, 0, kShoulderToElbow_m, 0.065, 0.25, 0.02, 110},
    {{0, -1, 0}, kShoulderToElbow_m, 0, 0.070, 0.15, 0.02, 110},
    {{0, 0, 1}, 0, kElbowToWrist_m, 0.055, 0.20, 0.005, 110},
    {{0, 1, 0}, kElbowToWrist_m, 0, 0.055, 0.10, 0.005, 40},
    {{0, 0, 1}, 0, kWristToFlange_m, 0.035, 0.08, 0.001, 40},
}};

const Quaternion kFlangeToTool = {0, 0, 1, 0};  // half a turn about y

// Solves (J J' + damping) x = b.
std::array<double, 6> SolveDamped(const ArmJacobian& J, std::array<double, 6> b, double damping) {
  mjtNum A[36], x[6];
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) {
      A[6 * i + j] = mju_dot(J[i].data(), J[j].data(), kArmJoints) + (i == j ? damping : 0);
    }
  }
  mju_cholFactor(A, 6, 1e-12);
  mju_cholSolve(x, A, b.data(), 6);
  std::copy_n(x, 6, b.begin());
  return b;
}

ArmJoints TransposeTimes(const ArmJacobian& J, const std::array<double, 6>& x) {
  ArmJoints v{};
  for (size_t row = 0; row < 6; ++row) {
    for (size_t i = 0; i < kArmJoints; ++i) v[i] += J[row][i] * x[row];
  }
  return v;
}

std::array<double, 6> Times(const ArmJacobian& J, const ArmJoints& v) {
  std::array<double, 6> x;
  for (size_t row = 0; row < 6; ++row) x[row] = mju_dot(J[row].data(), v.data(), kArmJoints);
  return x;
}

std::array<double, 6> ErrorTo(const Pose& X_WG, const Pose& target) {
  const Vec3 p = target.p_m - X_WG.p_m, r = RotationBetween(X_WG.q, target.q);
  return {p[0], p[1], p[2], r[0], r[1], r[2]};
}

ArmJoints StepFrom(const ArmJoints& q, const ArmKinematics& at, const Pose& target) {
  const ArmJoints way =
      TransposeTimes(at.J, SolveDamped(at.J, ErrorTo(at.X_WG, target), kDamping * kDamping));
  const ArmJoints posture =
      WithoutMotion(at.J, {0, 0, -kPosture * q[2], 0, -kPosture * q[4], 0, 0});
  ArmJoints next;
  for (size_t i = 0; i < kArmJoints; ++i) {
    const double step = std::clamp(way[i] + posture[i], -kLargestStep_rad, kLargestStep_rad);
    const double limit = kArmLimits_rad[i] - kLimitMargin_rad;
    next[i] = std::clamp(q[i] + step, -limit, limit);
  }
  return next;
}

}  // namespace

Pose ArmBase() {
  constexpr double kX_m = -0.45, kY_m = -0.36, kPedestal_m = 0.10;
  return {{kX_m, kY_m, kPedestal_m}, objects::AxisAngle({0, 0, 1}, std::atan2(-kY_m, -kX_m))};
}

ArmKinematics Forward(const ArmJoints& q) {
  std::array<Vec3, kArmJoints> axes, origins;
  Pose X = ArmBase();
  for (size_t i = 0; i < kArmJoints; ++i) {
    X = objects::Compose(X, {{0, 0, kLinks[i].up_m}, objects::AxisAngle(kLinks[i].axis, q[i])});
    axes[i] = Rotate(ToMatrix(X.q), kLinks[i].axis);
    origins[i] = X.p_m;
  }
  ArmKinematics at;
  at.X_WF = objects::Compose(X, {{0, 0, kWristToFlange_m}, {}});
  at.X_WG = objects::Compose(at.X_WF, {{0, 0, kFlangeToTips_m}, kFlangeToTool});
  for (size_t i = 0; i < kArmJoints; ++i) {
    const Vec3 linear = Cross(axes[i], at.X_WG.p_m - origins[i]);
    for (size_t row = 0; row < 3; ++row) {
      at.J[row][i] = linear[row];
      at.J[row + 3][i] = axes[i][row];
    }
  }
  return at;
}

Vec3 RotationBetween(const Quaternion& from, const Quaternion& to) {
  const Quaternion turn = objects::Multiply(to, {from.w, -from.x, -from.y, -from.z});
  const Vec3 v = {turn.x, turn.y, turn.z};
  const double sine = Norm(v);
  if (sine < 1e-12) return {0, 0, 0};
  // The shorter way round.
  const double angle_rad = 2 * std::atan2(sine, std::abs(turn.w));
  return ((turn.w < 0 ? -1 : 1) * angle_rad / sine) * v;
}

Quaternion DownwardTool(double yaw_rad) { return objects::AxisAngle({0, 0, 1}, yaw_rad); }

double YawOf(const Pose& X_WG) {
  const Mat3 R = ToMatrix(X_WG.q);
  return std::atan2(R[1][0], R[0][0]);
}

ArmJoints StepTowards(const ArmJoints& q, const Pose& X_WG) {
  return StepFrom(q, Forward(q), X_WG);
}

std::optional<ArmJoints> SolveFrom(const ArmJoints& start, const Pose& X_WG) {
  constexpr int kAtMost = 120;
  ArmJoints q = start;
  for (int i = 0; i < kAtMost; ++i) {
    const ArmKinematics at = Forward(q);
    const auto e = ErrorTo(at.X_WG, X_WG);
    if (Norm({e[0], e[1], e[2]}) < 2e-4 && Norm({e[3], e[4], e[5]}) < 1e-3) return q;
    q = StepFrom(q, at, X_WG);
  }
  return std::nullopt;
}

std::optional<ArmJoints> Solve(const Vec3& p_WG_m, double yaw_rad) {
  const Pose base = ArmBase();
  const Vec3 from_base_m = RotateBack(ToMatrix(base.q), p_WG_m - base.p_m);
  const double azimuth_rad = std::atan2(from_base_m[1], from_base_m[0]);
  const double heading_rad = YawOf(base) + azimuth_rad;  // of the tool while joint 7 is at zero
  const double turn_rad = std::remainder(heading_rad - yaw_rad, pi);
  const ArmJoints start = {azimuth_rad, pi / 6, 0, -pi / 2, 0, pi / 3, turn_rad};
  return SolveFrom(start, {p_WG_m, DownwardTool(heading_rad - turn_rad)});
}

ArmJoints WithoutMotion(const ArmJacobian& J, const ArmJoints& v) {
  const ArmJoints moving = TransposeTimes(J, SolveDamped(J, Times(J, v), 1e-9));
  ArmJoints rest;
  for (size_t i = 0; i < kArmJoints; ++i) rest[i] = v[i] - moving[i];
  return rest;
}

namespace {

// White links and grey joints, as flat in colour as the floor: no object looks like them.
void WriteLink(std::ostream& out, size_t i) {
  const Link& link = kLinks[i];
  out << "<body name=\"link" << i + 1 << "\" pos=\"0 0 " << link.up_m << "\">\n<joint name=\"arm"
      << i + 1 << "\" type=\"hinge\" axis=\"" << link.axis[0] << ' ' << link.axis[1] << ' '
      << link.axis[2] << "\" armature=\"" << link.rotor_kgm2 << "\" range=\"" << -kArmLimits_rad[i]
      << ' ' << kArmLimits_rad[i] << "\" limited=\"true\"/>\n";
  if (link.length_m > 0) {
    out << "<geom class=\"arm\" type=\"cylinder\" size=\"" << link.radius_m
        << "\" fromto=\"0 0 0 0 0 " << link.length_m << "\" mass=\"" << link.mass_kg << "\"/>\n";
  } else {
    out << "<geom class=\"arm\" type=\"sphere\" size=\"" << link.radius_m << "\" mass=\""
        << link.mass_kg << "\" rgba=\"0.45 0.45 0.45 1\"/>\n";
  }
}

}  // namespace

std::string ArmXml() {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(9);
  const Pose base = ArmBase();
  out << "<body name=\"arm\" pos=\"" << base.p_m[0] << ' ' << base.p_m[1] << ' ' << base.p_m[2]
      << "\" quat=\"" << base.q.w << ' ' << base.q.x << ' ' << base.q.y << ' ' << base.q.z
      << "\">\n<geom class=\"arm\" type=\"cylinder\" size=\"0.1\" fromto=\"0 0 " << -base.p_m[2]
      << " 0 0 0\" mass=\"0\" rgba=\"0.3 0.3 0.3 1\"/>\n";
  for (size_t i = 0; i < kArmJoints; ++i) WriteLink(out, i);
  out << "<body name=\"gripper\" pos=\"0 0 " << kWristToFlange_m + kFlangeToTips_m << "\" quat=\""
      << kFlangeToTool.w << ' ' << kFlangeToTool.x << ' ' << kFlangeToTool.y << ' '
      << kFlangeToTool.z << "\">\n";
  return out.str();
}

std::string ArmEndXml() {
  std::string end;  // of the links and the base
  for (size_t i = 0; i < kArmJoints + 1; ++i) end += "</body>";
  return end + "\n";
}

std::string ArmActuatorsXml() {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  for (size_t i = 0; i < kArmJoints; ++i) {
    out << "<motor joint=\"arm" << i + 1 << "\" ctrllimited=\"true\" ctrlrange=\""
        << -kLinks[i].torque_nm << ' ' << kLinks[i].torque_nm << "\"/>\n";
  }
  return out.str();
}

}  // namespace qt::sim

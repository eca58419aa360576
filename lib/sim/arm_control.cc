// SPDX-License-Identifier: Apache-2.0
// The control law and its gains.
#include "sim/arm_control.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/check.h"

namespace qt::sim {
namespace {

// x, y, z; then the axes of a turn. Those of the slides and the yaw are the floating wrist's; the
// damping is greater, as the tips carry the arm's inertia too.
constexpr std::array<double, 6> kStiffness = {1500, 1500, 1500, 100, 100, 10};
constexpr std::array<double, 6> kWrenchDamping = {75, 75, 75, 5, 5, 0.25};
constexpr std::array<double, 6> kMost = {25, 25, 40, 25, 25, 2};  // N, N m
constexpr double kPosture_1ps2 = 100, kPostureDamping_1ps = 20;

}  // namespace

void ArmControl::Teleport(const Vec3& p_m, double yaw_rad, mjData* data) {
  const std::optional<ArmJoints> q = Solve(p_m, yaw_rad);
  QT_CHECK(q.has_value(), "out of the arm's reach", p_m[0], p_m[1], p_m[2], yaw_rad);
  std::copy(q->begin(), q->end(), data->qpos);
  mju_zero(data->qvel, kArmJoints);
  reference_ = *q;
  yaw_rad_ = YawOf(Forward(*q).X_WG);
  Measure(data);
  Command(p_m, yaw_rad_, {0, 0, 0}, 0);
}

void ArmControl::Command(const Vec3& p_m, double yaw_rad, const Vec3& velocity_mps,
                         double turn_radps) {
  command_ = {p_m, DownwardTool(yaw_rad)};
  commanded_mps_ = velocity_mps;
  commanded_radps_ = turn_radps;
}

double ArmControl::ReachableYaw(const Vec3& p_m, double yaw_rad) const {
  if (SolveFrom(reference_, {p_m, DownwardTool(yaw_rad)})) return yaw_rad;
  const double other_rad = yaw_rad + (yaw_rad > yaw_rad_ ? -1 : 1) * std::numbers::pi;
  return SolveFrom(reference_, {p_m, DownwardTool(other_rad)}) ? other_rad : yaw_rad;
}

void ArmControl::Measure(const mjData* data) {
  std::copy_n(data->qpos, kArmJoints, q_.begin());
  std::copy_n(data->qvel, kArmJoints, v_.begin());
  at_ = Forward(q_);
  yaw_rad_ += WrapAngle(YawOf(at_.X_WG) - yaw_rad_);
  for (size_t row = 0; row < 3; ++row) {
    velocity_mps_[row] = mju_dot(at_.J[row].data(), v_.data(), kArmJoints);
    turn_radps_[row] = mju_dot(at_.J[row + 3].data(), v_.data(), kArmJoints);
  }
}

// J' (clamped spring + damper) + weight and Coriolis forces + M (posture without motion of G).
ArmJoints ArmControl::Torques(const mjModel* model, mjData* data) const {
  const Vec3 way = command_.p_m - at_.X_WG.p_m, turn = RotationBetween(at_.X_WG.q, command_.q);
  const Vec3 slip = commanded_mps_ - velocity_mps_;
  const Vec3 spin = Vec3{0, 0, commanded_radps_} - turn_radps_;
  std::array<double, 6> wrench;
  for (size_t i = 0; i < 6; ++i) {
    const double e = i < 3 ? way[i] : turn[i - 3], de = i < 3 ? slip[i] : spin[i - 3];
    wrench[i] = std::clamp(kStiffness[i] * e, -kMost[i], kMost[i]) + kWrenchDamping[i] * de;
  }
  ArmJoints posture;
  for (size_t i = 0; i < kArmJoints; ++i) {
    posture[i] = kPosture_1ps2 * (reference_[i] - q_[i]) - kPostureDamping_1ps * v_[i];
  }
  const ArmJoints rest = WithoutMotion(at_.J, posture);
  std::vector<mjtNum> acceleration(size_t(model->nv)), force(size_t(model->nv));
  std::copy(rest.begin(), rest.end(), acceleration.begin());
  mj_mulM(model, data, force.data(), acceleration.data());
  ArmJoints torques;
  for (size_t i = 0; i < kArmJoints; ++i) {
    torques[i] = force[i] + data->qfrc_bias[i];
    for (size_t row = 0; row < 6; ++row) torques[i] += at_.J[row][i] * wrench[row];
  }
  return torques;
}

void ArmControl::Step(const mjModel* model, mjData* data) {
  reference_ = StepTowards(reference_, command_);
  mj_step1(model, data);
  Measure(data);
  const ArmJoints torques = Torques(model, data);
  std::copy(torques.begin(), torques.end(), data->ctrl);
  mj_step2(model, data);
  Measure(data);
}

}  // namespace qt::sim

// SPDX-License-Identifier: Apache-2.0
#include "qnet/aligned_query.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace qt::qnet {
namespace {

constexpr double kOpening_m = 0.085;
constexpr double kGridHeight_m = 0.015;  // where grasps happen: just above the floor
constexpr double kAlong_m[5] = {-0.042, -0.021, 0, 0.021, 0.042};  // pads, half way, centre
constexpr double kAcross_m[3] = {-0.018, 0, 0.018};

// A camera prepared for many projections.
class Projector {
 public:
  explicit Projector(const CameraModel& camera) : camera_(camera), R_WC_(ToMatrix(camera.X_WC.q)) {}

  void Project(const Vec3& p_W_m, bool mirror, float* pixel) const {
    const Vec3 p_C = RotateBack(R_WC_, p_W_m - camera_.X_WC.p_m);
    const double depth_m = std::max(p_C[2], 1e-3);
    const double u_px = camera_.cx_px + camera_.fx_px * p_C[0] / depth_m;
    pixel[0] = static_cast<float>(mirror ? camera_.width_px - 1 - u_px : u_px);
    pixel[1] = static_cast<float>(camera_.cy_px + camera_.fy_px * p_C[1] / depth_m);
  }

 private:
  const CameraModel& camera_;
  Mat3 R_WC_;
};

void FillPoints(const CameraModel& camera, const GripperTarget& target, Symmetry symmetry,
                std::array<float, kNumPoints * 2>& pixels_K2) {
  const Projector projector(camera);
  // Mirroring the world reverses the order of the points along the closing axis; half a turn
  // reverses both axes.
  const double along_sign = symmetry.mirror != symmetry.half_turn ? -1 : 1;
  const double across_sign = symmetry.half_turn ? -1 : 1;
  const double c = std::cos(target.yaw_rad), s = std::sin(target.yaw_rad);
  float* pixel = pixels_K2.data();
  const auto add = [&](double along_m, double across_m, double z_m) {
    along_m *= along_sign;
    across_m *= across_sign;
    projector.Project(
        {target.x_m + along_m * c - across_m * s, target.y_m + along_m * s + across_m * c, z_m},
        symmetry.mirror, pixel);
    pixel += 2;
  };
  for (double along_m : {0.0, -kOpening_m / 2, kOpening_m / 2}) add(along_m, 0, target.height_m);
  for (double across_m : kAcross_m) {
    for (double along_m : kAlong_m) add(along_m, across_m, kGridHeight_m);
  }
}

void FillScalars(const ObservedState& observation, const Action& action,
                 const GripperTarget& target, const TaskConfig& task, StateInput state_input,
                 bool mirror, std::array<float, kNumScalars>& out) {
  const GripperState& gripper = observation.gripper;
  const double sign = mirror ? -1 : 1;  // of everything that points along x or turns about z
  const double reach_m = task.workspace_xy_m;
  const double top_m = task.max_height_m;
  const bool full = state_input == StateInput::kFull;
  const bool paper = full || state_input == StateInput::kPaper;
  const double scalars[kNumScalars] = {
      // State: the paper's two numbers, then the rest of the proprioception.
      paper ? gripper.opening : 0.0, paper ? gripper.height_m / top_m : 0.0,
      full ? sign * gripper.x_m / reach_m : 0.0, full ? gripper.y_m / reach_m : 0.0,
      full ? sign * std::sin(2.0 * gripper.yaw_rad) : 0.0,
      full ? std::cos(2.0 * gripper.yaw_rad) : 0.0,
      full ? gripper.measured_opening_m / kOpening_m : 0.0,
      full ? static_cast<double>(observation.step) / task.max_steps : 0.0,
      full ? observation.fruitless : 0.0,
      // Action: the displacement, the turn (a gripper is the same after half a turn), the flags.
      sign * action.dx_m / task.max_dxy_m, action.dy_m / task.max_dxy_m,
      action.dz_m / task.max_dz_m, sign * std::sin(2.0 * action.dyaw_rad()),
      std::cos(2.0 * action.dyaw_rad()), action.open, action.close, action.terminate,
      // The pose it leads to.
      full ? sign * target.x_m / reach_m : 0.0, full ? target.y_m / reach_m : 0.0,
      paper ? target.height_m / top_m : 0.0, full ? std::cos(2.0 * target.yaw_rad) : 0.0};
  for (int i = 0; i < kNumScalars; ++i) out[i] = static_cast<float>(scalars[i]);
}

}  // namespace

std::array<float, kNumPoints * 2> MakePoints(const ObservedState& observation, const Action& action,
                                             const TaskConfig& task, Symmetry symmetry) {
  const CameraModel& camera = observation.camera;
  QT_CHECK(camera.valid(), camera.width_px, camera.height_px, camera.fx_px);
  std::array<float, kNumPoints * 2> pixels_K2;
  FillPoints(camera, TargetOf(observation.gripper, action, task), symmetry, pixels_K2);
  return pixels_K2;
}

std::array<float, kNumScalars> MakeScalars(const ObservedState& observation, const Action& action,
                                           const TaskConfig& task, StateInput state_input,
                                           bool mirror) {
  std::array<float, kNumScalars> scalars_S;
  FillScalars(observation, action, TargetOf(observation.gripper, action, task), task, state_input,
              mirror, scalars_S);
  return scalars_S;
}

}  // namespace qt::qnet

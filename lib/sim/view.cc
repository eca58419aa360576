// SPDX-License-Identifier: Apache-2.0
// Fits the fixed cameras to the bin and the gripper's reach.
#include "sim/view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "objects/shape.h"

namespace qt::sim {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kMargin = 1.03;  // room around what must be seen
// How far beside the middle of the finger tips must still be seen: one finger at least.
constexpr double kTipMargin_m = 0.02;

struct Placement {
  double tilt_rad;    // of the optical axis off the vertical
  double distance_m;  // from the camera to the middle of the bin
};

std::vector<Vec3> MustSee(const TaskConfig& task) {
  std::vector<Vec3> points;
  const double reach = task.workspace_xy_m + kTipMargin_m;
  for (const double sx : {-1.0, 1.0}) {
    for (const double sy : {-1.0, 1.0}) {
      points.push_back({sx * kBinHalf_m, sy * kBinHalf_m, 0});
      points.push_back({sx * reach, sy * reach, task.max_height_m});
    }
  }
  return points;
}

// Looks towards +y and down, x of the image along +x of the world: the bin's plane of symmetry
// x = 0 is the image's.
Quaternion LookRotation(double tilt_rad) {
  const double s = std::sin(tilt_rad), c = std::cos(tilt_rad);
  // Columns: right (1,0,0), down (0,-c,-s), forward (0,s,-c).
  return FromMatrix({{{1, 0, 0}, {0, -c, s}, {0, -s, -c}}});
}

struct Box2 {
  double u_low = 1e9, u_high = -1e9, v_low = 1e9, v_high = -1e9;
};
Box2 Bounds(const CameraModel& camera, const std::vector<Vec3>& points) {
  Box2 box;
  for (const Vec3& point : points) {
    const Pixel pixel = camera.Project(point);
    box.u_low = std::min(box.u_low, pixel.u_px);
    box.u_high = std::max(box.u_high, pixel.u_px);
    box.v_low = std::min(box.v_low, pixel.v_px);
    box.v_high = std::max(box.v_high, pixel.v_px);
  }
  return box;
}

// Slides the camera along the bin until what must be seen is centred, then sets the focal length.
CameraModel CameraFrom(const Placement& placement, const TaskConfig& task, const ImageSize& size) {
  const double s = std::sin(placement.tilt_rad), c = std::cos(placement.tilt_rad);
  const std::vector<Vec3> points = MustSee(task);
  CameraModel camera{size.width_px, size.height_px, 1, 1, 0, 0, {}};
  camera.X_WC.q = LookRotation(placement.tilt_rad);
  camera.X_WC.p_m = {0, -placement.distance_m * s, placement.distance_m * c};
  for (int i = 0; i < 20; ++i) {
    const Box2 box = Bounds(camera, points);
    camera.X_WC.p_m[1] -= 0.5 * (box.v_low + box.v_high) * placement.distance_m / std::max(c, 0.5);
  }
  const Box2 box = Bounds(camera, points);
  const double focal_px = std::min(size.width_px / (box.u_high - box.u_low),
                                   size.height_px / (box.v_high - box.v_low)) /
                          kMargin;
  camera.fx_px = camera.fy_px = focal_px;
  camera.cx_px = 0.5 * (size.width_px - 1);
  camera.cy_px = 0.5 * (size.height_px - 1);
  return camera;
}

// Beside the palm, looking down between the fingers: the tips are in the middle of the frame.
CameraModel OnGripper(int width_px, int height_px) {
  constexpr double kBack_m = 0.075, kUp_m = 0.13, kAhead_m = 0.005, kHalfView = 40 * kDegree;
  CameraModel camera{width_px, height_px, 0, 0, 0.5 * (width_px - 1), 0.5 * (height_px - 1), {}};
  camera.fx_px = camera.fy_px = 0.5 * std::min(width_px, height_px) / std::tan(kHalfView);
  camera.X_WC.q = LookRotation(std::atan2(kBack_m + kAhead_m, kUp_m));
  camera.X_WC.p_m = {0, -kBack_m, kUp_m};
  return camera;
}

View Fixed(const CameraModel& camera, const Vec3& park_p_m) {
  return {camera, false, camera, OnGripper(camera.width_px, camera.height_px), park_p_m};
}

}  // namespace

View FitView(Camera camera, const TaskConfig& task, const ImageSize& size) {
  const View shoulder = Fixed(CameraFrom({36 * kDegree, 0.95}, task, size), {0, 0.12, 0.42});
  switch (camera) {
    case Camera::kShoulder:
      break;
    case Camera::kTop:
      return Fixed(CameraFrom({0, 0.95}, task, size), {0, 0.36, 0.42});
    case Camera::kWrist:
      return {shoulder.gripper_camera, true, shoulder.camera, shoulder.gripper_camera,
              shoulder.park_p_m};
  }
  return shoulder;
}

namespace {

// Up to 1 cm along each axis and 1 degree about it; `draw(most)` is in [-most, most].
template <typename Draw>
CameraModel Moved(const CameraModel& camera, double scale, const Draw& draw) {
  CameraModel moved = camera;
  for (double& coordinate : moved.X_WC.p_m) coordinate += scale * draw(0.01);
  for (int axis = 0; axis < 3; ++axis) {
    Vec3 direction = {0, 0, 0};
    direction[axis] = 1;
    const double angle_rad = scale * draw(kDegree);
    moved.X_WC.q = objects::Multiply(moved.X_WC.q, objects::AxisAngle(direction, angle_rad));
  }
  return moved;
}

}  // namespace

CameraModel Jitter(const CameraModel& camera, double scale, RandomStream& rng) {
  return Moved(camera, scale, [&](double most) { return rng.Uniform(-most, most); });
}

CameraModel Bump(const CameraModel& camera, double scale, RandomStream& rng) {
  return Moved(camera, scale, [&](double most) {
    const double size = rng.Uniform(0.4, 1) * most;
    return rng.Chance(0.5) ? size : -size;
  });
}

}  // namespace qt::sim

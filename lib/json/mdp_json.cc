// SPDX-License-Identifier: Apache-2.0
#include "json/mdp_json.h"

#include <algorithm>
#include <cmath>

#include "json/json.h"
#include "json/settings.h"

namespace qt::json {
namespace {

constexpr double kMaxFocal_px = 1e6;

}  // namespace

Json ToJson(const TaskConfig& task) { return Write(task); }

Result<TaskConfig> TaskFromJson(const Json& json) {
  TaskConfig task;
  QT_TRY(Read(json, &task));
  return task;
}

GripperState ReadGripper(const Fields& fields) {
  const auto length = [&fields](const char* key) {
    return static_cast<float>(fields.Number(key, -kMaxLength_m, kMaxLength_m));
  };
  GripperState gripper;
  gripper.opening = static_cast<float>(fields.Number("opening", 0, 1));
  gripper.height_m = length("height_m");
  gripper.x_m = length("x_m");
  gripper.y_m = length("y_m");
  gripper.yaw_rad = static_cast<float>(fields.Number("yaw_rad", -100, 100));
  gripper.measured_opening_m = length("measured_opening_m");
  return gripper;
}

Json ToJson(const GripperState& gripper) {
  return {{"opening", gripper.opening}, {"height_m", gripper.height_m},
          {"x_m", gripper.x_m},         {"y_m", gripper.y_m},
          {"yaw_rad", gripper.yaw_rad}, {"measured_opening_m", gripper.measured_opening_m}};
}

Action ReadAction(const Fields& fields) {
  const auto numbers = fields.Numbers<kActionNumbers>("action", -kMaxLength_m, kMaxLength_m);
  ActionNumbers action;
  std::transform(numbers.begin(), numbers.end(), action.begin(),
                 [](double number) { return static_cast<float>(number); });
  return Action::FromArray(action);
}

CameraModel ReadCamera(const Fields& fields) {
  CameraModel camera;
  camera.width_px = fields.Integer("width_px", 1, kMaxCameraSide_px);
  camera.height_px = fields.Integer("height_px", 1, kMaxCameraSide_px);
  camera.fx_px = fields.Number("fx_px", 1e-3, kMaxFocal_px);
  camera.fy_px = fields.Number("fy_px", 1e-3, kMaxFocal_px);
  camera.cx_px = fields.Number("cx_px", -kMaxFocal_px, kMaxFocal_px);
  camera.cy_px = fields.Number("cy_px", -kMaxFocal_px, kMaxFocal_px);
  camera.X_WC.p_m = fields.Numbers<3>("p_WC_m", -kMaxLength_m, kMaxLength_m);
  const auto q = fields.Numbers<4>("q_WC_wxyz", -1.01, 1.01);
  camera.X_WC.q = {q[0], q[1], q[2], q[3]};
  const double norm = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (std::abs(norm - 1) > 1e-3) fields.Fail("q_WC_wxyz", "must be a unit quaternion, w first");
  return camera;
}

Json ToJson(const CameraModel& camera) {
  const Quaternion& q = camera.X_WC.q;
  return {{"width_px", camera.width_px}, {"height_px", camera.height_px},
          {"fx_px", camera.fx_px},       {"fy_px", camera.fy_px},
          {"cx_px", camera.cx_px},       {"cy_px", camera.cy_px},
          {"p_WC_m", camera.X_WC.p_m},   {"q_WC_wxyz", {q.w, q.x, q.y, q.z}}};
}

}  // namespace qt::json

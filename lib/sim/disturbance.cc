// SPDX-License-Identifier: Apache-2.0
// What can happen to a grasp that is under way.
#include "sim/disturbance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "sim/placing.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

// What kAny draws from.
constexpr std::array kKinds = {Disturbance::kKnock, Disturbance::kMove, Disturbance::kLight,
                               Disturbance::kCamera, Disturbance::kHeavy};
constexpr double kLiftedHeight_m = 0.06;  // of the tips: what is held by then is off the floor
constexpr double kPalmReach_m = 0.07;     // of the gripper about its axis

// The object that the closed gripper carries, or -1.
int FindCarried(const Cell& cell) {
  int found = -1;
  double nearest_m = 0.08;
  for (size_t k = 0; k < cell.num_objects(); ++k) {
    const double distance_m = Norm(cell.object_com_m(k) - cell.pose().p_m);
    if (distance_m >= nearest_m || !cell.TouchesGripper(k)) continue;
    nearest_m = distance_m;
    found = int(k);
  }
  return found;
}

size_t NearestObject(const Cell& cell, const Vec3& p_m) {
  const auto distance_m = [&](size_t k) {
    const Vec3 com_m = cell.object_com_m(k);
    return std::hypot(com_m[0] - p_m[0], com_m[1] - p_m[1]);
  };
  size_t best = 0;
  for (size_t k = 1; k < cell.num_objects(); ++k) {
    if (distance_m(k) < distance_m(best)) best = k;
  }
  return best;
}

// A hand could put a ball of this radius there without touching the gripper.
bool IsClearOfGripper(const Cell& cell, const Vec3& p_m, double radius_m) {
  const Vec3 tips_m = cell.pose().p_m;
  const double side_m = std::hypot(p_m[0] - tips_m[0], p_m[1] - tips_m[1]);
  return side_m > radius_m + kPalmReach_m || p_m[2] + radius_m < tips_m[2] - 0.005;
}

double Sign(RandomStream& rng) { return rng.Chance(0.5) ? 1.0 : -1.0; }

LightChange DrawLightChange(RandomStream& rng) {
  LightChange change;
  const double gain = 1 + Sign(rng) * rng.Uniform(0.25, 0.5);
  for (double& channel : change.gain_rgb) channel = gain * rng.Uniform(0.9, 1.1);
  change.shift = {Sign(rng) * rng.Uniform(0.2, 0.6), Sign(rng) * rng.Uniform(0.2, 0.6), 0};
  return change;
}

}  // namespace

void Disturber::StartEpisode(uint64_t seed, Cell& cell) {
  record_ = nullptr;
  if (wanted_ == Disturbance::kNone) return;
  cell.SetLight({});
  cell.SetMassFactor(1);
  rng_ = RandomStream(seed, "sim.disturbance");
  const Disturbance drawn = kKinds[rng_.Below(kKinds.size())];
  kind_ = wanted_ == Disturbance::kAny ? drawn : wanted_;
  step_ = uint32_t(rng_.Below(2));
  done_ = false;
  record_ = {{"kind", EnumName(kind_)}, {"applied", false}};
  if (kind_ != Disturbance::kHeavy) return;
  const double factor = rng_.Uniform(2, 4);
  cell.SetMassFactor(factor);
  record_["mass_factor"] = factor;
  Note(0);
}

void Disturber::Note(uint32_t step) {
  done_ = true;
  record_["applied"] = true;
  record_["step"] = step;
}

Status Disturber::BeforeAction(uint32_t step, const Action& action, const TaskConfig& task,
                               Cell& cell, CameraModel& camera) {
  if (record_.is_null() || done_ || step < step_) return Ok();
  if (kind_ == Disturbance::kLight) {
    const LightChange change = DrawLightChange(rng_);
    cell.SetLight(change);
    record_["gain_rgb"] = change.gain_rgb;
    Note(step);
  } else if (kind_ == Disturbance::kCamera) {
    const CameraModel before = camera;
    camera = Bump(camera, 1, rng_);
    record_["moved_m"] = Norm(camera.X_WC.p_m - before.X_WC.p_m);
    Note(step);
  } else if (kind_ == Disturbance::kMove && cell.commanded_open() &&
             action.Kind() == ActionKind::kMove) {
    const GripperTarget target = TargetOf(cell.gripper(), action, task);
    QT_TRY(MoveObject({target.x_m, target.y_m, target.height_m}, cell));
    if (record_.contains("object")) Note(step);
  }
  return Ok();
}

// The object nearest to where the gripper is being sent is put down a few centimetres away.
Status Disturber::MoveObject(const Vec3& towards_m, Cell& cell) {
  const size_t k = NearestObject(cell, towards_m);
  const double radius_m = BoundingRadius_m(cell.scene().objects[k]);
  const Pose before = cell.object_pose(k);
  const std::vector<bool> placed(cell.num_objects(), true);
  const double reach_m = kBinHalf_m - 0.03;
  for (int i = 0; i < 40; ++i) {
    const double angle_rad = rng_.Uniform(-std::numbers::pi, std::numbers::pi);
    const double way_m = rng_.Uniform(0.04, 0.08), turn_rad = rng_.Uniform(-1.5, 1.5);
    Vec3 p_m = before.p_m + way_m * Vec3{std::cos(angle_rad), std::sin(angle_rad), 0};
    if (std::max(std::abs(p_m[0]), std::abs(p_m[1])) > reach_m) continue;
    p_m[2] = FreeHeight_m(cell, k, p_m[0], p_m[1], placed);
    if (!IsClearOfGripper(cell, p_m, radius_m)) continue;
    cell.PlaceObject(k,
                     {p_m, objects::Multiply(objects::AxisAngle({0, 0, 1}, turn_rad), before.q)});
    record_["object"] = k;
    record_["moved_m"] = way_m;
    return cell.Step(100);
  }
  return Ok();  // no room: nothing happened, and the record says so
}

Status Disturber::AfterAction(uint32_t step, Cell& cell) {
  if (record_.is_null() || done_ || kind_ != Disturbance::kKnock || cell.commanded_open())
    return Ok();
  if (cell.measured_opening_m() < kEmptyOpening_m) return Ok();
  if (cell.pose().p_m[2] < kLiftedHeight_m) return Ok();
  const int carried = FindCarried(cell);
  if (carried < 0) return Ok();
  Note(step);
  record_["object"] = carried;
  return KnockOut(size_t(carried), cell);
}

// A blow forces the pads apart and pushes the object aside, along them and towards the middle of
// the bin. It falls, and the pads, still commanded to close, come together again.
Status Disturber::KnockOut(size_t k, Cell& cell) {
  constexpr double kAside_mps2 = 2;
  const GripperPose gripper = cell.pose();
  Vec3 side = {-std::sin(gripper.yaw_rad), std::cos(gripper.yaw_rad), 0};
  if (Dot(side, gripper.p_m) > 0) side = -1.0 * side;
  cell.PushObject(k, kAside_mps2 * cell.scene().objects[k].mass_kg * side);
  const Status status = cell.SetFingers(true);
  cell.PushObject(k, {0, 0, 0});
  QT_TRY(status);
  return cell.SetFingers(false);
}

}  // namespace qt::sim

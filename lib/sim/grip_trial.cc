// SPDX-License-Identifier: Apache-2.0
// The trial drives a Cell directly; there is no camera and no episode in it.
#include "sim/grip_trial.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"
#include "sim/cell.h"
#include "sim/families.h"
#include "sim/scene.h"
#include "sim/truth_grasp.h"

namespace qt::sim {
namespace {

using std::numbers::pi;

// The grasped width is along O's x axis and at most 70 mm; the object lies on the floor.
struct Lying {
  objects::ObjectSpec object;
  Pose X_WO;
};

Lying DrawLying(objects::PrimitiveKind kind, RandomStream& rng) {
  const auto half_m = [&](double high_mm) { return 1e-3 * rng.Uniform(12, high_mm); };
  objects::Primitive part{kind, {half_m(35), half_m(35), half_m(35)}, {}, 0};
  const bool round =
      kind == objects::PrimitiveKind::kCapsule || kind == objects::PrimitiveKind::kCylinder;
  Lying lying;
  if (round) {  // on its side, its axis along y
    part.size_m = {half_m(25), half_m(35), 0};
    part.X_OP.q = objects::AxisAngle({1, 0, 0}, pi / 2);
  }
  lying.object.family = "trial";
  lying.object.primitives = {part};
  lying.object.colours_rgb = {{0.8, 0.2, 0.2}, {0.2, 0.2, 0.8}};
  const double density = rng.Uniform(150, 500);
  lying.object.mass_kg = std::clamp(density * Volume_m3(part), kMinMass_kg, kMaxMass_kg);
  lying.X_WO = {{0, 0, ExtentsOf(lying.object).high_m[2] + 1e-4}, {}};
  return lying;
}

// Closes where the gripper is, lifts, waits, shakes.
Result<GripTrial> Lift(Cell& cell, const GripperPose& at) {
  QT_TRY(cell.SetFingers(false));
  GripTrial trial;
  trial.grasped = cell.measured_opening_m() > kEmptyOpening_m && cell.TouchesGripper(0);
  Motion lift;
  lift.speed_mps = 0.25;
  QT_TRY(cell.MoveTo({at.p_m + Vec3{0, 0, 0.25}, at.yaw_rad}, lift));
  const double before_m = cell.object_com_m(0)[2] - cell.pose().p_m[2];
  QT_TRY(cell.Step(100));
  const double after_m = cell.object_com_m(0)[2] - cell.pose().p_m[2];
  for (int i = 0; i < 3; ++i) QT_TRY(cell.Shake(0.03, 0.5));
  QT_TRY(cell.Step(50));
  trial.held = cell.object_com_m(0)[2] > 0.15 && cell.TouchesGripper(0);
  trial.creep_mps = std::abs(after_m - before_m) / (100 * kTimestep_s);
  trial.mj_steps = double(cell.num_steps());
  return trial;
}

Status DropOnFloor(Cell& cell, RandomStream& rng) {
  cell.Teleport({{0, 0, 0.4}, 0});
  const Quaternion q =
      objects::Multiply(objects::AxisAngle({0, 0, 1}, rng.Uniform(-pi, pi)),
                        objects::AxisAngle({1, rng.Uniform(-1, 1), 0}, rng.Uniform(-pi, pi)));
  cell.PlaceObject(0, {{0, 0, BoundingRadius_m(cell.scene().objects[0]) + 0.003}, q});
  for (int i = 0; i < 30 && (i < 5 || cell.object_speed_mps(0) > 0.01); ++i) {
    QT_TRY(cell.Step(20));
  }
  return Ok();
}

}  // namespace

Result<GripTrial> RunGripTrial(objects::PrimitiveKind kind, uint64_t seed, uint64_t index) {
  RandomStream rng(seed, "sim.grip_trial", index);
  const Lying lying = DrawLying(kind, rng);
  const double off_m = rng.Uniform(-0.006, 0.006), tilt_rad = rng.Uniform(-0.1, 0.1);
  QT_ASSIGN(auto cell, Cell::Create({{lying.object}, {}}, {0, 0, 0.3}));
  cell->PlaceObject(0, lying.X_WO);
  const double height_m = std::max(lying.X_WO.p_m[2] - 0.015, 0.008);
  cell->Teleport({{0, off_m, height_m}, tilt_rad});
  QT_TRY(cell->Step(50));
  return Lift(*cell, {{0, off_m, height_m}, tilt_rad});
}

Result<GripTrial> RunGripTrial(const objects::ObjectSpec& object, uint64_t seed, uint64_t index) {
  RandomStream rng(seed, "sim.grip_trial.object", index);
  const double off_m = rng.Uniform(-0.006, 0.006), tilt_rad = rng.Uniform(-0.1, 0.1);
  QT_ASSIGN(auto cell, Cell::Create({{object}, {}}, {0, 0, 0.4}));
  for (int i = 0; i < 5; ++i) {
    QT_TRY(DropOnFloor(*cell, rng));
    const auto grasp = FindTruthGrasp({object}, {cell->object_pose(0)}, 0, TaskConfig{});
    if (!grasp) continue;
    const Vec3 across = {-std::sin(grasp->yaw_rad), std::cos(grasp->yaw_rad), 0};
    GripperPose at = {grasp->p_W_m + off_m * across, grasp->yaw_rad + tilt_rad};
    cell->Teleport({at.p_m + Vec3{0, 0, 0.13}, at.yaw_rad});
    QT_TRY(cell->MoveTo(at, Motion{}));
    return Lift(*cell, at);
  }
  return GripTrial{};
}

}  // namespace qt::sim

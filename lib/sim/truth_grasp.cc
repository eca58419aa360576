// SPDX-License-Identifier: Apache-2.0
// Samples closing directions through every primitive and rejects those whose fingers would hit
// something on the way down, by boxes aligned with the gripper (conservative).
#include "sim/truth_grasp.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/scene.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

constexpr int kNumYaws = 24;
constexpr double kClearance_m = 0.002;
constexpr double kMaxGrasp_m = 0.070;
constexpr double kLeastHold_m = 0.004;  // of the pads' height on the object
constexpr size_t kMaxTargets = 12;      // parts of one object that grasps are aimed at, the largest

struct Part {
  objects::Primitive primitive;
  Pose X_WP;
  size_t object;
};

// Extent of a part along the gripper's axes: closing, across, up.
struct Slab {
  Vec3 low_m, high_m;
};

Slab SlabOf(const Part& part, const Vec3& closing, const Vec3& across) {
  const Mat3 R_WP = ToMatrix(part.X_WP.q);
  const Vec3 axes[3] = {closing, across, {0, 0, 1}};
  Slab slab;
  for (int i = 0; i < 3; ++i) {
    const double middle = Dot(axes[i], part.X_WP.p_m);
    const double reach = Support(part.primitive, RotateBack(R_WP, axes[i]));
    slab.low_m[i] = middle - reach;
    slab.high_m[i] = middle + reach;
  }
  return slab;
}

bool InsideBin(const Vec3& tips, const Vec3& closing) {
  const double out = kOpening_m / 2 + kPadDepth_m;
  for (const double side : {-1.0, 1.0}) {
    const Vec3 finger = tips + (side * out) * closing;
    const double room = kBinHalf_m - 0.004 + 0.6 * std::min(tips[2], kWallHeight_m);
    if (tips[2] < kWallHeight_m && std::max(std::abs(finger[0]), std::abs(finger[1])) > room) {
      return false;
    }
  }
  return true;
}

// Closing on what lies in the swath of the pads; rejects fingers that come down on something.
std::optional<TruthGrasp> TryGrasp(const std::vector<Part>& parts, const Part& target, double yaw,
                                   const TaskConfig& task) {
  const Vec3 closing = {std::cos(yaw), std::sin(yaw), 0}, across = {-closing[1], closing[0], 0};
  const Slab own = SlabOf(target, closing, across);
  Vec3 tips = target.X_WP.p_m;
  tips[2] = std::clamp(own.low_m[2] + 0.003, task.min_height_m,
                       std::max(own.high_m[2] - 0.012, task.min_height_m));
  if (std::max(std::abs(tips[0]), std::abs(tips[1])) > task.workspace_xy_m) return std::nullopt;
  if (!InsideBin(tips, closing)) return std::nullopt;
  const double middle = Dot(closing, tips), side = Dot(across, tips);
  double low = own.low_m[0], high = own.high_m[0];
  bool mixed = false;
  for (const Part& part : parts) {
    const Slab slab = SlabOf(part, closing, across);
    if (slab.high_m[2] < tips[2] || slab.low_m[1] > side + kPadWidth_m / 2 + kClearance_m ||
        slab.high_m[1] < side - kPadWidth_m / 2 - kClearance_m) {
      continue;
    }
    for (const double sign : {-1.0, 1.0}) {
      const double inner = middle + sign * (kOpening_m / 2 - kClearance_m);
      const double outer = middle + sign * (kOpening_m / 2 + kPadDepth_m + kClearance_m);
      if (slab.high_m[0] > std::min(inner, outer) && slab.low_m[0] < std::max(inner, outer)) {
        return std::nullopt;
      }
    }
    const bool between = std::abs(0.5 * (slab.low_m[0] + slab.high_m[0]) - middle) < kOpening_m / 2;
    if (!between || slab.low_m[2] > tips[2] + kPadHeight_m) continue;
    mixed |= part.object != target.object;
    low = std::min(low, slab.low_m[0]);
    high = std::max(high, slab.high_m[0]);
  }
  const double width = high - low, hold = own.high_m[2] - tips[2];
  if (width > kMaxGrasp_m || hold < kLeastHold_m) return std::nullopt;
  // Narrow, high enough between the pads, central, and of one object.
  const double off_centre = std::abs(0.5 * (low + high) - middle);
  const double score = -width + 2 * std::min(hold, 0.015) - off_centre - (mixed ? 0.05 : 0);
  return TruthGrasp{tips, yaw, width, score};
}

std::vector<Part> LargestOf(const std::vector<Part>& parts, size_t k) {
  std::vector<Part> own;
  for (const Part& part : parts) {
    if (part.object == k) own.push_back(part);
  }
  if (own.size() <= kMaxTargets) return own;
  std::stable_sort(own.begin(), own.end(), [](const Part& a, const Part& b) {
    return Volume_m3(a.primitive) > Volume_m3(b.primitive);
  });
  own.resize(kMaxTargets);
  return own;
}

}  // namespace

std::optional<TruthGrasp> FindTruthGrasp(const std::vector<objects::ObjectSpec>& objects,
                                         const std::vector<Pose>& X_WO, size_t k,
                                         const TaskConfig& task) {
  std::vector<Part> parts;
  for (size_t i = 0; i < objects.size(); ++i) {
    for (const objects::Primitive& primitive : objects[i].primitives) {
      parts.push_back({primitive, objects::Compose(X_WO[i], primitive.X_OP), i});
    }
  }
  std::optional<TruthGrasp> best;
  for (const Part& part : LargestOf(parts, k)) {
    for (int i = 0; i < kNumYaws; ++i) {
      auto grasp = TryGrasp(parts, part, std::numbers::pi * i / kNumYaws, task);
      // Prefer the middle of the object: less torque on the pads.
      if (!grasp) continue;
      const Vec3 arm = grasp->p_W_m - X_WO[k].p_m;
      grasp->score -= 0.5 * std::hypot(arm[0], arm[1]);
      if (!best || grasp->score > best->score) best = grasp;
    }
  }
  return best;
}

double LeastHeight_m() { return TaskConfig{}.min_height_m + kLeastHold_m; }

Graspability GraspabilityOf(const objects::ObjectSpec& object) {
  constexpr double kQuarter = std::numbers::pi / 2;
  constexpr double kSlender = 4;  // as high as that many times its foot is wide it falls over
  struct Lying {
    Quaternion q;
    double low_m, height_m, foot_m;
  };
  std::vector<Lying> sides;
  for (const Quaternion& q :
       {Quaternion{}, objects::AxisAngle({1, 0, 0}, kQuarter),
        objects::AxisAngle({0, 1, 0}, kQuarter), objects::AxisAngle({1, 0, 0}, -kQuarter),
        objects::AxisAngle({0, 1, 0}, -kQuarter), Quaternion{0, 1, 0, 0}}) {
    objects::ObjectSpec turned = object;
    for (objects::Primitive& part : turned.primitives)
      part.X_OP = objects::Compose({{0, 0, 0}, q}, part.X_OP);
    const objects::Extents extents = ExtentsOf(turned);
    const Vec3 size_m = extents.size_m();
    sides.push_back({q, extents.low_m[2], size_m[2], std::min(size_m[0], size_m[1])});
  }
  double highest_m = 0;
  for (const Lying& side : sides) {
    if (side.height_m > kSlender * side.foot_m) continue;
    highest_m = std::max(highest_m, side.height_m);
    if (FindTruthGrasp({object}, {{{0, 0, -side.low_m}, side.q}}, 0, TaskConfig{})) {
      return Graspability::kGraspable;
    }
  }
  return highest_m < LeastHeight_m() ? Graspability::kTooLow : Graspability::kTooWide;
}

}  // namespace qt::sim

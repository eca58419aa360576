// SPDX-License-Identifier: Apache-2.0
// Free places by bounding balls.
#include "sim/placing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "sim/view.h"

namespace qt::sim {
namespace {

constexpr double kOutside_m = kBinHalf_m + 0.02;

Quaternion AnyRotation(RandomStream& rng) {
  // Shoemake's uniform quaternion.
  constexpr double kPi = std::numbers::pi;
  const double u = rng.Uniform(), a = 2 * kPi * rng.Uniform(), b = 2 * kPi * rng.Uniform();
  const double s = std::sqrt(1 - u), c = std::sqrt(u);
  return {s * std::sin(a), s * std::cos(a), c * std::sin(b), c * std::cos(b)};
}

}  // namespace

double FreeHeight_m(const Cell& cell, size_t k, double x_m, double y_m,
                    const std::vector<bool>& placed) {
  const std::vector<objects::ObjectSpec>& specs = cell.scene().objects;
  const double radius_m = BoundingRadius_m(specs[k]);
  double height_m = radius_m + 0.003;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (i == k || !placed[i]) continue;
    const Vec3 p_m = cell.object_pose(i).p_m;
    const double reach_m = radius_m + BoundingRadius_m(specs[i]) + 0.002;
    const double side_m = std::hypot(p_m[0] - x_m, p_m[1] - y_m);
    if (side_m >= reach_m) continue;
    height_m = std::max(height_m, p_m[2] + std::sqrt(reach_m * reach_m - side_m * side_m));
  }
  return height_m;
}

void DropIn(Cell& cell, size_t k, const std::vector<bool>& placed, RandomStream& rng) {
  const double radius_m = BoundingRadius_m(cell.scene().objects[k]);
  const double reach_m = kBinHalf_m - std::clamp(radius_m, 0.03, 0.05);
  Vec3 best = {0, 0, std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 8; ++i) {
    const double x_m = rng.Uniform(-reach_m, reach_m), y_m = rng.Uniform(-reach_m, reach_m);
    const double height_m = FreeHeight_m(cell, k, x_m, y_m, placed);
    if (height_m < best[2]) best = {x_m, y_m, height_m};
  }
  cell.PlaceObject(k, {best, AnyRotation(rng)});
}

bool IsOutside(const Cell& cell, size_t k) {
  const Vec3 com_m = cell.object_com_m(k);
  return std::abs(com_m[0]) > kOutside_m || std::abs(com_m[1]) > kOutside_m || com_m[2] < -0.01;
}

}  // namespace qt::sim

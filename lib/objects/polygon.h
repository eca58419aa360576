// SPDX-License-Identifier: Apache-2.0
// Cuts polygons of any number of corners into triangles.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "mdp/geometry.h"

namespace qt::objects {

// Work is bounded, of one polygon and of all that one cutter is given: convex ones cost linear
// time, others grow with the square of their corners and more.
class PolygonCutter {
 public:
  // Appends the triangles of the polygon, whose corners are indices of `vertices`. Fails if it has
  // too many corners, or if all of them together are too intricate.
  Status Cut(const std::vector<Vec3>& vertices, const std::vector<uint32_t>& polygon,
             std::vector<std::array<uint32_t, 3>>* triangles);

 private:
  using Point2 = std::array<double, 2>;
  bool IsConvex() const;
  Status CutEars(std::vector<std::array<uint32_t, 3>>* triangles);

  std::vector<Point2> points_;     // the polygon in its own plane, anticlockwise
  std::vector<uint32_t> corners_;  // in the same order
  uint64_t tests_ = 0;
};

}  // namespace qt::objects

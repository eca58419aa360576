// SPDX-License-Identifier: Apache-2.0
// Ear clipping in the plane of the polygon; a fan where it is convex. (Assimp 5.2 cuts an L along a
// diagonal that leaves it, because a corner lies on the diagonal, and takes n^3 tests.)
#include "objects/polygon.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace qt::objects {
namespace {

constexpr size_t kMaxHollowCorners = 1'000;  // of a polygon that is not convex
constexpr uint64_t kMaxTests = 200'000'000;  // of a corner against a triangle: about a second

using Point2 = std::array<double, 2>;

// Twice the area of the triangle, positive if it turns anticlockwise.
double Turn(const Point2& a, const Point2& b, const Point2& c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

bool Within(const Point2& p, const Point2& a, const Point2& b, const Point2& c) {
  return Turn(a, b, p) >= 0 && Turn(b, c, p) >= 0 && Turn(c, a, p) >= 0;
}

// The polygon's normal, by Newell's method; its length is twice the area.
Vec3 NormalOf(const std::vector<Vec3>& vertices, const std::vector<uint32_t>& polygon) {
  Vec3 normal = {0, 0, 0};
  const Vec3& origin = vertices[polygon[0]];
  for (size_t i = 1; i + 1 < polygon.size(); ++i) {
    normal = normal + Cross(vertices[polygon[i]] - origin, vertices[polygon[i + 1]] - origin);
  }
  return normal;
}

}  // namespace

bool PolygonCutter::IsConvex() const {
  const size_t n = points_.size();
  double area = 0;  // twice
  for (size_t i = 1; i + 1 < n; ++i) area += Turn(points_[0], points_[i], points_[i + 1]);
  const double rounding = 1e-8 * std::abs(area);
  double turns = 0;  // of the direction, in all
  for (size_t i = 0; i < n; ++i) {
    const Point2 &a = points_[i], &b = points_[(i + 1) % n], &c = points_[(i + 2) % n];
    if (Turn(a, b, c) < -rounding) return false;
    turns +=
        std::atan2(Turn(a, b, c), (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]));
  }
  return turns < 7;  // once around: 2 pi
}

Status PolygonCutter::CutEars(std::vector<std::array<uint32_t, 3>>* triangles) {
  size_t at = 0, misses = 0;
  while (corners_.size() > 3) {
    const size_t n = corners_.size();
    at %= n;
    const size_t next = (at + 1) % n, after = (at + 2) % n;
    const Point2 &a = points_[at], &b = points_[next], &c = points_[after];
    bool ear = Turn(a, b, c) > 0;
    for (size_t i = 0; ear && i < n; ++i) {
      if (i == at || i == next || i == after) continue;
      ear = !Within(points_[i], a, b, c) || points_[i] == a || points_[i] == c;
    }
    tests_ += n;
    if (tests_ > kMaxTests) return Failed("its faces are too intricate");
    if (!ear && ++misses <= n) {  // after a whole round without an ear it crosses itself: cut on
      ++at;
      continue;
    }
    misses = 0;
    triangles->push_back({corners_[at], corners_[next], corners_[after]});
    corners_.erase(corners_.begin() + std::ptrdiff_t(next));
    points_.erase(points_.begin() + std::ptrdiff_t(next));
  }
  triangles->push_back({corners_[0], corners_[1], corners_[2]});
  return Ok();
}

Status PolygonCutter::Cut(const std::vector<Vec3>& vertices, const std::vector<uint32_t>& polygon,
                          std::vector<std::array<uint32_t, 3>>* triangles) {
  if (polygon.size() == 3) {
    triangles->push_back({polygon[0], polygon[1], polygon[2]});
    return Ok();
  }
  const Vec3 normal = NormalOf(vertices, polygon);
  // Seen along the axis that the normal is nearest to.
  size_t along = 0;
  for (size_t axis = 1; axis < 3; ++axis) {
    if (std::abs(normal[axis]) > std::abs(normal[along])) along = axis;
  }
  const size_t u = (along + 1) % 3, v = (along + 2) % 3;
  corners_ = polygon;
  if (normal[along] < 0) std::reverse(corners_.begin(), corners_.end());
  points_.clear();
  for (const uint32_t corner : corners_) {
    points_.push_back({vertices[corner][u], vertices[corner][v]});
  }
  if (IsConvex()) {
    for (size_t i = 1; i + 1 < polygon.size(); ++i) {
      triangles->push_back({polygon[0], polygon[i], polygon[i + 1]});
    }
    return Ok();
  }
  if (polygon.size() > kMaxHollowCorners) {
    return Failed("a face of " + std::to_string(polygon.size()) +
                  " corners that is not convex; at most " + std::to_string(kMaxHollowCorners) +
                  " can be cut into triangles");
  }
  const size_t first = triangles->size();
  QT_TRY(CutEars(triangles));
  if (normal[along] < 0) {  // back to the file's direction
    for (size_t i = first; i < triangles->size(); ++i) {
      std::swap((*triangles)[i][1], (*triangles)[i][2]);
    }
  }
  return Ok();
}

}  // namespace qt::objects

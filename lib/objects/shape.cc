// SPDX-License-Identifier: Apache-2.0
// Geometry of convex primitives: support functions, volumes, extents.
#include "objects/shape.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace qt::objects {

const char* ToMjcf(PrimitiveKind kind) {
  switch (kind) {
    case PrimitiveKind::kBox:
      return "box";
    case PrimitiveKind::kCylinder:
      return "cylinder";
    case PrimitiveKind::kCapsule:
      return "capsule";
    case PrimitiveKind::kEllipsoid:
      return "ellipsoid";
    case PrimitiveKind::kSphere:
      return "sphere";
  }
  return "box";
}

Quaternion AxisAngle(const Vec3& axis, double angle_rad) {
  const double s = std::sin(angle_rad / 2) / Norm(axis);
  return {std::cos(angle_rad / 2), s * axis[0], s * axis[1], s * axis[2]};
}

Quaternion FromZ(const Vec3& direction) {
  const Vec3 d = (1 / Norm(direction)) * direction;
  const Vec3 axis = Cross({0, 0, 1}, d);
  if (Norm(axis) < 1e-9) return d[2] > 0 ? Quaternion{} : Quaternion{0, 1, 0, 0};
  return AxisAngle(axis, std::atan2(Norm(axis), d[2]));
}

Quaternion Multiply(const Quaternion& a, const Quaternion& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

Pose Compose(const Pose& X_AB, const Pose& X_BC) {
  return {X_AB.p_m + Rotate(ToMatrix(X_AB.q), X_BC.p_m), Multiply(X_AB.q, X_BC.q)};
}

double Support(const Primitive& primitive, const Vec3& d_P) {
  const Vec3& s = primitive.size_m;
  const double planar = std::hypot(d_P[0], d_P[1]);
  switch (primitive.kind) {
    case PrimitiveKind::kBox:
      return std::abs(d_P[0]) * s[0] + std::abs(d_P[1]) * s[1] + std::abs(d_P[2]) * s[2];
    case PrimitiveKind::kCylinder:
      return planar * s[0] + std::abs(d_P[2]) * s[1];
    case PrimitiveKind::kCapsule:
      return s[0] + std::abs(d_P[2]) * s[1];
    case PrimitiveKind::kEllipsoid:
      return Norm({d_P[0] * s[0], d_P[1] * s[1], d_P[2] * s[2]});
    case PrimitiveKind::kSphere:
      return s[0];
  }
  return 0;
}

double Volume_m3(const Primitive& primitive) {
  const Vec3& s = primitive.size_m;
  constexpr double kPi = std::numbers::pi;
  const double ball = 4.0 / 3.0 * kPi;
  switch (primitive.kind) {
    case PrimitiveKind::kBox:
      return 8 * s[0] * s[1] * s[2];
    case PrimitiveKind::kCylinder:
      return 2 * kPi * s[0] * s[0] * s[1];
    case PrimitiveKind::kCapsule:
      return 2 * kPi * s[0] * s[0] * s[1] + ball * s[0] * s[0] * s[0];
    case PrimitiveKind::kEllipsoid:
      return ball * s[0] * s[1] * s[2];
    case PrimitiveKind::kSphere:
      return ball * s[0] * s[0] * s[0];
  }
  return 0;
}

double SmallestWidth_m(const Primitive& primitive) {
  const Vec3& s = primitive.size_m;
  switch (primitive.kind) {
    case PrimitiveKind::kBox:
    case PrimitiveKind::kEllipsoid:
      return 2 * std::min({s[0], s[1], s[2]});
    case PrimitiveKind::kCylinder:
      return 2 * std::min(s[0], s[1]);
    case PrimitiveKind::kCapsule:
    case PrimitiveKind::kSphere:
      return 2 * s[0];
  }
  return 0;
}

Extents ExtentsOf(const ObjectSpec& object) {
  if (object.primitives.empty()) return {{0, 0, 0}, {0, 0, 0}};
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Extents extents{{kFar, kFar, kFar}, {-kFar, -kFar, -kFar}};
  for (const Primitive& primitive : object.primitives) {
    const Mat3 R_OP = ToMatrix(primitive.X_OP.q);
    for (int axis = 0; axis < 3; ++axis) {
      const double reach = Support(primitive, R_OP[axis]);
      const double centre = primitive.X_OP.p_m[axis];
      extents.low_m[axis] = std::min(extents.low_m[axis], centre - reach);
      extents.high_m[axis] = std::max(extents.high_m[axis], centre + reach);
    }
  }
  return extents;
}

double BoundingRadius_m(const ObjectSpec& object) {
  double radius_m = 0;
  for (const Primitive& primitive : object.primitives) {
    const Vec3& s = primitive.size_m;
    double own = 0;
    if (primitive.kind == PrimitiveKind::kBox) own = Norm(s);
    if (primitive.kind == PrimitiveKind::kCylinder) own = std::hypot(s[0], s[1]);
    if (primitive.kind == PrimitiveKind::kCapsule) own = s[0] + s[1];
    if (primitive.kind == PrimitiveKind::kEllipsoid) own = std::max({s[0], s[1], s[2]});
    if (primitive.kind == PrimitiveKind::kSphere) own = s[0];
    radius_m = std::max(radius_m, Norm(primitive.X_OP.p_m) + own);
  }
  return radius_m;
}

void Recentre(ObjectSpec& object) {
  Vec3 moment = {0, 0, 0};
  double volume = 0;
  for (const Primitive& primitive : object.primitives) {
    moment = moment + Volume_m3(primitive) * primitive.X_OP.p_m;
    volume += Volume_m3(primitive);
  }
  for (Primitive& primitive : object.primitives) {
    primitive.X_OP.p_m = primitive.X_OP.p_m - (1 / volume) * moment;
  }
}

void Scale(ObjectSpec& object, double factor) {
  for (Primitive& primitive : object.primitives) {
    primitive.size_m = factor * primitive.size_m;
    primitive.X_OP.p_m = factor * primitive.X_OP.p_m;
  }
  if (!object.inertia_per_kg) return;
  for (Vec3& row : *object.inertia_per_kg) row = factor * factor * row;
}

}  // namespace qt::objects

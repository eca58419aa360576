// SPDX-License-Identifier: Apache-2.0
// Shapes of objects: unions of convex primitives, with the little geometry that placing, judging
// and truth-grasping need. Internal to lib/sim; knows nothing of MuJoCo.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "mdp/geometry.h"

namespace qt::objects {

enum class PrimitiveKind { kBox, kCylinder, kCapsule, kEllipsoid, kSphere };

const char* ToMjcf(PrimitiveKind kind);

// MuJoCo's sizes: box and ellipsoid three half sizes; cylinder and capsule radius and half length
// of the straight part (along z of the primitive's frame P); sphere radius.
struct Primitive {
  PrimitiveKind kind = PrimitiveKind::kBox;
  Vec3 size_m = {0, 0, 0};
  Pose X_OP;
  int colour = 0;  // index into the colours of its object
};

// An object may have any number of primitives, but only so many of them, the first, meet other
// objects and the walls; all of them meet the gripper and the floor. (Between two objects every
// pair of primitives is looked at.)
inline constexpr size_t kMostCoarse = 12;

struct ObjectSpec {
  std::string family;
  std::vector<Primitive> primitives;
  std::vector<Vec3> colours_rgb;  // 0..1
  double mass_kg = 0.1;
  double friction = 0.9;
  // Inertia about O, which is the centre of mass then, of 1 kg (m^2). Without it the primitives
  // have it, of equal density and overlaps counted twice.
  std::optional<Mat3> inertia_per_kg;
};

Quaternion AxisAngle(const Vec3& axis, double angle_rad);
// The rotation that turns +z into `direction`.
Quaternion FromZ(const Vec3& direction);
// The rotation b, then a.
Quaternion Multiply(const Quaternion& a, const Quaternion& b);
Pose Compose(const Pose& X_AB, const Pose& X_BC);

// Largest extent of the primitive from its centre along the unit vector d (in P).
double Support(const Primitive& primitive, const Vec3& d_P);
double Volume_m3(const Primitive& primitive);
double SmallestWidth_m(const Primitive& primitive);

// Axis-aligned extents of the object in O: lows and highs.
struct Extents {
  Vec3 low_m, high_m;
  Vec3 size_m() const { return high_m - low_m; }
};
Extents ExtentsOf(const ObjectSpec& object);
// Radius about the origin of O that contains every primitive.
double BoundingRadius_m(const ObjectSpec& object);
// Moves O to the centre of volume (overlaps counted twice, as the mass is).
void Recentre(ObjectSpec& object);
// Scales every length; the mass stays.
void Scale(ObjectSpec& object, double factor);

}  // namespace qt::objects

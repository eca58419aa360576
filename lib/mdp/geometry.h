// SPDX-License-Identifier: Apache-2.0
// Positions, rotations and poses. Metres, radians, right-handed; W is the world frame: z up, origin
// on the bin floor. X_AB is the pose of frame B in frame A; p_AB_m a position; q_AB a rotation.
#pragma once

#include <array>
#include <cmath>
#include <numbers>

namespace qt {

using Vec3 = std::array<double, 3>;

// Unit quaternion, w first.
struct Quaternion {
  double w = 1, x = 0, y = 0, z = 0;
};

struct Pose {
  Vec3 p_m = {0, 0, 0};
  Quaternion q;
};

inline Vec3 operator+(const Vec3& a, const Vec3& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline Vec3 operator-(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline Vec3 operator*(double s, const Vec3& a) { return {s * a[0], s * a[1], s * a[2]}; }
inline double Dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline Vec3 Cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double Norm(const Vec3& a) { return std::sqrt(Dot(a, a)); }

// A rotation by its rows: v_A = R_AB v_B. The columns of R_AB are B's axes expressed in A.
using Mat3 = std::array<Vec3, 3>;  // rows
inline Mat3 ToMatrix(const Quaternion& q) {
  return {
      {{1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.w * q.z), 2 * (q.x * q.z + q.w * q.y)},
       {2 * (q.x * q.y + q.w * q.z), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.w * q.x)},
       {2 * (q.x * q.z - q.w * q.y), 2 * (q.y * q.z + q.w * q.x),
        1 - 2 * (q.x * q.x + q.y * q.y)}}};
}
Quaternion FromMatrix(const Mat3& R);

// v_A = R v_B and v_B = R^T v_A.
inline Vec3 Rotate(const Mat3& R, const Vec3& v) {
  return {Dot(R[0], v), Dot(R[1], v), Dot(R[2], v)};
}
inline Vec3 RotateBack(const Mat3& R, const Vec3& v) {
  return {R[0][0] * v[0] + R[1][0] * v[1] + R[2][0] * v[2],
          R[0][1] * v[0] + R[1][1] * v[1] + R[2][1] * v[2],
          R[0][2] * v[0] + R[1][2] * v[1] + R[2][2] * v[2]};
}

// The same angle in (-pi, pi].
inline double WrapAngle(double angle_rad) {
  return std::remainder(angle_rad, 2 * std::numbers::pi);
}

}  // namespace qt

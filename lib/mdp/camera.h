// SPDX-License-Identifier: Apache-2.0
// A pinhole camera: intrinsics in pixels and the pose in the world.
#pragma once

#include "mdp/geometry.h"

namespace qt {

struct Pixel {
  double u_px = 0;     // right
  double v_px = 0;     // down
  double depth_m = 0;  // along the optical axis; <= 0 is behind the camera
};

// The longest side of a picture that the protocols take.
inline constexpr int kMaxCameraSide_px = 4096;

// The camera frame C is ROS's optical frame: x right, y down, z forward. The centre of the top left
// pixel is (0, 0), so the image spans [-0.5, width_px - 0.5]. No lens distortion.
struct CameraModel {
  int width_px = 0;
  int height_px = 0;
  double fx_px = 0, fy_px = 0, cx_px = 0, cy_px = 0;
  Pose X_WC;

  bool valid() const { return width_px > 0 && height_px > 0 && fx_px > 0 && fy_px > 0; }

  Pixel Project(const Vec3& p_W_m) const {
    const Vec3 p_C = RotateBack(ToMatrix(X_WC.q), p_W_m - X_WC.p_m);
    return {cx_px + fx_px * p_C[0] / p_C[2], cy_px + fy_px * p_C[1] / p_C[2], p_C[2]};
  }

  // The point of the horizontal plane z = height_m that pixel (u, v) sees.
  Vec3 Unproject(double u_px, double v_px, double height_m) const {
    const Vec3 d_W = Rotate(ToMatrix(X_WC.q), {(u_px - cx_px) / fx_px, (v_px - cy_px) / fy_px, 1});
    const double t = (height_m - X_WC.p_m[2]) / d_W[2];
    return X_WC.p_m + t * d_W;
  }
};

}  // namespace qt

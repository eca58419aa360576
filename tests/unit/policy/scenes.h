// SPDX-License-Identifier: Apache-2.0
// Painted scenes: rectangles on a plain floor seen from straight above.
#pragma once

#include <cmath>
#include <vector>

#include "image/image.h"
#include "mdp/camera.h"

namespace qt::policy {

// Half a metre above the bin, +x to the right and +y up in the image.
inline CameraModel TopCamera(int size_px) {
  CameraModel camera{size_px, size_px, 1.7 * size_px, 1.7 * size_px, 0, 0, {}};
  camera.cx_px = camera.cy_px = 0.5 * (size_px - 1);
  camera.X_WC.p_m = {0, 0, 0.5};
  camera.X_WC.q = {0, 1, 0, 0};  // half a turn about x: z looks down
  return camera;
}

struct Rectangle {
  double x_m, y_m, half_length_m, half_width_m, yaw_rad;
};

inline RgbImage Scene(const CameraModel& camera, const std::vector<Rectangle>& rectangles) {
  RgbImage image{camera.width_px, camera.height_px, {}};
  for (int v = 0; v < camera.height_px; ++v) {
    for (int u = 0; u < camera.width_px; ++u) {
      const Vec3 p_m = camera.Unproject(u, v, 0);
      bool inside = false;
      for (const Rectangle& r : rectangles) {
        const double c = std::cos(r.yaw_rad), s = std::sin(r.yaw_rad);
        const double dx = p_m[0] - r.x_m, dy = p_m[1] - r.y_m;
        inside |= std::abs(c * dx + s * dy) < r.half_length_m &&
                  std::abs(-s * dx + c * dy) < r.half_width_m;
      }
      for (int channel = 0; channel < 3; ++channel) {
        image.rgb_HWC.push_back(inside ? uint8_t(40 + 60 * channel) : uint8_t(150));
      }
    }
  }
  return image;
}

}  // namespace qt::policy

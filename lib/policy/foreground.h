// SPDX-License-Identifier: Apache-2.0
// Finds what is not the bin's floor in a rendered image, from the picture, the camera model and the
// gripper's own pose alone (no simulator state).
#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"
#include "mdp/observation.h"

namespace qt::policy {

struct ForegroundConfig {
  double threshold = 38;          // |RGB - floor| above which a pixel is an object (0..441)
  double bin_half_m = 0.120;      // |x|, |y| of the floor that is searched (the walls are outside)
  double plane_height_m = 0.015;  // height at which pixels are taken to lie
};

struct Foreground {
  int width_px = 0;
  int height_px = 0;
  std::vector<uint8_t> mask_HW;  // 1 = object
  std::vector<int> pixels;       // indices v * width_px + u of the ones, ascending
};

// Pixels whose colour differs from the median colour of the bin's floor. Those that the gripper
// hides (its box projected into the image) are left out. REQUIRES: camera.valid() and the camera's
// size equal to the image's.
Foreground FindForeground(const RgbView& image, const CameraModel& camera,
                          const GripperState& gripper, const ForegroundConfig& config);

// The 4-connected component of the mask that holds `pixel`, as indices. REQUIRES: it is an object.
std::vector<int> ConnectedBlob(const Foreground& foreground, int pixel);

// Direction, in (-pi/2, pi/2], of the blob's shorter principal axis on the plane z = height_m: the
// yaw at which the pads close across the blob. 0 for a blob of one pixel.
double MinorAxisYaw(const Foreground& foreground, const std::vector<int>& blob,
                    const CameraModel& camera, double height_m);

}  // namespace qt::policy

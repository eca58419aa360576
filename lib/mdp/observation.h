// SPDX-License-Identifier: Apache-2.0
// What the robot perceives before a step (paper App. D.1): one RGB image, and proprioception.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/shared_bytes.h"
#include "mdp/camera.h"

namespace qt {

enum class ImageEncoding : uint8_t { kRgb8, kJpeg };
constexpr auto NamesOf(ImageEncoding) { return std::array{"rgb8", "jpeg"}; }

// Pictures have three channels of 8 bits: red, green, blue.
inline constexpr size_t kRgbChannels = 3;
// Bytes of a row-major RGB picture. REQUIRES: sizes >= 0.
constexpr size_t RgbBytes(int width_px, int height_px) {
  return kRgbChannels * static_cast<size_t>(width_px) * static_cast<size_t>(height_px);
}

// An image as it is stored or sent. kRgb8: row-major RGB, RgbBytes(width_px, height_px) bytes.
struct EncodedImage {
  ImageEncoding encoding = ImageEncoding::kJpeg;
  int width_px = 0;
  int height_px = 0;
  SharedBytes bytes = {};
};

// The gripper. The paper's state is (image, opening, height_m); the rest is recorded always and
// used by a network only where its configuration says so.
struct GripperState {
  float opening = 1;   // as commanded: 1 open, 0 closed
  float height_m = 0;  // finger tips above the bin floor
  float x_m = 0, y_m = 0;
  float yaw_rad = 0;             // in (-pi, pi]; the gripper is symmetric under a half turn
  float measured_opening_m = 0;  // distance between the pads
};

// All of an observation but its image.
struct ObservedState {
  CameraModel camera;  // of the image
  GripperState gripper;
  uint32_t step = 0;  // 0 at the start of the episode
  // How little the latest attempt looks like a success, 0 to 1: it closed on nothing, was blocked,
  // pushed aside, slides (NextFruitless). What a policy without memory needs so as not to try the
  // same again, nor to trust a bad grasp. Not stored: it follows from the steps before.
  float fruitless = 0;
};

struct Observation : ObservedState {
  EncodedImage image;
};

}  // namespace qt

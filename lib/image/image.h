// SPDX-License-Identifier: Apache-2.0
// Decoded images and their codecs. Sole user of TurboJPEG; OpenCV is used in image/ops.h's code.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "mdp/observation.h"

namespace qt {

// Row-major RGB, 8 bits a channel: rgb_HWC[(v * width_px + u) * 3 + channel].
struct RgbImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<uint8_t> rgb_HWC;
};

// A decoded picture that somebody else holds.
struct RgbView {
  int width_px = 0;
  int height_px = 0;
  std::span<const uint8_t> rgb_HWC;

  RgbView() = default;
  RgbView(int width_px, int height_px, std::span<const uint8_t> rgb_HWC)
      : width_px(width_px), height_px(height_px), rgb_HWC(rgb_HWC) {}
  RgbView(const RgbImage& image)  // NOLINT(google-explicit-constructor)
      : RgbView(image.width_px, image.height_px, image.rgb_HWC) {}
};

// The pixels of either encoding: a raw picture is viewed where it is, another is decoded into
// *storage, which must then outlive the view. Errors name what is wrong with the bytes. JPEG: at
// most 4096 x 4096.
Result<RgbView> View(const EncodedImage& image, RgbImage* storage);
// The same as a picture of its own: of a raw one that is a copy, unless nobody else holds it.
Result<RgbImage> Decode(EncodedImage image);
// The same, for those who need no more than max_side_px a side: a larger JPEG is decoded to a half,
// a quarter or an eighth of its size, whichever first fits or else the last, which is cheaper.
Result<RgbView> ViewShrunk(const EncodedImage& image, int max_side_px, RgbImage* storage);
// quality 1..100, chroma 4:4:4 (colour is what separates small objects from the floor).
EncodedImage EncodeJpeg(const RgbImage& image, int quality = 95);
EncodedImage EncodeRaw(RgbImage image);

}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
// Shrinking, aligning and recolouring of decoded images, with OpenCV behind them. A program that
// calls none of this does not load OpenCV.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"

namespace qt {

// Shrinks by area averaging so that neither side is longer than max_side_px; never enlarges. The
// pixels of a view of `storage` that is small enough are taken from there, those of another copied.
RgbImage ShrinkToSide(const RgbView& image, int max_side_px, RgbImage storage = {});

// How a picture moved between two frames: by (du, dv) after a turn about its middle.
struct ImageShift {
  double du_px = 0, dv_px = 0, turn_rad = 0;
  bool IsZero() const { return du_px == 0 && dv_px == 0 && turn_rad == 0; }
};

// The motion of the camera between two pictures of one scene, robust to objects that moved and to a
// change of light. Zero if it is too small to matter (a seventh of a pixel), or
// beyond a tenth of the picture's side or 5 degrees. REQUIRES: equal sizes.
ImageShift FindShift(const RgbImage& before, const RgbImage& after);

// The mean of each channel in [0, 1].
std::array<float, kRgbChannels> MeanColour(std::span<const uint8_t> rgb_HWC);

// One row for each channel of the result: weights of red, green and blue (0 to 255), and an offset.
using ColourMap = std::array<std::array<float, 4>, kRgbChannels>;

// Writes the mapped colours of each pixel, clipped to low..high, to out_HWC: three floats a pixel.
void MapColours(std::span<const uint8_t> rgb_HWC, const ColourMap& map, float low, float high,
                float* out_HWC);

}  // namespace qt

// Operations on decoded images, with OpenCV behind them: shrinking, aligning, what changed between
// two pictures of one scene, connected regions. Used by lib/label.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"

namespace qt {

// One channel, row-major: value_HW[v * width_px + u].
struct FloatImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<float> value_HW;
};

// Shrinks by area averaging so that neither side is longer than max_side_px; never enlarges.
RgbImage ShrinkToSide(const RgbImage& image, int max_side_px);

// How a picture moved between two frames: by (du, dv) after a turn about its middle.
struct ImageShift {
  double du_px = 0, dv_px = 0, turn_rad = 0;
  bool IsZero() const { return du_px == 0 && dv_px == 0 && turn_rad == 0; }
};

// The motion of the camera between two pictures of one scene, robust to objects that moved and to a
// change of light (image/align.cc). Zero if it is too small to matter (a seventh of a pixel), or
// beyond a tenth of the picture's side or 5 degrees. REQUIRES: equal sizes.
ImageShift FindShift(const RgbImage& before, const RgbImage& after);

// How much each pixel changed, in grey levels (0..255): the largest channel of |after -
// fit(before)|, smoothed over about 3 x 3 pixels. `before` is moved by `shift` first. fit() is each
// channel's gain and offset, fitted robustly to the pixels that did not change, so that a change of
// light or exposure does not count. At edges `edge_tolerance_px` times the contrast between
// neighbours is forgiven, because no alignment is perfect. REQUIRES: equal sizes, not empty.
FloatImage ChangeBetween(const RgbImage& before, const RgbImage& after,
                         const ImageShift& shift = {}, double edge_tolerance_px = 0);

// 1 for the pixels of the convex hull of `corners_px` (u, v), 0 elsewhere: region_HW. All 1 if the
// hull holds no pixel of the image, and without corners.
std::vector<uint8_t> ConvexRegion(int width_px, int height_px,
                                  std::span<const std::array<double, 2>> corners_px);

// Colour distance (0..441) of each pixel from the median colour of the pixels where region_HW is
// not 0: the floor, if it fills more than half of them. REQUIRES: sizes match; the region is not
// empty.
FloatImage DistanceFromFloor(const RgbImage& image, const std::vector<uint8_t>& region_HW);

// Standard deviation of the noise, from the median; not disturbed by regions smaller than half of
// the image. REQUIRES: not empty, values >= 0.
double NoiseLevel(const FloatImage& image);

struct Blob {
  int area_px = 0;
  double peak = 0;            // largest value
  double sum = 0;             // of the values
  double u_px = 0, v_px = 0;  // centre of mass
};

// The 8-connected regions with values > threshold and at least min_area_px pixels, by falling sum.
std::vector<Blob> FindBlobs(const FloatImage& image, double threshold, int min_area_px);

}  // namespace qt

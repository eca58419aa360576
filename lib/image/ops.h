// Shrinking and aligning of decoded images, with OpenCV behind them. Used by lib/label, as
// image/change.h is.
#pragma once

#include "image/image.h"

namespace qt {

// Shrinks by area averaging so that neither side is longer than max_side_px; never enlarges.
RgbImage ShrinkToSide(RgbImage image, int max_side_px);

// How a picture moved between two frames: by (du, dv) after a turn about its middle.
struct ImageShift {
  double du_px = 0, dv_px = 0, turn_rad = 0;
  bool IsZero() const { return du_px == 0 && dv_px == 0 && turn_rad == 0; }
};

// The motion of the camera between two pictures of one scene, robust to objects that moved and to a
// change of light (image/align.cc). Zero if it is too small to matter (a seventh of a pixel), or
// beyond a tenth of the picture's side or 5 degrees. REQUIRES: equal sizes.
ImageShift FindShift(const RgbImage& before, const RgbImage& after);

}  // namespace qt

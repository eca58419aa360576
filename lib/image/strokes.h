// SPDX-License-Identifier: Apache-2.0
// The letters of image/draw.h: printable ASCII as strokes on a grid, so that text scales to any
// height and costs no library. Internal to lib/image.
#pragma once

#include <vector>

namespace qt {

inline constexpr int kStrokeHeight = 6;  // of a capital, in units; descenders reach 8

// x 0 (left) to 4, y 0 (top of a capital) to 6 (base line). A dot has both ends in one place.
struct StrokeSegment {
  int x0, y0, x1, y1;
};

// What is not printable ASCII looks like a question mark.
std::vector<StrokeSegment> StrokesOf(char c);

}  // namespace qt

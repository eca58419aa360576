// What the labellers that compare two pictures share: the earlier one, seen in the light and by the
// camera of the later one, and how sure a score makes them.
#pragma once

#include <cstdint>

#include "image/change.h"
#include "image/image.h"
#include "image/ops.h"

namespace qt::label {

enum class Mark : uint8_t { kNone, kAppeared, kVanished };

struct FittedPair {
  RgbImage before;  // as the light and the camera of the one after would show it
  Range around_before;
  double noise = 0;  // of the pair, levels
  ImageShift shift;  // of the camera
};

// REQUIRES: equal sizes, not empty.
FittedPair FitPair(const RgbImage& before, const RgbImage& after);

// Whether both pictures show what is at a pixel of the later one, and not at their very edge.
bool IsInBoth(int u, int v, const RgbImage& image, const ImageShift& shift);

// `score`: 1 at the decision's edge. 0.5 there, towards 1 away from it on either side, as the
// score's power `steepness`.
float ConfidenceOf(double score, double steepness);

}  // namespace qt::label

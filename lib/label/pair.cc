#include "label/pair.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qt::label {
namespace {

// The camera was not bumped if so many edges are where they were, within so many levels.
constexpr double kLeastEdgesInPlace = 0.75;
constexpr int kEdgeTolerance = 24;
// After a bump, what lies so near to the end of one of the pictures is left out.
constexpr double kBorder_px = 2;

}  // namespace

FittedPair FitPair(const RgbImage& before, const RgbImage& after) {
  FittedPair fitted;
  fitted.before = Relit(before, FitLight(before, after));
  fitted.around_before = RangeAround(fitted.before);
  if (!EdgesMatch(fitted.before, fitted.around_before, after, kEdgeTolerance, kLeastEdgesInPlace)) {
    fitted.shift = FindShift(before, after);
    if (!fitted.shift.IsZero()) {
      const RgbImage moved = Moved(before, fitted.shift);
      fitted.before = Relit(moved, FitLight(moved, after));
      fitted.around_before = RangeAround(fitted.before);
    }
  }
  fitted.noise = NoiseBetween(fitted.before, after);
  return fitted;
}

bool IsInBoth(int u, int v, const RgbImage& image, const ImageShift& shift) {
  if (shift.IsZero()) return true;
  const auto from = MovedFrom(u, v, shift, image.width_px, image.height_px);
  const auto inside = [](double position, int size) {
    return position >= kBorder_px && position <= size - 1 - kBorder_px;
  };
  return inside(u, image.width_px) && inside(v, image.height_px) &&
         inside(from[0], image.width_px) && inside(from[1], image.height_px);
}

float ConfidenceOf(double score, double steepness) {
  const double ratio = std::clamp(score, 1e-3, 1e3);
  const double odds = std::pow(std::max(ratio, 1 / ratio), steepness);
  return float(odds / (1 + odds));
}

}  // namespace qt::label

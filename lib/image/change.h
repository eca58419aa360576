// SPDX-License-Identifier: Apache-2.0
// What one picture shows that another one of the same scene does not: the arithmetic of the drop
// test, on bytes, for pictures of some 64 to 128 pixels a side.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"
#include "image/ops.h"

namespace qt {

// y = gain x + offset for the levels of each channel.
struct Light {
  struct Channel {
    double gain = 1, offset = 0;
  };
  std::array<Channel, kRgbChannels> channel;
};

// What is lowest and highest within one pixel of each number of a picture: both as rgb_HWC.
struct Range {
  std::vector<uint8_t> low, high;
};
Range RangeAround(const RgbImage& image);

// The lowest level that more than half of the values do not exceed; at most 511.
int MedianOf(std::span<const uint16_t> levels);

// The largest difference of two numbers of the pictures. REQUIRES (of all functions here): equal
// sizes, not empty.
int LargestDifference(const RgbImage& a, const RgbImage& b);

// The change of light or exposure from `before` to `after`, robust to what else has changed, if
// that is less than half of the picture.
Light FitLight(const RgbImage& before, const RgbImage& after);
RgbImage Relit(const RgbImage& image, const Light& light);

// The picture as a camera moved by `shift` sees it: the nearest pixel, that of the edge beyond it.
RgbImage Moved(const RgbImage& image, const ImageShift& shift);
// Where a point of the picture comes to lie, and where one of the moved picture was.
std::array<double, 2> MovedTo(double u_px, double v_px, const ImageShift& shift, int width_px,
                              int height_px);
std::array<double, 2> MovedFrom(double u_px, double v_px, const ImageShift& shift, int width_px,
                                int height_px);

// Median over the pixels of the channels' largest difference, as the deviation of normal noise.
double NoiseBetween(const RgbImage& a, const RgbImage& b);

// Whether the pictures' edges lie in the same places: the share of pixels with an edge in `a` that
// `b` has too, within `tolerance` levels, is at least `least_share`. True without edges.
bool EdgesMatch(const RgbImage& a, const Range& around_a, const RgbImage& b, int tolerance,
                double least_share);

// For each pixel, by how many levels it lies outside of everything that the reference shows within
// one pixel of it (its RangeAround), in the channel where that is most: value_HW. An edge that is a
// pixel off, because the alignment is not perfect or nothing was smoothed, is thus no difference.
// What is narrower than two pixels is left out. Differences of at most `least` levels may be given
// as 0, which is faster.
std::vector<uint8_t> Unexplained(const RgbImage& image, const Range& around_reference, int least);

// For each pixel, by how many levels it differs from the one most like it among those of
// `reference` within `radius_px`, in the channel where that is most: value_HW. What moved by no
// more than that is thus no difference, even if near things moved and far ones did not. What is
// narrower than two pixels is left out.
std::vector<uint8_t> Unlike(const RgbImage& image, const RgbImage& reference, int radius_px);

}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
#include "image/ops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace qt {
namespace {

RgbImage Plain(int width_px, int height_px, uint8_t level) {
  return {width_px, height_px, std::vector<uint8_t>(size_t(3 * width_px * height_px), level)};
}

TEST(Ops, ShrinkKeepsTheAspectAndTheMean) {
  const RgbImage small = ShrinkToSide(Plain(640, 320, 77), 64);
  EXPECT_EQ(small.width_px, 64);
  EXPECT_EQ(small.height_px, 32);
  EXPECT_EQ(small.rgb_HWC[1000], 77);
  EXPECT_EQ(ShrinkToSide(Plain(32, 16, 1), 64).width_px, 32);
}

TEST(Ops, MapsColoursByShareAndOffsetAndClips) {
  std::vector<uint8_t> rgb_HWC(3 * 37);  // no multiple of any register's width
  for (size_t i = 0; i < rgb_HWC.size(); ++i) rgb_HWC[i] = static_cast<uint8_t>(i * 29);
  const ColourMap map = {{{0.01f, 0, 0.001f, -1}, {0, -0.002f, 0, 0.25f}, {0, 0, 0, 0.125f}}};
  std::vector<float> out_HWC(rgb_HWC.size());
  MapColours(rgb_HWC, map, -0.5f, 0.5f, out_HWC.data());
  int clipped = 0;
  for (size_t i = 0; i < rgb_HWC.size(); i += 3) {
    for (size_t c = 0; c < 3; ++c) {
      const float value = map[c][0] * rgb_HWC[i] + map[c][1] * rgb_HWC[i + 1] +
                          map[c][2] * rgb_HWC[i + 2] + map[c][3];
      EXPECT_NEAR(out_HWC[i + c], std::clamp(value, -0.5f, 0.5f), 1e-5) << i << " " << c;
      clipped += std::abs(value) > 0.5f;
    }
  }
  EXPECT_GT(clipped, 3);
}

TEST(Ops, TheMeanColourIsThatOfEachChannel) {
  const std::array<float, 3> mean = MeanColour(std::vector<uint8_t>{0, 51, 255, 102, 51, 255});
  EXPECT_FLOAT_EQ(mean[0], 0.2f);
  EXPECT_FLOAT_EQ(mean[1], 0.2f);
  EXPECT_FLOAT_EQ(mean[2], 1);
}

}  // namespace
}  // namespace qt

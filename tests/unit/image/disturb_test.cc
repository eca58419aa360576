// SPDX-License-Identifier: Apache-2.0
#include "image/disturb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace qt {
namespace {

constexpr int kWidth_px = 48, kHeight_px = 32;

// A bright square on a dark ground.
std::vector<float> Picture() {
  std::vector<float> image_HWC(size_t{kWidth_px} * kHeight_px * 3, -0.2F);
  for (int v = 8; v < 24; ++v) {
    for (int u = 16; u < 32; ++u) image_HWC[size_t(v * kWidth_px + u) * 3] = 0.3F;
  }
  return image_HWC;
}

std::vector<float> Disturbed(uint64_t seed) {
  std::vector<float> image_HWC = Picture();
  RandomStream rng(seed);
  Disturb(kWidth_px, kHeight_px, rng, image_HWC.data());
  return image_HWC;
}

TEST(DisturbTest, StaysInRangeAndIsRepeatable) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<float> image_HWC = Disturbed(seed);
    EXPECT_THAT(image_HWC, testing::Each(testing::AllOf(testing::Ge(-0.5F), testing::Le(0.5F))));
    EXPECT_EQ(image_HWC, Disturbed(seed));
  }
}

TEST(DisturbTest, ChangesMostPicturesAndKeepsTheSquareApartFromTheGround) {
  int changed = 0, apart = 0;
  constexpr int kCount = 400;
  for (uint64_t seed = 0; seed < kCount; ++seed) {
    const std::vector<float> image_HWC = Disturbed(seed);
    changed += image_HWC != Picture();
    double difference = 0;  // between the square's middle and the ground beside it, any channel
    for (size_t c = 0; c < 3; ++c) {
      const auto at = [&](int u) { return image_HWC[size_t(16 * kWidth_px + u) * 3 + c]; };
      difference = std::max<double>(difference, std::abs(at(24) - at(8)));
    }
    apart += difference > 0.1;
  }
  EXPECT_GE(changed, kCount * 0.93);  // 31 of 32 draw one change at least
  EXPECT_LT(changed, kCount);
  EXPECT_GE(apart, kCount * 0.9);
}

TEST(DisturbTest, WhatIsDrawnDiffersFromStreamToStream) { EXPECT_NE(Disturbed(3), Disturbed(4)); }

}  // namespace
}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
#include "image/change.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/random.h"

namespace qt {
namespace {

RgbImage Grey(int width_px, int height_px, int level) {
  return {width_px, height_px,
          std::vector<uint8_t>(size_t(3 * width_px * height_px), uint8_t(level))};
}

void Fill(RgbImage& image, int u_px, int v_px, int width_px, int height_px, int level) {
  for (int v = v_px; v < v_px + height_px; ++v) {
    const auto row = image.rgb_HWC.begin() + 3 * (v * image.width_px + u_px);
    std::fill(row, row + 3 * width_px, uint8_t(level));
  }
}

// Squares of random levels, so that edges and all levels occur.
RgbImage Patches(uint64_t seed) {
  RgbImage image = Grey(48, 32, 0);
  RandomStream rng(seed);
  for (int v = 0; v < 32; v += 8) {
    for (int u = 0; u < 48; u += 8) Fill(image, u, v, 8, 8, int(rng.Uniform(20, 230)));
  }
  return image;
}

TEST(Change, TheMedianIsTheLowestLevelThatMoreThanHalfDoNotExceed) {
  const auto median = [](std::vector<uint16_t> levels) { return MedianOf(levels); };
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({1, 5, 9, 9}), 9);
  EXPECT_EQ(median({0, 0, 511}), 0);
  EXPECT_EQ(median({600, 700, 3}), 511);
  std::vector<uint16_t> many(70'000, 4);
  std::fill_n(many.begin(), 34'999, uint16_t{300});
  EXPECT_EQ(median(many), 4);
}

TEST(Change, TheLargestDifferenceIsThatOfOneNumber) {
  RgbImage a = Grey(5, 3, 100), b = a;
  EXPECT_EQ(LargestDifference(a, b), 0);
  b.rgb_HWC[7] = 60;
  EXPECT_EQ(LargestDifference(a, b), 40);
  EXPECT_EQ(LargestDifference(b, a), 40);
}

TEST(Change, FindsGainAndOffsetThoughAPartChanged) {
  const RgbImage before = Patches(1);
  RgbImage after = before;
  for (uint8_t& level : after.rgb_HWC) level = uint8_t(std::lround(0.9 * level + 10));
  Fill(after, 0, 0, 8, 32, 255);
  const Light light = FitLight(before, after);
  for (const Light::Channel& channel : light.channel) {
    EXPECT_NEAR(channel.gain, 0.9, 0.02);
    EXPECT_NEAR(channel.offset, 10, 2);
  }
  const RgbImage relit = Relit(before, light);
  EXPECT_NEAR(relit.rgb_HWC[3 * 40], after.rgb_HWC[3 * 40], 2);
}

TEST(Change, WithoutSpreadOnlyTheOffsetIsFitted) {
  const Light light = FitLight(Grey(16, 16, 40), Grey(16, 16, 90));
  EXPECT_EQ(light.channel[0].gain, 1);
  EXPECT_NEAR(light.channel[0].offset, 50, 0.5);
}

TEST(Change, MovingThereAndBackIsNoMove) {
  const ImageShift shift = {2.25, -1.5, 0.03};
  const auto to = MovedTo(10, 20, shift, 48, 32);
  const auto back = MovedFrom(to[0], to[1], shift, 48, 32);
  EXPECT_NEAR(back[0], 10, 1e-9);
  EXPECT_NEAR(back[1], 20, 1e-9);
  const RgbImage image = Patches(2), moved = Moved(image, {3, 1, 0});
  EXPECT_EQ(moved.rgb_HWC[3 * (5 * 48 + 9)], image.rgb_HWC[3 * (4 * 48 + 6)]);
  EXPECT_EQ(moved.rgb_HWC[0], image.rgb_HWC[0]) << "the edge goes on";
}

TEST(Change, NoiseIsMeasuredBesideWhatChanged) {
  RgbImage a = Grey(64, 64, 120), b = a;
  RandomStream rng(3);
  for (uint8_t& level : b.rgb_HWC) level = uint8_t(std::lround(120 + rng.Normal(0, 5)));
  const double noise = NoiseBetween(a, b);
  Fill(b, 0, 0, 20, 64, 0);
  EXPECT_NEAR(NoiseBetween(a, b), noise, 0.5 * noise);
  EXPECT_GT(noise, 5);
  EXPECT_LT(noise, 15);
}

TEST(Change, EdgesTellWhetherTheCameraMoved) {
  const RgbImage image = Patches(4);
  EXPECT_TRUE(EdgesMatch(image, RangeAround(image), image, 10, 1));
  EXPECT_FALSE(EdgesMatch(image, RangeAround(image), Moved(image, {2, 0, 0}), 10, 0.75));
  EXPECT_TRUE(EdgesMatch(Grey(8, 8, 1), RangeAround(Grey(8, 8, 1)), Grey(8, 8, 200), 10, 1))
      << "no edges at all";
}

TEST(Change, OnlyWhatIsNowhereNearIsUnexplained) {
  const RgbImage floor = Grey(16, 12, 100);
  RgbImage object = floor;
  Fill(object, 4, 4, 5, 3, 160);
  const std::vector<uint8_t> appeared_HW = Unexplained(object, RangeAround(floor), 0);
  EXPECT_EQ(std::count(appeared_HW.begin(), appeared_HW.end(), 60), 15);
  EXPECT_EQ(appeared_HW[4 * 16 + 4], 60);
  // The floor that it covers shows beside it, so only its middle is missed.
  const std::vector<uint8_t> missed_HW = Unexplained(floor, RangeAround(object), 0);
  EXPECT_EQ(std::count(missed_HW.begin(), missed_HW.end(), 60), 0) << "one pixel high: too narrow";
  EXPECT_EQ(Unexplained(Moved(object, {1, -1, 0}), RangeAround(object), 0),
            std::vector<uint8_t>(16 * 12, 0));
}

TEST(Change, LeavingOutSmallChangesChangesNothingAboveThem) {
  RgbImage image = Patches(1);
  RandomStream rng(3);
  for (uint8_t& level : image.rgb_HWC) level = uint8_t(level + int(rng.Uniform(-9, 10)));
  Fill(image, 0, 0, 7, 2, 240);
  Fill(image, 40, 29, 8, 3, 240);
  const Range around = RangeAround(Patches(1));
  const std::vector<uint8_t> all_HW = Unexplained(image, around, 0);
  for (const int least : {1, 5, 12, 100, 255}) {
    const std::vector<uint8_t> some_HW = Unexplained(image, around, least);
    for (size_t i = 0; i < all_HW.size(); ++i) {
      const uint8_t wanted = all_HW[i] > least ? all_HW[i] : std::min(some_HW[i], uint8_t(least));
      EXPECT_EQ(some_HW[i], wanted) << least << " at " << i;
    }
  }
}

TEST(Change, LinesAreLeftOutAlsoAtTheEdgeOfThePicture) {
  const RgbImage floor = Grey(16, 12, 100);
  RgbImage line = floor;
  Fill(line, 0, 0, 16, 1, 0);
  Fill(line, 8, 2, 1, 9, 0);
  EXPECT_EQ(Unexplained(line, RangeAround(floor), 0), std::vector<uint8_t>(16 * 12, 0));
  Fill(line, 15, 0, 1, 12, 0);
  Fill(line, 14, 0, 1, 12, 0);
  const std::vector<uint8_t> border_HW = Unexplained(line, RangeAround(floor), 0);
  EXPECT_EQ(std::count(border_HW.begin(), border_HW.end(), 100), 24);
}

TEST(Change, TinyPicturesAreNoTrouble) {
  for (int width_px : {1, 2, 3}) {
    for (int height_px : {1, 2}) {
      const auto change_HW =
          Unexplained(Grey(width_px, height_px, 9), RangeAround(Grey(width_px, height_px, 5)), 0);
      EXPECT_EQ(change_HW.size(), size_t(width_px * height_px));
    }
  }
}

TEST(Change, OnlyWhatHasNothingLikeItNearIsUnlike) {
  const RgbImage floor = Grey(16, 12, 100);
  RgbImage object = floor, moved = floor, grey = floor;
  Fill(object, 4, 4, 5, 3, 160);
  Fill(moved, 6, 3, 5, 3, 160);
  Fill(grey, 4, 4, 5, 3, 130);
  EXPECT_EQ(Unlike(object, moved, 2), std::vector<uint8_t>(16 * 12, 0)) << "moved by two pixels";
  EXPECT_NE(Unlike(object, moved, 0), std::vector<uint8_t>(16 * 12, 0));
  const std::vector<uint8_t> appeared_HW = Unlike(object, floor, 2);
  EXPECT_EQ(std::count(appeared_HW.begin(), appeared_HW.end(), 60), 15);
  // Between the levels around it, and yet like none of them.
  const std::vector<uint8_t> grey_HW = Unlike(grey, object, 2);
  EXPECT_EQ(std::count(grey_HW.begin(), grey_HW.end(), 30), 15);
  EXPECT_EQ(Unlike(Grey(1, 2, 9), Grey(1, 2, 5), 2), std::vector<uint8_t>(2, 4));
}

TEST(Change, NeedsEqualSizes) {
  EXPECT_THROW(LargestDifference(Grey(4, 4, 0), Grey(5, 4, 0)), ContractError);
  EXPECT_THROW(Unexplained(Grey(4, 4, 0), RangeAround(Grey(4, 5, 0)), 0), ContractError);
  EXPECT_THROW(Unlike(Grey(4, 4, 0), Grey(4, 5, 0), 1), ContractError);
}

}  // namespace
}  // namespace qt

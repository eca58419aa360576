// SPDX-License-Identifier: Apache-2.0
#include "image/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <vector>

#include "base/check.h"
#include "image/png.h"
#include "support/temp_dir.h"

namespace qt {
namespace {

Rgb At(const RgbImage& image, int u_px, int v_px) {
  const uint8_t* rgb = &image.rgb_HWC[size_t(3 * (v_px * image.width_px + u_px))];
  return {rgb[0], rgb[1], rgb[2]};
}

int CountNot(const RgbImage& image, const Rgb& colour) {
  int count = 0;
  for (int v = 0; v < image.height_px; ++v) {
    for (int u = 0; u < image.width_px; ++u) count += At(image, u, v) != colour;
  }
  return count;
}

TEST(Draw, PasteCutsOffWhatSticksOut) {
  RgbImage canvas = Canvas(10, 8, kBlack);
  Paste(canvas, Canvas(4, 4, kRed), 8, -2);
  EXPECT_EQ(CountNot(canvas, kBlack), 2 * 2);
  EXPECT_EQ(At(canvas, 9, 1), kRed);
  Paste(canvas, Canvas(4, 4, kGreen), 50, 50);
  EXPECT_EQ(CountNot(canvas, kBlack), 2 * 2);
}

TEST(Draw, ResizedKeepsPixelsSharp) {
  RgbImage image = Canvas(2, 1, kWhite);
  Paste(image, Canvas(1, 1, kRed), 1, 0);
  const RgbImage large = Resized(image, 8, 4);
  EXPECT_EQ(At(large, 3, 3), kWhite);
  EXPECT_EQ(At(large, 4, 0), kRed);
}

TEST(Draw, ResizedTakesTheMeanWhenItShrinks) {
  RgbImage image = Canvas(4, 2, kBlack);
  FillRectangle(image, 0, 0, 1, 2, {200, 100, 0});
  const RgbImage small = Resized(image, 2, 1);
  EXPECT_EQ(At(small, 0, 0), (Rgb{100, 50, 0}));
  EXPECT_EQ(At(small, 1, 0), kBlack);
}

TEST(Draw, EveryPrintableCharacterIsDifferentAndStaysInItsPlace) {
  std::set<std::vector<uint8_t>> seen;
  for (char c = ' '; c <= '~'; ++c) {
    RgbImage canvas = Canvas(40, 60, kBlack);
    DrawText(canvas, std::string(1, c), 10, 40, 20, kWhite);
    const int marks = CountNot(canvas, kBlack);
    EXPECT_EQ(marks > 0, c != ' ') << c;
    FillRectangle(canvas, 8, 18, 16, 31, kBlack);
    EXPECT_EQ(CountNot(canvas, kBlack), 0) << c << " leaves its box";
    canvas = Canvas(40, 60, kBlack);
    DrawText(canvas, std::string(1, c), 10, 40, 20, kWhite);
    EXPECT_TRUE(seen.insert(canvas.rgb_HWC).second) << c << " looks like another";
  }
}

TEST(Draw, WhatIsNotFiniteIsNotDrawn) {
  RgbImage canvas = Canvas(20, 20, kBlack);
  DrawArrow(canvas, 5, 5, std::nan(""), 10, kRed);
  DrawLine(canvas, 5, 5, 1e300, 1e300 * 1e300, kRed);
  EXPECT_EQ(CountNot(canvas, kBlack), 0);
  DrawLine(canvas, -1e9, 10, 1e9, 10, kRed);
  EXPECT_EQ(CountNot(canvas, kBlack), 20);
}

TEST(Draw, TextLinesAndRectanglesLeaveMarks) {
  RgbImage canvas = Canvas(80, 40, kBlack);
  DrawText(canvas, "Q 0.9", 5, 30, 12, kWhite);
  const int text = CountNot(canvas, kBlack);
  EXPECT_GT(text, 40);
  DrawLine(canvas, 0, 0, 79, 0, kGreen);
  EXPECT_NEAR(At(canvas, 40, 0)[1], kGreen[1], 20) << "its edges are smoothed";
  FillRectangle(canvas, 70, 30, 100, 100, kYellow);
  EXPECT_EQ(At(canvas, 79, 39), kYellow);
  DrawRectangle(canvas, 60, 10, 5, 5, kRed);
  EXPECT_EQ(At(canvas, 60, 12), kRed);
  EXPECT_EQ(At(canvas, 62, 12), kBlack);
  DrawArrow(canvas, 2, 5, 30, 5, kRed);
  EXPECT_GT(CountNot(canvas, kBlack), text + 80 + 100);
}

TEST(Png, HasTheSignatureAndSize) {
  const Bytes bytes = EncodePng(Canvas(300, 5, kGrey));
  ASSERT_GT(bytes.size(), 33u);
  const Bytes start = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  EXPECT_TRUE(std::equal(start.begin(), start.end(), bytes.begin()));
  EXPECT_EQ(bytes[18] * 256 + bytes[19], 300);
  EXPECT_EQ(bytes[23], 5);
  EXPECT_THROW(EncodePng(RgbImage()), ContractError);
}

TEST(Png, DoesNotOverwriteUnasked) {
  const TempDir folder;
  const std::string path = folder.path() + "/a.png";
  ASSERT_TRUE(WritePng(path, Canvas(3, 3, kRed), Overwrite::kNo).ok());
  EXPECT_FALSE(WritePng(path, Canvas(3, 3, kRed), Overwrite::kNo).ok());
  EXPECT_TRUE(WritePng(path, Canvas(3, 3, kRed), Overwrite::kYes).ok());
}

}  // namespace
}  // namespace qt

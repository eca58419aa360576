#include "image/ops.h"

#include <gtest/gtest.h>

#include "base/check.h"

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

TEST(Ops, BlobsComeByFallingSumWithTheirPlace) {
  FloatImage image{8, 4, std::vector<float>(32, 0)};
  image.value_HW[8 + 1] = 10;
  image.value_HW[8 + 5] = image.value_HW[8 + 6] = 20;
  image.value_HW[24 + 3] = 6;
  const std::vector<Blob> blobs = FindBlobs(image, 5, 1);
  ASSERT_EQ(blobs.size(), 3u);
  EXPECT_EQ(blobs[0].area_px, 2);
  EXPECT_DOUBLE_EQ(blobs[0].sum, 40);
  EXPECT_DOUBLE_EQ(blobs[0].u_px, 5.5);
  EXPECT_DOUBLE_EQ(blobs[0].v_px, 1);
  EXPECT_DOUBLE_EQ(blobs[1].peak, 10);
  EXPECT_EQ(FindBlobs(image, 5, 2).size(), 1u);
  EXPECT_TRUE(FindBlobs(image, 50, 1).empty());
}

TEST(Ops, NoiseLevelIgnoresAMinority) {
  FloatImage image{10, 10, std::vector<float>(100, 2)};
  for (size_t i = 0; i < 40; ++i) image.value_HW[i] = 200;
  EXPECT_NEAR(NoiseLevel(image), 2 * 1.4826, 0.2);
}

TEST(Ops, ChangeOfAPlainImageIsNothing) {
  for (float value : ChangeBetween(Plain(16, 16, 40), Plain(16, 16, 90)).value_HW) {
    EXPECT_NEAR(value, 0, 1e-3);
  }
}

TEST(Ops, ChangeNeedsEqualSizes) {
  EXPECT_THROW(ChangeBetween(Plain(4, 4, 0), Plain(5, 4, 0)), ContractError);
}

}  // namespace
}  // namespace qt

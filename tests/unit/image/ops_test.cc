#include "image/ops.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace qt

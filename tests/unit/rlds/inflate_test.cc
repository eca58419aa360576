#include "rlds/inflate.h"

#include <gtest/gtest.h>

#include "support/sample_episode.h"

namespace qt::rlds {
namespace {

TEST(InflateTest, FillsABufferOfTheRightSize) {
  const Bytes stored = BytesFromHex("7801 01 0400 fbff 01020304 0018000b");
  Bytes out(4);
  ASSERT_TRUE(InflateZlib(stored, out).ok());
  EXPECT_EQ(out, (Bytes{1, 2, 3, 4}));
  EXPECT_TRUE(LooksLikeZlib(stored));
}

TEST(InflateTest, RefusesAnotherSizeAndDamage) {
  const Bytes stored = BytesFromHex("7801 01 0400 fbff 01020304 0018000b");
  Bytes shorter(3), longer(5), right(4);
  EXPECT_EQ(InflateZlib(stored, shorter).message(),
            "the compressed data do not hold the expected 3 bytes");
  EXPECT_EQ(InflateZlib(stored, longer).message(),
            "the compressed data do not hold the expected 5 bytes");
  EXPECT_EQ(InflateZlib(BytesFromHex("7801 01 0400 fbff 01020304 0018000c"), right).message(),
            "the compressed data are damaged");
  EXPECT_EQ(InflateZlib({}, right).message(), "the compressed data are damaged");
}

TEST(InflateTest, KnowsTheStartOfAStream) {
  for (const char* hex : {"7801", "785e", "789c", "78da"})
    EXPECT_TRUE(LooksLikeZlib(BytesFromHex(hex)));
  for (const char* hex : {"", "78", "7800", "0000803f", "789d"}) {
    EXPECT_FALSE(LooksLikeZlib(BytesFromHex(hex))) << hex;
  }
}

}  // namespace
}  // namespace qt::rlds

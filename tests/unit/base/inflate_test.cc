// SPDX-License-Identifier: Apache-2.0
#include "base/inflate.h"

#include <gtest/gtest.h>

#include "support/gzip.h"
#include "support/sample_episode.h"

namespace qt {
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

TEST(InflateTest, AStreamOfUnknownSizeHasALimit) {
  const Bytes zlib = BytesFromHex("7801 01 0400 fbff 01020304 0018000b");
  EXPECT_EQ(*Inflate(zlib, Wrapping::kZlib, 4), (Bytes{1, 2, 3, 4}));
  EXPECT_EQ(*Inflate(zlib, Wrapping::kZlib, 100), (Bytes{1, 2, 3, 4}));
  EXPECT_EQ(Inflate(zlib, Wrapping::kZlib, 3).status().code(), Code::kUsage);
  EXPECT_EQ(Inflate(zlib, Wrapping::kGzip, 4).status().code(), Code::kCorrupt);
  Bytes longer = zlib;
  longer.push_back(0);
  EXPECT_EQ(Inflate(longer, Wrapping::kZlib, 4).status().code(), Code::kCorrupt);
  Bytes gzip = test::GzipOfZeros(1000);
  const size_t plain_bytes = 1 + 4 * 258;
  EXPECT_EQ(*Inflate(gzip, Wrapping::kGzip, 1 << 20), Bytes(plain_bytes));
  const Bytes member = gzip;
  gzip.insert(gzip.end(), member.begin(), member.end());
  EXPECT_EQ(*Inflate(gzip, Wrapping::kGzip, 1 << 20), Bytes(2 * plain_bytes)) << "two in a row";
  EXPECT_EQ(Inflate(gzip, Wrapping::kGzip, plain_bytes).status().code(), Code::kUsage);
  EXPECT_EQ(Inflate({}, Wrapping::kGzip, 4).status().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
// Amounts of bytes as text and back.
#include "base/byte_size.h"

#include <gtest/gtest.h>

namespace qt {
namespace {

TEST(ByteSize, UnitsArePowersOf1024) {
  EXPECT_EQ(ByteSize::Parse("1000000")->bytes, 1000000u);
  EXPECT_EQ(ByteSize::Parse("512M")->bytes, 512u << 20);
  EXPECT_EQ(ByteSize::Parse("4G")->bytes, uint64_t{4} << 30);
  EXPECT_EQ(ByteSize::Parse("1.5k")->bytes, 1536u);
  EXPECT_EQ(ByteSize::Parse("1e3")->bytes, 1000u);
}

TEST(ByteSize, ShowsTheLargestWholeUnit) {
  for (const char* text : {"4G", "512M", "3K", "1000000", "1"}) {
    EXPECT_EQ(ByteSize::Parse(text)->ToString(), text);
  }
  EXPECT_EQ(ByteSize::Parse("1024M")->ToString(), "1G");
  EXPECT_EQ(ByteSize{}.ToString(), "0");
}

TEST(ByteSize, WhatIsNoSizeIsAUsageError) {
  for (const char* text : {"", "0", "-1", "M", "4T", "4 G", "4GB", "1e16", "nan", "inf"}) {
    EXPECT_EQ(ByteSize::Parse(text).status().code(), Code::kUsage) << text;
  }
  EXPECT_EQ(ByteSize::Parse("much").status().message(),
            "wants a size such as 512M or 4G, not 'much'");
}

}  // namespace
}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
// Numbers and ranges as text.
#include "base/number_set.h"

#include <gtest/gtest.h>

namespace qt {
namespace {

TEST(NumberSet, HoldsNumbersAndRanges) {
  const NumberSet set = *NumberSet::Parse("0-2,7,20-");
  EXPECT_TRUE(set.Contains(2) && set.Contains(7) && set.Contains(1000));
  EXPECT_FALSE(set.Contains(3) || set.Contains(8) || set.Contains(19));
  EXPECT_EQ(set.ToString(), "0-2,7,20-");
  EXPECT_FALSE(set.EndsBefore(1000));
  EXPECT_TRUE(NumberSet::Parse("3,7-9")->EndsBefore(10));
  EXPECT_FALSE(NumberSet::Parse("3,7-9")->EndsBefore(9));
}

TEST(NumberSet, NothingMeansAll) {
  EXPECT_TRUE(NumberSet().all());
  EXPECT_TRUE(NumberSet::Parse("")->Contains(99));
  EXPECT_FALSE(NumberSet().EndsBefore(99));
}

TEST(NumberSet, ErrorsNameTheColumn) {
  for (const char* wrong : {"a", "3-1", "1,", ",1", "1--2", "-1", "3;4", "3-x"}) {
    EXPECT_EQ(NumberSet::Parse(wrong).status().code(), Code::kUsage) << wrong;
  }
  EXPECT_EQ(NumberSet::Parse("5,3;4").status().message(),
            "takes numbers and ranges such as 3,7-9, not '5,3;4' (at column 4)");
}

}  // namespace
}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
#include "train/held_out.h"

#include <gtest/gtest.h>

namespace qt::train {
namespace {

TEST(HeldOutTest, ReadsTheReportOfQtEval) {
  const auto result = ParseReport(
      R"({"episodes": 50, "success": {"rate": 0.8, "interval": [0.67, 0.89], "count": 40}})", 7);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->step, 7);
  EXPECT_EQ(result->episodes, 50u);
  EXPECT_DOUBLE_EQ(result->low, 0.67);
  EXPECT_FALSE(ParseReport("", 1).ok());
  EXPECT_FALSE(ParseReport(R"({"success": {"rate": null}})", 1).ok());
}

}  // namespace
}  // namespace qt::train

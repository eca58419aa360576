// SPDX-License-Identifier: Apache-2.0
// Which name was probably meant.
#include "base/suggest.h"

#include <gtest/gtest.h>

namespace qt {
namespace {

TEST(Nearest, FindsSlips) {
  const std::vector<std::string> names = {"relabel", "num-envs", "seed", "steps"};
  EXPECT_EQ(Nearest("relabl", names), "relabel");
  EXPECT_EQ(Nearest("relbael", names), "relabel");
  EXPECT_EQ(Nearest("numenvs", names), "num-envs");
  EXPECT_EQ(Nearest("sede", names), "seed");
  EXPECT_EQ(Nearest("num", names), "num-envs");
  EXPECT_EQ(Nearest("quantum", names), "");
  EXPECT_EQ(Nearest("x", names), "");
}

TEST(DidYouMean, NamesTheNearestOrNothing) {
  EXPECT_EQ(DidYouMean("sede", {"seed", "steps"}, "--"), ", did you mean '--seed'?");
  EXPECT_EQ(DidYouMean("x", {"seed"}), "");
}

}  // namespace
}  // namespace qt

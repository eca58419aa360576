#include "qnet/query.h"

#include <gtest/gtest.h>

namespace qt::qnet {
namespace {

TEST(QueryTest, OnlyANetworkThatReadsPointsNeedsACamera) {
  NetworkConfig config;
  EXPECT_TRUE(NeedsCamera(config));
  config.merge = Merge::kAdd;
  EXPECT_FALSE(NeedsCamera(config));
  config.merge = Merge::kMlp;
  EXPECT_FALSE(NeedsCamera(config));
  config = {.architecture = kGrasping44};
  EXPECT_FALSE(NeedsCamera(config));
}

}  // namespace
}  // namespace qt::qnet

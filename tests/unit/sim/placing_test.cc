// SPDX-License-Identifier: Apache-2.0
// Dropped objects start apart, and lie without sinking into one another.
#include "sim/placing.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace qt::sim {
namespace {

double DeepestContact_m(Cell& cell) {
  mj_forward(cell.model(), cell.data());
  double depth_m = 0;
  for (int i = 0; i < cell.data()->ncon; ++i) {
    depth_m = std::max(depth_m, -cell.data()->contact[i].dist);
  }
  return depth_m;
}

TEST(Placing, DroppedObjectsStartApartAndSettleWithoutSinkingIn) {
  for (const char* objects : {"train", "h2"}) {
    for (uint64_t seed = 0; seed < 3; ++seed) {
      auto cell = *Cell::Create(DrawScene(*ParseObjectSet(objects), 10, 10, seed), {0, 0.12, 0.42});
      RandomStream rng(seed);
      std::vector<bool> placed(cell->num_objects(), false);
      for (size_t k = 0; k < placed.size(); ++k) {
        DropIn(*cell, k, placed, rng);
        placed[k] = true;
      }
      EXPECT_EQ(DeepestContact_m(*cell), 0) << objects << seed;
      ASSERT_TRUE(cell->Step(500).ok());
      EXPECT_LT(DeepestContact_m(*cell), 0.0015) << objects << seed;
    }
  }
}

TEST(Placing, OutsideIsBesideTheBinOrUnderIt) {
  auto cell = *Cell::Create(DrawScene(*ParseObjectSet("train"), 1, 1, 1), {0, 0.12, 0.42});
  const auto is_outside = [&](const Vec3& p_m) {
    cell->PlaceObject(0, {p_m, {}});
    mj_forward(cell->model(), cell->data());
    return IsOutside(*cell, 0);
  };
  EXPECT_FALSE(is_outside({0, 0, 0.05}));
  EXPECT_TRUE(is_outside({0.3, 0, 0.05}));
  EXPECT_TRUE(is_outside({0, -0.3, 0.05}));
  EXPECT_TRUE(is_outside({0, 0, -0.2}));
}

}  // namespace
}  // namespace qt::sim

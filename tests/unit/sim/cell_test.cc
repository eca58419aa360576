// SPDX-License-Identifier: Apache-2.0
// A scene that has gone bad says so, and goes on saying so: nothing of it may be recorded.
#include "sim/cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "sim/families.h"

namespace qt::sim {
namespace {

using testing::HasSubstr;

std::unique_ptr<Cell> NewCell() {
  Result<ObjectSet> set = ParseObjectSet("train");
  Result<std::unique_ptr<Cell>> cell = Cell::Create(DrawScene(*set, 2, 2, 1), {0, 0, 0.3});
  EXPECT_TRUE(cell.ok()) << cell.status().ToString();
  (*cell)->PlaceObject(0, {{-0.05, 0, 0.06}, {}});
  (*cell)->PlaceObject(1, {{0.05, 0, 0.06}, {}});
  EXPECT_TRUE((*cell)->Step(10).ok());
  return std::move(*cell);
}

// The objects' degrees of freedom follow the gripper's six.
constexpr int kFirstObjectDof = 6;

void ExpectUnstableForEver(Cell& cell, const char* why) {
  EXPECT_THAT(cell.Step(1).ToString(), HasSubstr(why));
  EXPECT_THAT(cell.Step(1).ToString(), HasSubstr("unstable"));
  EXPECT_FALSE(cell.SetFingers(false).ok());
  EXPECT_FALSE(cell.MoveTo({{0, 0, 0.2}, 0}, Motion()).ok());
}

TEST(Cell, AnObjectThatShootsAwayMakesTheSceneUnstable) {
  const std::unique_ptr<Cell> cell = NewCell();
  cell->data()->qvel[kFirstObjectDof] = 100;
  ExpectUnstableForEver(*cell, "shot away");
}

TEST(Cell, AStateThatIsNotANumberMakesTheSceneUnstable) {
  const std::unique_ptr<Cell> cell = NewCell();
  cell->data()->qvel[kFirstObjectDof + 2] = std::numeric_limits<double>::quiet_NaN();
  ExpectUnstableForEver(*cell, "MuJoCo warning");
}

TEST(Cell, AHugeAccelerationMakesTheSceneUnstable) {
  const std::unique_ptr<Cell> cell = NewCell();
  cell->data()->qfrc_applied[kFirstObjectDof] = 1e30;
  ExpectUnstableForEver(*cell, "unstable");
}

}  // namespace
}  // namespace qt::sim

// SPDX-License-Identifier: Apache-2.0
// Shapes and families: geometry against closed forms, the limits every object keeps, and the rule
// of reservation (what `train` never shows).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "base/check.h"
#include "objects/shape.h"
#include "sim/families.h"
#include "sim/grip_trial.h"
#include "sim/scene.h"

namespace qt::sim {
namespace {

using std::numbers::pi;

TEST(Shape, SupportReachesTheCornerOfABoxAndTheEndOfACapsule) {
  const objects::Primitive box{objects::PrimitiveKind::kBox, {0.01, 0.02, 0.03}, {}, 0};
  const double r = 1 / std::sqrt(3.0);
  EXPECT_NEAR(Support(box, {r, r, r}), 0.06 * r, 1e-12);
  const objects::Primitive capsule{objects::PrimitiveKind::kCapsule, {0.01, 0.02, 0}, {}, 0};
  EXPECT_NEAR(Support(capsule, {0, 0, 1}), 0.03, 1e-12);
  EXPECT_NEAR(Support(capsule, {1, 0, 0}), 0.01, 1e-12);
  const objects::Primitive ellipsoid{objects::PrimitiveKind::kEllipsoid, {0.01, 0.02, 0.03}, {}, 0};
  EXPECT_NEAR(Support(ellipsoid, {0, 1, 0}), 0.02, 1e-12);
}

TEST(Shape, ExtentsFollowTheRotation) {
  objects::ObjectSpec object;
  object.primitives = {{objects::PrimitiveKind::kBox,
                        {0.01, 0.01, 0.04},
                        {{0.1, 0, 0}, objects::AxisAngle({0, 1, 0}, pi / 2)},
                        0}};
  const objects::Extents extents = ExtentsOf(object);
  EXPECT_NEAR(extents.low_m[0], 0.06, 1e-9);
  EXPECT_NEAR(extents.high_m[0], 0.14, 1e-9);
  EXPECT_NEAR(extents.size_m()[2], 0.02, 1e-9);
  Recentre(object);
  EXPECT_NEAR(ExtentsOf(object).low_m[0], -0.04, 1e-9);
}

TEST(Shape, FromZTurnsZIntoTheDirection) {
  for (const Vec3& d : {Vec3{1, 0, 0}, Vec3{0, 0, -1}, Vec3{0.6, -0.8, 0}, Vec3{0, 0, 1}}) {
    const Vec3 z = Rotate(ToMatrix(objects::FromZ(d)), {0, 0, 1});
    EXPECT_NEAR(Norm(z - d), 0, 1e-9);
  }
}

double Largest(const objects::ObjectSpec& object) {
  const Vec3 size = ExtentsOf(object).size_m();
  return std::max({size[0], size[1], size[2]});
}

TEST(Families, EveryObjectKeepsTheLimits) {
  std::vector<std::string> names = TrainFamilies();
  for (const std::string& name : HeldOutFamilies()) names.push_back(name);
  for (const std::string& name : names) {
    RandomStream rng(7, name);
    for (int i = 0; i < 100; ++i) {
      const objects::ObjectSpec object = DrawObjectOf(name, rng);
      EXPECT_THAT(object.primitives.size(), testing::AllOf(testing::Ge(1u), testing::Le(4u)));
      EXPECT_LE(Largest(object), kMaxExtent_m) << name;
      EXPECT_GE(Largest(object), kMinExtent_m) << name;
      double neck_m = 1;
      for (const objects::Primitive& p : object.primitives)
        neck_m = std::min(neck_m, SmallestWidth_m(p));
      EXPECT_GE(neck_m, kMinNeck_m) << name;
      EXPECT_LE(neck_m, kMaxNeck_m) << name;
      EXPECT_GE(object.mass_kg, kMinMass_kg);
      EXPECT_LE(object.mass_kg, kMaxMass_kg);
    }
  }
}

TEST(Families, HeldOutFamiliesAreNeverDrawnForTraining) {
  const std::vector<std::string> train = TrainFamilies(), held_out = HeldOutFamilies();
  for (const std::string& name : held_out)
    EXPECT_THAT(train, testing::Not(testing::Contains(name)));
  std::set<std::string> drawn;
  for (const char* set_name : {"train", "h1"}) {
    const ObjectSet set = *ParseObjectSet(set_name);
    for (uint64_t seed = 0; seed < 100; ++seed) {
      for (const objects::ObjectSpec& object : DrawScene(set, 4, 10, seed).objects)
        drawn.insert(object.family);
    }
  }
  EXPECT_THAT(drawn, testing::UnorderedElementsAreArray(train));
  std::set<std::string> tested;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    for (const objects::ObjectSpec& object :
         DrawScene(*ParseObjectSet("test"), 4, 10, seed).objects) {
      tested.insert(object.family);
    }
  }
  EXPECT_THAT(tested, testing::UnorderedElementsAreArray(held_out));
}

TEST(Families, TheSameSeedGivesOtherObjectsInEverySet) {
  std::set<std::string> texts;
  for (const char* name : {"train", "h1", "h2", "h3"}) {
    texts.insert(ToXml(DrawScene(*ParseObjectSet(name), 6, 6, 42)));
  }
  EXPECT_EQ(texts.size(), 4u);
  EXPECT_EQ(ParseObjectSet("test")->seed_purpose, ParseObjectSet("h2")->seed_purpose);
  EXPECT_EQ(ParseObjectSet("banana").status().code(), Code::kUsage);
}

// Thousands of each, no shape twice, and none in two sets: no seed of one set leaks into another.
TEST(Families, NoShapeRepeatsWithinOrBetweenTheSets) {
  constexpr uint64_t kEach = 2000;
  std::set<std::array<double, 6>> shapes;
  for (const char* name : {"train", "h1", "h2", "h3"}) {
    const ObjectSet set = *ParseObjectSet(name);
    for (uint64_t k = 0; k < kEach; ++k) {
      RandomStream rng(k % 7, set.seed_purpose, k);
      const objects::ObjectSpec object = DrawObject(set, rng);
      const objects::Primitive &first = object.primitives.front(), &last = object.primitives.back();
      shapes.insert({first.size_m[0], first.size_m[1], first.size_m[2], last.size_m[0],
                     last.size_m[1], last.size_m[2]});
    }
  }
  EXPECT_EQ(shapes.size(), 4 * kEach);
}

TEST(Families, ColoursStandOutFromFloorAndGripper) {
  const ObjectSet set = *ParseObjectSet("train");
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const SceneSpec scene = DrawScene(set, 10, 10, seed);
    for (const objects::ObjectSpec& object : scene.objects) {
      for (const Vec3& rgb : object.colours_rgb) {
        EXPECT_GT(Norm(rgb - scene.looks.floor_rgb), 0.25);
        EXPECT_GT(*std::max_element(rgb.begin(), rgb.end()), 0.5);
      }
    }
  }
}

TEST(Scene, CountIsWithinBoundsAndBadBoundsThrow) {
  const ObjectSet set = *ParseObjectSet("train");
  std::set<size_t> counts;
  for (uint64_t seed = 0; seed < 60; ++seed)
    counts.insert(DrawScene(set, 4, 10, seed).objects.size());
  EXPECT_THAT(counts, testing::ElementsAre(4, 5, 6, 7, 8, 9, 10));
  EXPECT_THROW(DrawScene(set, 5, 4, 0), ContractError);
}

// The acceptance test of the physics, reduced; bench/sim_contacts runs 30 of each.
TEST(Contacts, OffCentreGraspsHoldThroughLiftAndShake) {
  for (const objects::PrimitiveKind kind :
       {objects::PrimitiveKind::kBox, objects::PrimitiveKind::kCapsule,
        objects::PrimitiveKind::kCylinder, objects::PrimitiveKind::kEllipsoid}) {
    for (uint64_t i = 0; i < 4; ++i) {
      const auto trial = RunGripTrial(kind, 2, i);
      ASSERT_TRUE(trial.ok()) << trial.status().ToString();
      EXPECT_TRUE(trial->held) << ToMjcf(kind) << i;
      EXPECT_LT(trial->creep_mps, 1e-3) << ToMjcf(kind) << i;
    }
  }
}

}  // namespace
}  // namespace qt::sim

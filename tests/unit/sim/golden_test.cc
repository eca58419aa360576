// SPDX-License-Identifier: Apache-2.0
// The same numbers as ever: a short episode's states and actions, by version of MuJoCo, and one
// picture, by OpenGL driver. A change here is a change of the task: figures measured before it do
// not hold after it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "base/digest.h"
#include "sim/cell.h"
#include "sim/renderer.h"
#include "sim/view.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

std::string Hex(const ContentHash& hash) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash.Value()));
  return text;
}

void Add(ContentHash& hash, double value) {
  // Tenths of a millimetre (or of a milliradian): the last digits of sines differ between
  // processors.
  const auto rounded = int64_t(std::llround(value * 1e4));
  hash.Update({reinterpret_cast<const uint8_t*>(&rounded), sizeof rounded});
}

void AddState(ContentHash& hash, const SimRobot& world) {
  const GripperState g = world.gripper();
  for (const double v : {double(g.opening), double(g.height_m), double(g.x_m), double(g.y_m),
                         double(g.yaw_rad), double(g.measured_opening_m), world.time_s()}) {
    Add(hash, v);
  }
  for (const ObjectTruth& object : world.objects()) {
    for (const double p_m : object.X_WO.p_m) Add(hash, p_m);
    const Quaternion& q = object.X_WO.q;
    for (const double v : {q.w, q.x, q.y, q.z}) Add(hash, v);
  }
}

// Two bins: a grasp with lift and drop test in one, a push against what lies there in the other.
std::string StatesOf(const std::string& objects) {
  SceneConfig config;
  config.objects = objects;
  auto world = MakeWorld(config);
  ContentHash hash;
  for (uint64_t bin = 1; bin <= 2; ++bin) {
    EXPECT_TRUE(world->NewBin(bin).ok());
    EXPECT_TRUE(world->StartEpisode(bin).ok());
    AddState(hash, *world);
    if (bin == 1) {
      EXPECT_TRUE(GraspAndLift(*world, 0, 0.2));
    } else {
      for (const Action& action : {Action::Move(0.05, 0.02, -0.15, 0.5), Action::Close(),
                                   Action::Move(-0.1, -0.05, 0.01, -0.5)}) {
        EXPECT_TRUE(world->Act(action).ok());
      }
    }
    AddState(hash, *world);
    EXPECT_TRUE(world->Finish().ok());
    AddState(hash, *world);
  }
  return Hex(hash);
}

void ExpectKnown(const std::map<std::string, std::string>& known, const std::string& key,
                 const std::string& hash) {
  const auto found = known.find(key);
  if (found == known.end()) {
    GTEST_SKIP() << "nobody has recorded this yet; if the other tests pass, add {\"" << key
                 << "\", \"" << hash << "\"}";
  }
  EXPECT_EQ(hash, found->second) << "the task has changed under " << key;
}

TEST(Golden, StatesOfAShortEpisode) {
  const std::string version = MujocoVersion();
  ExpectKnown({{"2.2.2", "666ca3b047da178a 3b0f159e7e28cd4b"}}, version,
              StatesOf("train") + " " + StatesOf("h2"));
}

TEST(Golden, PictureOfABin) {
  const View view = FitView(Camera::kShoulder, {}, {64, 64});
  auto cell = *Cell::Create(DrawScene(*ParseObjectSet("train"), 4, 4, 1), view.park_p_m);
  for (size_t k = 0; k < cell->num_objects(); ++k) {
    cell->PlaceObject(k, {{0.05 * double(k) - 0.08, 0.03 * double(k % 2), 0.03}, {}});
  }
  cell->Teleport({{0, 0, 0.1}, 0.3});
  auto renderer = *Renderer::Create(cell->model(), 64, 64);
  ContentHash hash;
  hash.Update(renderer->Render(cell->model(), cell->data(), view.camera).rgb_HWC);
  ExpectKnown({{"2.2.2, llvmpipe (LLVM 15.0.6, 256 bits), 4.5 (Compatibility Profile) Mesa 22.3.6",
                "38a3161a49532c0b"}},
              std::string(MujocoVersion()) + ", " + renderer->driver(), Hex(hash));
}

}  // namespace
}  // namespace qt::sim

#include "scene/scene_flags.h"

#include <gtest/gtest.h>

#include "cli/command.h"

namespace qt::scene {
namespace {

cli::FlagTable TableOf(SceneOptions* scene) {
  cli::FlagTable table("tool", "for a test");
  AddObjects(table, scene);
  AddCamera(table, scene);
  AddTrial(table, scene);
  return table;
}

TEST(SceneFlags, EveryFlagReachesTheWorld) {
  SceneOptions scene{.objects = "train"};
  cli::FlagTable table = TableOf(&scene);
  for (const auto& [flag, value] : {std::pair("objects", "h3"),
                                    {"min-objects", "2"},
                                    {"max-objects", "3"},
                                    {"camera", "top"},
                                    {"camera-jitter", "0.5"},
                                    {"camera-noise", "4"},
                                    {"looks", "plain"},
                                    {"arm", "iiwa"},
                                    {"disturb", "knock"}}) {
    ASSERT_TRUE(cli::SetFlag(table, flag, value).ok()) << flag;
  }
  ASSERT_TRUE(CheckScene(scene).ok());
  const sim::SceneConfig world = WorldOf(scene);
  EXPECT_EQ(world.objects, "h3");
  EXPECT_EQ(world.min_objects, 2);
  EXPECT_EQ(world.max_objects, 3);
  EXPECT_EQ(world.camera, "top");
  EXPECT_EQ(world.camera_jitter, 0.5);
  EXPECT_EQ(world.camera_noise, 4);
  EXPECT_EQ(world.looks, "plain");
  EXPECT_EQ(world.arm, "iiwa");
  EXPECT_EQ(world.disturbance, "knock");
}

TEST(SceneFlags, WhatCannotBeIsAUsageError) {
  EXPECT_EQ(CheckScene({.objects = "no-such-set"}).code(), Code::kUsage);
  const Status status = CheckScene({.objects = "h1", .min_objects = 5, .max_objects = 4});
  EXPECT_EQ(status.code(), Code::kUsage);
  EXPECT_EQ(status.message(), "--min-objects is greater than --max-objects");
}

TEST(SceneFlags, ASetNeedsNoLibrary) {
  const auto library = OpenLibrary({.objects = "h1"});
  ASSERT_TRUE(library.ok());
  EXPECT_EQ(*library, nullptr);
}

}  // namespace
}  // namespace qt::scene

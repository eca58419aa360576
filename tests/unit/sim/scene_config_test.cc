// SPDX-License-Identifier: Apache-2.0
// The settings of a scene: what is derived from them, and what cannot be.
#include "sim/scene_config.h"

#include <gtest/gtest.h>

#include "sim/object_folder.h"

namespace qt::sim {
namespace {

SceneConfig With(std::initializer_list<std::pair<const char*, const char*>> settings) {
  SceneConfig config;
  for (const auto& [name, text] : settings) EXPECT_TRUE(Set(config, name, text).ok()) << name;
  return config;
}

TEST(SceneConfig, SizeAndShadowsAreTheProfilesUnlessGiven) {
  EXPECT_EQ(ImageSizeOf({}).ToString(), "64");
  EXPECT_FALSE(HasShadows({}));
  const SceneConfig paper = With({{"profile", "paper"}});
  EXPECT_EQ(ImageSizeOf(paper).ToString(), "640x512");
  EXPECT_TRUE(HasShadows(paper));
  const SceneConfig given = With({{"profile", "paper"}, {"image-size", "32"}, {"shadows", "off"}});
  EXPECT_EQ(ImageSizeOf(given).ToString(), "32");
  EXPECT_FALSE(HasShadows(given));
  EXPECT_TRUE(HasShadows(With({{"shadows", "on"}})));
}

TEST(SceneConfig, SizesAndQualitiesAreReadAndShown) {
  EXPECT_EQ(ImageSize::Parse("640x512")->ToString(), "640x512");
  EXPECT_EQ(ImageSize::Parse("16")->height_px, 16);
  for (const char* wrong : {"", "15", "2049", "64x", "x64", "64x64x64", "64 x64", "-64", "64x8"}) {
    EXPECT_EQ(ImageSize::Parse(wrong).status().code(), Code::kUsage) << wrong;
  }
  EXPECT_EQ(JpegQuality::Parse("95")->ToString(), "95");
  EXPECT_EQ(JpegQuality::Parse("50-95")->low, 50);
  EXPECT_EQ(JpegQuality::Parse("50-95")->ToString(), "50-95");
  for (const char* wrong : {"", "0", "101", "95-50", "50-", "-50", "50-95-99", "5 0"}) {
    EXPECT_EQ(JpegQuality::Parse(wrong).status().code(), Code::kUsage) << wrong;
  }
}

TEST(SceneConfig, WhatCannotBeIsAUsageError) {
  EXPECT_TRUE(CheckScene({}).ok());
  EXPECT_EQ(CheckScene({.objects = "no-such-set"}).code(), Code::kUsage);
  const Status status = CheckScene({.objects = "h1", .min_objects = 5, .max_objects = 4});
  EXPECT_EQ(status.code(), Code::kUsage);
  EXPECT_EQ(status.message(), "--min-objects is greater than --max-objects");
  EXPECT_EQ(CheckScene({.min_objects = 0}).code(), Code::kUsage);
  EXPECT_EQ(CheckScene({.remove_held = true}).code(), Code::kUsage);
  EXPECT_TRUE(CheckScene({.drop_test = false, .remove_held = true}).ok());
}

TEST(SceneConfig, ASetNeedsNoLibrary) {
  SceneConfig config{.objects = "h1"};
  ASSERT_TRUE(OpenObjects(config).ok());
  EXPECT_EQ(config.library, nullptr);
}

}  // namespace
}  // namespace qt::sim

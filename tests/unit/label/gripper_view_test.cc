// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pictures.h"

namespace qt::label {
namespace {

Judged JudgeGripper(const RgbImage& before, const RgbImage& after) {
  return JudgePair(*Labellers().Find("gripper_view"), "gripper_before", before, "gripper_after",
                   after);
}

TEST(GripperView, SeesWhatWasHeld) {
  for (const int object_px : {4, 6, 10, 20}) {
    const Judged held = JudgeGripper(DrawGripper({.object_px = object_px}), DrawGripper({}));
    EXPECT_TRUE(held.success) << object_px;
    EXPECT_GT(held.confidence, 0.8f) << object_px;
  }
  const Judged empty = JudgeGripper(DrawGripper({}), DrawGripper({}));
  EXPECT_FALSE(empty.success);
  EXPECT_GT(empty.confidence, 0.99f);
}

TEST(GripperView, FingersThatAreApartTellOfWhatCannotBeSeen) {
  const RgbImage dark = DrawGripper({.object_px = 8, .object_level = 24});
  EXPECT_TRUE(JudgeGripper(dark, DrawGripper({})).success);
}

TEST(GripperView, LightNoiseAndJpegDoNotCount) {
  for (uint64_t seed = 1; seed < 20; ++seed) {
    const Paint lit = {.gain = 0.85, .offset = 8, .noise = 4, .noise_seed = 2 * seed};
    const Paint unlit = {.noise = 4, .noise_seed = 2 * seed + 1};
    const RgbImage after = ThroughJpeg(DrawGripper({.behind = lit}), 60);
    EXPECT_FALSE(JudgeGripper(ThroughJpeg(DrawGripper({.behind = unlit}), 60), after).success)
        << seed;
    const RgbImage held = ThroughJpeg(DrawGripper({.object_px = 6, .behind = unlit}), 60);
    EXPECT_TRUE(JudgeGripper(held, after).success) << seed;
  }
}

// After a bump the fingers, which are near, move by more than what lies behind them.
TEST(GripperView, ABumpDoesNotCount) {
  const Paint behind = {.du_px = 0.6, .turn_rad = 0.01};
  for (const int du_px : {-2, -1, 1, 2}) {
    const RgbImage after = DrawGripper({.behind = behind, .du_px = du_px});
    EXPECT_FALSE(JudgeGripper(DrawGripper({}), after).success) << du_px;
    EXPECT_TRUE(JudgeGripper(DrawGripper({.object_px = 8}), after).success) << du_px;
  }
}

TEST(GripperView, WhatRollsFarFromTheFingersDoesNotCount) {
  const uint64_t scene = FloorScene();
  const Paint there = {.scene = scene, .object_px = 8, .object_u_px = 4, .object_v_px = 58};
  const RgbImage before = DrawGripper({.behind = {.scene = scene}});
  EXPECT_EQ(JudgeGripper(before, DrawGripper({.behind = there})).change, 0);
}

TEST(GripperView, LargePicturesAreShrunk) {
  const GripperPaint held = {.object_px = 24, .behind = {.size_px = 256}};
  Episode episode;
  episode.evidence = {{"gripper_before", 1, EncodeRaw(DrawGripper(held))},
                      {"gripper_after", 2, EncodeRaw(DrawGripper({.behind = {.size_px = 256}}))}};
  const Labellers labellers;
  const Labeller& labeller = *labellers.Find("gripper_view");
  EXPECT_TRUE((*labeller.Judge(episode))->success_probability > 0.5);
  EXPECT_EQ((*labeller.Explain(episode))->pictures[1].width_px, 64);
}

TEST(GripperView, PicturesOfDifferentSizesAreCorrupt) {
  Episode episode;
  episode.id = "a";
  episode.evidence = {{"gripper_before", 1, EncodeRaw(DrawGripper({}))},
                      {"gripper_after", 2, EncodeRaw(DrawGripper({.behind = {.size_px = 32}}))}};
  const Status status = Labellers().Find("gripper_view")->Judge(episode).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.ToString(), "episode a: gripper_before and gripper_after differ in size");
}

TEST(GripperView, DescribesSettingsAndMeasurement) {
  Labellers labellers;
  labellers.Number("min_gripper_change") = 2.5;
  const Judged judged = JudgePair(*labellers.Find("gripper_view"), "gripper_before",
                                  DrawGripper({.object_px = 6}), "gripper_after", DrawGripper({}));
  EXPECT_EQ(judged.details["min_change"], 2.5);
  EXPECT_NEAR(judged.details["change"].get<double>(), judged.change, 1e-6);
  EXPECT_GE(judged.details["applied_threshold"], 24);
  EXPECT_EQ(judged.details["max_side_px"], 64);
}

}  // namespace
}  // namespace qt::label

#include "label/gripper_view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "json/json.h"
#include "pictures.h"

namespace qt::label {
namespace {

GripperJudgement JudgeGripper(const RgbImage& before, const RgbImage& after) {
  const Result<GripperAnalysis> analysis = AnalyseGripperPair(before, after, {});
  EXPECT_TRUE(analysis.ok());
  return analysis->judgement;
}

TEST(GripperView, SeesWhatWasHeld) {
  for (const int object_px : {4, 6, 10, 20}) {
    const GripperJudgement held =
        JudgeGripper(DrawGripper({.object_px = object_px}), DrawGripper({}));
    EXPECT_TRUE(held.success) << object_px;
    EXPECT_GT(held.confidence, 0.8f) << object_px;
  }
  const GripperJudgement empty = JudgeGripper(DrawGripper({}), DrawGripper({}));
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
  const Result<GripperAnalysis> analysis =
      AnalyseGripperPair(before, DrawGripper({.behind = there}), {});
  EXPECT_EQ(analysis->judgement.change, 0);
  EXPECT_EQ(std::count(analysis->mark_HW.begin(), analysis->mark_HW.end(), Mark::kNone), 64 * 64);
}

TEST(GripperView, LargePicturesAreShrunk) {
  const GripperPaint held = {.object_px = 24, .behind = {.size_px = 256}};
  const Result<GripperAnalysis> analysis =
      AnalyseGripperPair(DrawGripper(held), DrawGripper({.behind = {.size_px = 256}}), {});
  EXPECT_TRUE(analysis->judgement.success);
  EXPECT_EQ(analysis->after.width_px, 64);
}

TEST(GripperView, PicturesOfDifferentSizesAreCorrupt) {
  const Result<GripperAnalysis> analysis =
      AnalyseGripperPair(DrawGripper({}), DrawGripper({.behind = {.size_px = 32}}), {});
  EXPECT_EQ(analysis.status().code(), Code::kCorrupt);
}

TEST(GripperView, DescribesSettingsAndMeasurement) {
  const GripperViewConfig config = {.min_change = 2.5};
  const Json json = DescribeGripperJudgement(config, {.change = 7.123456789, .threshold = 30});
  EXPECT_EQ(json["min_change"], 2.5);
  EXPECT_EQ(json["change"], 7.123457);
  EXPECT_EQ(json["applied_threshold"], 30);
}

}  // namespace
}  // namespace qt::label

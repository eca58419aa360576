// SPDX-License-Identifier: Apache-2.0
#include "label/calibrate.h"

#include <gtest/gtest.h>

#include "pictures.h"

namespace qt::label {
namespace {

Episode Grip(bool empty, int object_px, double noise, uint64_t seed) {
  Episode episode = MakeEpisode("e", false);
  if (empty) episode.final_gripper.measured_opening_m = 0;
  const uint64_t scene = FloorScene();
  const Paint before = {.scene = scene, .noise = noise, .noise_seed = 2 * seed + 1};
  const Paint after = {
      .scene = scene, .object_px = object_px, .noise = noise, .noise_seed = 2 * seed + 2};
  episode.evidence[0].image = EncodeRaw(Draw(before));
  episode.evidence[1].image = EncodeRaw(Draw(after));
  return episode;
}

double EdgeOf(const Calibration& calibration, const std::string& wanted) {
  for (const auto& [setting, edge] : calibration.edges) {
    if (setting == wanted) return edge;
  }
  return 0;
}

TEST(Calibrate, TheEdgeLiesBetweenEmptyGripsAndDrops) {
  Calibrator calibrator({});
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(calibrator.Add(Grip(true, i % 20 == 0 ? 3 : 0, 2, i)).ok());
    ASSERT_TRUE(calibrator.Add(Grip(false, 10, 2, 100 + i)).ok());
  }
  const Result<Calibration> calibration = calibrator.Finish();
  ASSERT_TRUE(calibration.ok()) << calibration.status().ToString();
  const auto change = [&](int object_px) {
    return (*Labellers().Find("image_diff")->Judge(Grip(false, object_px, 2, 999)))->change;
  };
  EXPECT_GT(EdgeOf(*calibration, "min_change"), change(3));
  EXPECT_LT(EdgeOf(*calibration, "min_change"), change(10));
  EXPECT_EQ(calibration->evidence["empty_grips"], 60);
  EXPECT_EQ(calibration->evidence["other_grips"], 60);
}

TEST(Calibrate, TheGrippersViewGetsAnEdgeOfItsOwn) {
  Calibrator calibrator({});
  const auto grip = [](bool empty, uint64_t i) {
    Episode episode = Grip(empty, empty ? 0 : 10, 2, i);
    const Paint behind = {.noise = 2, .noise_seed = i};
    const RgbImage before = DrawGripper({.object_px = empty ? 0 : 6, .behind = behind});
    episode.evidence.push_back({"gripper_before", 3500, EncodeRaw(before)});
    episode.evidence.push_back({"gripper_after", 4500, EncodeRaw(DrawGripper({}))});
    return episode;
  };
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(calibrator.Add(grip(true, i)).ok());
    ASSERT_TRUE(calibrator.Add(grip(false, 100 + i)).ok());
  }
  const Result<Calibration> calibration = calibrator.Finish();
  ASSERT_TRUE(calibration.ok()) << calibration.status().ToString();
  const auto change = [&](bool empty) {
    return (*Labellers().Find("gripper_view")->Judge(grip(empty, 999)))->change;
  };
  EXPECT_GT(EdgeOf(*calibration, "min_gripper_change"), change(true));
  EXPECT_LT(EdgeOf(*calibration, "min_gripper_change"), change(false));
  EXPECT_EQ(calibration->evidence["gripper_view"]["empty_grips"], 60);
}

TEST(Calibrate, GoesThroughJson) {
  const Calibration calibration = {{{"min_change", 0.25}, {"min_gripper_change", 1.5}},
                                   {{"empty_grips", 60}}};
  const Result<Calibration> back = CalibrationFromJson(ToJson(calibration));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->edges, calibration.edges);
  EXPECT_EQ(back->evidence, calibration.evidence);
  const Calibration bin_alone = {{{"min_change", 0.25}}, {}};
  EXPECT_EQ(CalibrationFromJson(ToJson(bin_alone))->edges, bin_alone.edges);
  Labellers labellers;
  calibration.ApplyTo(&labellers);
  EXPECT_EQ(labellers.Number("min_change"), 0.25);
  EXPECT_EQ(labellers.Number("min_gripper_change"), 1.5);
  for (const char* bad :
       {"[]", "{}", R"({"kind": "qt-label calibration", "labeller": "image_diff/1"})",
        R"({"kind": "qt-label calibration", "labeller": "image_diff/3"})",
        R"({"kind": "qt-label calibration", "labeller": "image_diff/3", "min_change": -1})",
        R"({"kind": "qt-label calibration", "labeller": "image_diff/3", "min_change": 1,
            "min_gripper_change": "x"})"}) {
    EXPECT_EQ(CalibrationFromJson(Json::parse(bad)).status().code(), Code::kCorrupt) << bad;
  }
}

TEST(Calibrate, WantsEnoughOfBoth) {
  Calibrator calibrator({});
  for (uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(calibrator.Add(Grip(true, 0, 2, i)).ok());
  EXPECT_NE(calibrator.Finish().status().message().find("wants 50 episodes"), std::string::npos);
}

TEST(Calibrate, RefusesPicturesThatDoNotTell) {
  Calibrator calibrator({});
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(calibrator.Add(Grip(true, 8, 2, i)).ok());
    ASSERT_TRUE(calibrator.Add(Grip(false, 8, 2, 100 + i)).ok());
  }
  EXPECT_EQ(calibrator.Finish().status().code(), Code::kFailed);
}

}  // namespace
}  // namespace qt::label

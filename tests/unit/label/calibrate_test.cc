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

TEST(Calibrate, TheEdgeLiesBetweenEmptyGripsAndDrops) {
  Calibrator calibrator({});
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(calibrator.Add(Grip(true, i % 20 == 0 ? 3 : 0, 2, i)).ok());
    ASSERT_TRUE(calibrator.Add(Grip(false, 10, 2, 100 + i)).ok());
  }
  const Result<Calibration> calibration = calibrator.Finish();
  ASSERT_TRUE(calibration.ok()) << calibration.status().ToString();
  const auto change = [&](int object_px) {
    const Episode episode = Grip(false, object_px, 2, 999);
    return NetChange((*AnalyseEvidence(episode, {}))->judgement, {});
  };
  EXPECT_GT(calibration->min_change, change(3));
  EXPECT_LT(calibration->min_change, change(10));
  EXPECT_EQ(calibration->evidence["empty_grips"], 60);
  EXPECT_EQ(calibration->evidence["other_grips"], 60);
}

TEST(Calibrate, GoesThroughJson) {
  const Calibration calibration = {0.25, {{"empty_grips", 60}}};
  const Result<Calibration> back = CalibrationFromJson(ToJson(calibration));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->min_change, 0.25);
  EXPECT_EQ(back->evidence, calibration.evidence);
  for (const char* bad :
       {"[]", "{}", R"({"kind": "qt-label calibration", "labeller": "image_diff/1"})",
        R"({"kind": "qt-label calibration", "labeller": "image_diff/3"})",
        R"({"kind": "qt-label calibration", "labeller": "image_diff/3", "min_change": -1})"}) {
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

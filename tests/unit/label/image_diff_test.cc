// SPDX-License-Identifier: Apache-2.0
#include "label/image_diff.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "json/json.h"
#include "pictures.h"

namespace qt::label {
namespace {

Judged Judge(const RgbImage& before, const RgbImage& after, const CameraModel& camera = {}) {
  return JudgePair(*Labellers().Find("image_diff"), "before_drop", before, "after_drop", after,
                   camera);
}

double Appeared(const Judged& judged) { return judged.details["appeared"]; }

TEST(ImageDiff, SeesAnObjectThatHasAppeared) {
  for (uint64_t scene = 0; scene < 20; ++scene) {
    const RgbImage before = Draw({.scene = scene}), after = Draw({.scene = scene, .object_px = 8});
    const bool hidden = before.rgb_HWC == after.rgb_HWC;
    EXPECT_EQ(Judge(before, after).success, !hidden) << scene;
  }
}

TEST(ImageDiff, TheSamePictureIsAFailureForSure) {
  const Judged judgement = Judge(Draw({}), Draw({}));
  EXPECT_FALSE(judgement.success);
  EXPECT_GT(judgement.confidence, 0.95f);
  EXPECT_EQ(Appeared(judgement), 0);
}

TEST(ImageDiff, LightDoesNotCount) {
  for (const auto& [gain, offset] : {std::pair{1.0, 30.0}, {0.8, 0.0}, {1.15, -12.0}}) {
    const RgbImage lit = Draw({.gain = gain, .offset = offset});
    EXPECT_FALSE(Judge(Draw({}), lit).success) << gain << " " << offset;
    const RgbImage lit_object = Draw({.object_px = 8, .gain = gain, .offset = offset});
    EXPECT_TRUE(Judge(Draw({}), lit_object).success) << gain << " " << offset;
  }
}

TEST(ImageDiff, NoiseAndJpegDoNotCount) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const RgbImage before = Draw({.noise = 4, .noise_seed = 2 * seed + 1});
    const RgbImage after = Draw({.noise = 4, .noise_seed = 2 * seed + 2});
    EXPECT_FALSE(Judge(before, after).success);
    EXPECT_FALSE(Judge(ThroughJpeg(before, 80), ThroughJpeg(after, 80)).success);
    const RgbImage object = Draw({.object_px = 8, .noise = 4, .noise_seed = 2 * seed + 2});
    EXPECT_TRUE(Judge(ThroughJpeg(before, 80), ThroughJpeg(object, 80)).success);
  }
}

TEST(ImageDiff, SmallOrFaintRegionsAreIgnored) {
  EXPECT_FALSE(Judge(Draw({}), Draw({.object_px = 1})).success);
  const uint64_t scene = FloorScene();
  const RgbImage faint = Draw({.scene = scene, .object_px = 8, .object_level = 155});
  EXPECT_FALSE(Judge(Draw({.scene = scene}), faint).success);
}

TEST(ImageDiff, TheDecisionDoesNotDependOnTheResolution) {
  for (int size_px : {64, 128, 256, 512}) {
    const RgbImage before = Draw({.noise = 2, .noise_seed = 3, .size_px = size_px});
    const RgbImage after =
        Draw({.object_px = size_px / 8, .noise = 2, .noise_seed = 4, .size_px = size_px});
    EXPECT_TRUE(Judge(before, after).success) << size_px;
    EXPECT_FALSE(Judge(before, Draw({.noise = 2, .noise_seed = 9, .size_px = size_px})).success);
  }
}

TEST(ImageDiff, AnObjectThatRolledIsNotOneThatWasDropped) {
  const uint64_t scene = FloorScene();
  const RgbImage here = Draw({.scene = scene, .object_px = 10});
  const RgbImage there =
      Draw({.scene = scene, .object_px = 10, .object_u_px = 14, .object_v_px = 40});
  EXPECT_FALSE(Judge(here, there).success);
  EXPECT_FALSE(Judge(there, here).success);
  EXPECT_FALSE(Judge(here, Draw({.scene = scene})).success) << "what vanished is no success";
}

TEST(ImageDiff, OnlyTheBinAndWhatIsCloseToItCount) {
  // From 2 m above, 1 m to a side: the bin is the middle quarter of the picture.
  CameraModel camera{64, 64, 123, 123, 31.5, 31.5, {}};
  camera.X_WC.p_m = {0, 0, 2};
  camera.X_WC.q = {0, 1, 0, 0};
  const RgbImage inside = Draw({.object_px = 8});
  const RgbImage outside = Draw({.object_px = 8, .object_u_px = 6});
  const auto succeeds = [](const RgbImage& after, const CameraModel& seen_by) {
    return Judge(Draw({}), after, seen_by).success;
  };
  EXPECT_TRUE(succeeds(inside, camera));
  EXPECT_FALSE(succeeds(outside, camera));
  EXPECT_TRUE(succeeds(outside, CameraModel()));
  camera.X_WC.p_m = {5, 0, 2};
  EXPECT_TRUE(succeeds(outside, camera)) << "a camera that does not see the bin is not believed";
}

TEST(ImageDiff, ConfidenceGrowsAwayFromTheEdge) {
  const Judged small = Judge(Draw({}), Draw({.object_px = 4}));
  const Judged large = Judge(Draw({}), Draw({.object_px = 12}));
  EXPECT_LT(Appeared(small), Appeared(large));
  EXPECT_LT(small.confidence, large.confidence);
}

TEST(ImageDiff, PicturesOfDifferentSizesAreCorrupt) {
  Episode episode;
  episode.evidence = {{"before_drop", 1, EncodeRaw(Draw({}))},
                      {"after_drop", 2, EncodeRaw(Draw({.size_px = 32}))}};
  EXPECT_EQ(Labellers().Find("image_diff")->Judge(episode).status().code(), Code::kCorrupt);
}

TEST(ImageDiff, ABumpedCameraDoesNotCount) {
  // Twice the size that is judged, so that edges fall between pixels.
  constexpr int kSize_px = 256;
  for (uint64_t scene = 0; scene < 10; ++scene) {
    for (const auto& [du_px, dv_px, turn_rad] :
         {std::array{1.0, -0.8, 0.0}, {5.2, 3.4, 0.0}, {-6.6, 1.6, 0.02}}) {
      Paint paint = {.scene = scene, .noise = 2, .noise_seed = 3, .size_px = kSize_px};
      const RgbImage before = Draw(paint);
      paint.noise_seed = 4, paint.du_px = du_px, paint.dv_px = dv_px, paint.turn_rad = turn_rad;
      const Judged same = Judge(before, Draw(paint));
      EXPECT_FALSE(same.success) << scene << ": " << du_px << " " << Appeared(same);
      EXPECT_NEAR(same.details["shift"][0].get<double>(), du_px / 2, 0.4) << scene;
      EXPECT_NEAR(same.details["shift"][1].get<double>(), dv_px / 2, 0.4) << scene;
    }
  }
  const uint64_t scene = FloorScene();
  const Paint moved = {
      .scene = scene, .object_px = 32, .size_px = kSize_px, .du_px = 5.2, .dv_px = 3.4};
  EXPECT_TRUE(Judge(Draw({.scene = scene, .size_px = kSize_px}), Draw(moved)).success);
}

TEST(ImageDiff, SettlingIsNotADrop) {
  // An object moved by less than its size: what appeared is no more than what vanished.
  const uint64_t scene = FloorScene();
  const RgbImage here = Draw({.scene = scene, .object_px = 12});
  const RgbImage there = Draw({.scene = scene, .object_px = 12, .object_u_px = 35});
  const Judged judgement = Judge(here, there);
  EXPECT_GT(Appeared(judgement), 0);
  EXPECT_GT(judgement.details["vanished"], 0);
  EXPECT_FALSE(judgement.success);
}

TEST(ImageDiff, AnEdgeThatIsAPixelOffIsNoChange) {
  const uint64_t scene = FloorScene();
  const RgbImage here = Draw({.scene = scene, .object_px = 12});
  const RgbImage there = Draw({.scene = scene, .object_px = 12, .object_u_px = 33});
  EXPECT_EQ(Appeared(Judge(here, there)), 0);
}

TEST(ImageDiff, WhatFallsOnAnotherObjectCounts) {
  // As large as what it covers, so that no more has appeared than vanished; but in its own colour.
  const uint64_t scene = FloorScene();
  const RgbImage before = Draw({.scene = scene, .object_px = 10, .object_level = 70});
  const RgbImage after = Draw({.scene = scene, .object_px = 10, .object_level = 240});
  EXPECT_TRUE(Judge(before, after).success);
}

TEST(ImageDiff, NoiseRaisesTheThresholdAndLowersTheEdge) {
  const PairChange clean = {.appeared = 1, .threshold = 12};
  PairChange noisy = clean;
  noisy.threshold = 36;
  EXPECT_DOUBLE_EQ(NetChange(noisy, {}), 3 * NetChange(clean, {}));
}

TEST(ImageDiff, DescribesItsSettings) {
  Labellers labellers;
  labellers.Number("threshold") = 17;
  const Judged judged = JudgePair(*labellers.Find("image_diff"), "before_drop", Draw({}),
                                  "after_drop", Draw({.object_px = 8}));
  EXPECT_EQ(judged.details["threshold"], 17);
  EXPECT_GT(judged.details["appeared"], 0.5);
  EXPECT_EQ(judged.details["shift"], Json({0.0, 0.0, 0.0}));
}

TEST(ImageDiff, TheExplanationShowsWhatTheVerdictCounts) {
  const uint64_t scene = FloorScene();
  const auto explain = [&](int before_px, int after_px) {
    Episode episode;
    episode.evidence = {
        {"before_drop", 1, EncodeRaw(Draw({.scene = scene, .object_px = before_px}))},
        {"after_drop", 2, EncodeRaw(Draw({.scene = scene, .object_px = after_px}))}};
    return **Labellers().Find("image_diff")->Explain(episode);
  };
  const auto level = [](const Explanation& shown, size_t pixel, size_t channel) {
    return shown.pictures.at(2).rgb_HWC[kRgbChannels * pixel + channel];
  };
  constexpr size_t kMiddle = 32 * 64 + 32, kTop = 14;
  const Explanation appeared = explain(0, 8);
  EXPECT_EQ(level(appeared, kMiddle, 1), 255) << "green";
  EXPECT_LT(level(appeared, kTop, 1), 128);
  EXPECT_NE(appeared.words.find("appeared"), std::string::npos);
  EXPECT_EQ(level(explain(8, 0), kMiddle, 0), 255) << "red";
}

}  // namespace
}  // namespace qt::label

#include "label/image_diff.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "pictures.h"
#include "record/json.h"

namespace qt::label {
namespace {

Judgement Judge(const RgbImage& before, const RgbImage& after) {
  const Result<Judgement> judgement = JudgePair(before, after, {});
  EXPECT_TRUE(judgement.ok());
  return *judgement;
}

TEST(ImageDiff, SeesAnObjectThatHasAppeared) {
  for (uint64_t scene = 0; scene < 20; ++scene) {
    const RgbImage before = Draw({.scene = scene}), after = Draw({.scene = scene, .object_px = 8});
    const bool hidden = before.rgb_HWC == after.rgb_HWC;
    EXPECT_EQ(Judge(before, after).success, !hidden) << scene;
  }
}

TEST(ImageDiff, TheSamePictureIsAFailureForSure) {
  const Judgement judgement = Judge(Draw({}), Draw({}));
  EXPECT_FALSE(judgement.success);
  EXPECT_GT(judgement.confidence, 0.95f);
  EXPECT_EQ(judgement.change, 0);
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
  uint64_t scene = 0;  // one whose middle shows the floor
  while (std::abs(Draw({.scene = scene}).rgb_HWC[3 * (32 * 64 + 32)] - 150) > 3) ++scene;
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

TEST(ImageDiff, ConfidenceGrowsAwayFromTheEdge) {
  const Judgement small = Judge(Draw({}), Draw({.object_px = 4}));
  const Judgement large = Judge(Draw({}), Draw({.object_px = 12}));
  EXPECT_LT(small.change, large.change);
  EXPECT_LT(small.confidence, large.confidence);
}

TEST(ImageDiff, PicturesOfDifferentSizesAreCorrupt) {
  const auto judgement = JudgePair(Draw({}), Draw({.size_px = 32}), {});
  EXPECT_EQ(judgement.status().code(), Code::kCorrupt);
}

TEST(ImageDiff, DescribesItsSettingsAsJson) {
  ImageDiffConfig config;
  config.threshold = 17;
  const Json json = Json::parse(DescribeJudgement(config, {.change = 0.5}));
  EXPECT_EQ(json["threshold"], 17);
  EXPECT_EQ(json["change"], 0.5);
}

}  // namespace
}  // namespace qt::label

// SPDX-License-Identifier: Apache-2.0
// Looks, shadows, sensor noise and the drifts of a drop test: what they change, what they must not,
// and that they repeat.
#include "sim/looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "image/image.h"
#include "json/json.h"
#include "sim/nuisance.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

double MeanAbsDifference(const RgbImage& a, const RgbImage& b) {
  double sum = 0;
  for (size_t i = 0; i < a.rgb_HWC.size(); ++i) sum += std::abs(a.rgb_HWC[i] - b.rgb_HWC[i]);
  return sum / double(a.rgb_HWC.size());
}

TEST(Looks, APatternStaysBetweenItsDarkestFactorAndOne) {
  for (int kind = 0; kind < kNumPatternKinds; ++kind) {
    const Pattern pattern{Pattern::Kind(kind), 0.6, 5, 0.3, 7};
    double low = 1, high = 0;
    for (double u = 0.01; u < 1; u += 0.02) {
      for (double v = 0.01; v < 1; v += 0.02) {
        low = std::min(low, ValueAt(pattern, u, v, 1));
        high = std::max(high, ValueAt(pattern, u, v, 1));
      }
    }
    EXPECT_GE(low, 0.6);
    EXPECT_LE(high, 1);
    EXPECT_GT(high - low, 0.2) << kind;
  }
}

TEST(Looks, EachLevelLooksDifferentAndPhysicsIsTheSame) {
  std::vector<RgbImage> pictures;
  std::vector<Vec3> places;
  for (const LooksLevel level : {LooksLevel::kPlain, LooksLevel::kMild, LooksLevel::kStrong}) {
    SceneConfig config = RawConfig();
    config.looks = level;
    auto world = MakeWorld(config);
    pictures.push_back(FirstPicture(*world));
    places.push_back(world->objects()[0].X_WO.p_m);
  }
  EXPECT_GT(MeanAbsDifference(pictures[0], pictures[1]), 2);
  EXPECT_GT(MeanAbsDifference(pictures[1], pictures[2]), 10);
  EXPECT_EQ(places[0], places[1]);
  EXPECT_EQ(places[1], places[2]);
}

TEST(Looks, AutoIsMildAndForH3Strong) {
  RandomStream rng(1);
  EXPECT_EQ(DrawLooks(LooksLevel::kStrong, {}, rng).patterns.size(), kNumPatterns);
  EXPECT_TRUE(DrawLooks(LooksLevel::kMild, {}, rng).patterns.empty());
}

TEST(Looks, HalfOfTheMixedBinsAreExactlyMildAndHalfExactlyStrong) {
  SceneConfig config = RawConfig();
  const auto picture = [&](LooksLevel level, uint64_t seed) {
    config.looks = level;
    return FirstPicture(*MakeWorld(config), seed).rgb_HWC;
  };
  config.looks = LooksLevel::kMixed;
  auto mixed = MakeWorld(config);
  int strong = 0;
  for (uint64_t seed = 1; seed <= 16; ++seed) {
    const RgbImage one = FirstPicture(*mixed, seed);  // textures come and go in one renderer
    const bool is_strong = mixed->env_config().find(R"("looks":"strong")") != std::string::npos;
    strong += is_strong;
    EXPECT_EQ(one.rgb_HWC, picture(is_strong ? LooksLevel::kStrong : LooksLevel::kMild, seed));
  }
  EXPECT_GE(strong, 4);
  EXPECT_LE(strong, 12);
}

// The renderer carries textures from bin to bin; none may stay behind.
TEST(Looks, TexturesAreThoseOfTheBin) {
  SceneConfig config = RawConfig();
  config.looks = LooksLevel::kStrong;
  auto world = MakeWorld(config);
  const RgbImage first = FirstPicture(*world, 5);
  EXPECT_NE(FirstPicture(*world, 6).rgb_HWC, first.rgb_HWC);
  EXPECT_EQ(FirstPicture(*world, 5).rgb_HWC, first.rgb_HWC);
  EXPECT_EQ(FirstPicture(*MakeWorld(config), 5).rgb_HWC, first.rgb_HWC);
}

TEST(Looks, ShadowsDarkenAndNothingGetsBrighter) {
  SceneConfig config = RawConfig();
  const RgbImage without = FirstPicture(*MakeWorld(config));
  config.shadows = When::kOn;
  const RgbImage with = FirstPicture(*MakeWorld(config));
  int darker = 0, brighter = 0;
  for (size_t i = 0; i < with.rgb_HWC.size(); ++i) {
    darker += with.rgb_HWC[i] < without.rgb_HWC[i] - 10;
    brighter += with.rgb_HWC[i] > without.rgb_HWC[i] + 4;
  }
  EXPECT_GT(darker, 100);
  EXPECT_EQ(brighter, 0);
}

TEST(Looks, PicturesOfAnyShape) {
  for (const auto& [width_px, height_px] :
       {std::pair{640, 512}, {512, 640}, {2048, 32}, {17, 16}}) {
    SceneConfig config = RawConfig();
    config.image_size = {width_px, height_px};
    auto world = MakeWorld(config);
    const RgbImage picture = FirstPicture(*world);
    EXPECT_EQ(picture.width_px, width_px);
    EXPECT_EQ(picture.height_px, height_px);
    const CameraModel camera = world->Observe()->camera;
    EXPECT_EQ(camera.fx_px, camera.fy_px);
    // The whole floor and the gripper's reach are in the frame, whatever its shape.
    for (const Vec3& p : {Vec3{0.13, 0.13, 0}, {-0.13, -0.13, 0}, {0.105, 0.105, 0.2}}) {
      const Pixel pixel = camera.Project(p);
      EXPECT_GE(std::min(pixel.u_px, pixel.v_px), -0.5);
      EXPECT_LE(pixel.u_px, width_px - 0.5);
      EXPECT_LE(pixel.v_px, height_px - 0.5);
    }
  }
}

TEST(Nuisances, NoiseHasTheWantedDeviationAndNoBias) {
  RgbImage image{64, 64, std::vector<uint8_t>(64 * 64 * 3, 120)};
  RandomStream rng(3);
  AddNoise(6, rng, image);
  double sum = 0, squares = 0;
  for (const uint8_t value : image.rgb_HWC)
    sum += value - 120, squares += (value - 120) * (value - 120);
  const double n = double(image.rgb_HWC.size());
  EXPECT_NEAR(sum / n, 0, 0.3);
  EXPECT_NEAR(std::sqrt(squares / n), 6, 0.3);
}

TEST(Nuisances, EveryPictureHasItsOwnNoiseAndTheSameSeedTheSame) {
  SceneConfig config = RawConfig();
  config.camera_noise = 4;
  auto world = MakeWorld(config);
  const RgbImage first = FirstPicture(*world);
  EXPECT_NEAR(MeanAbsDifference(first, *Decode(world->Observe()->image)), 4.5, 0.8);
  EXPECT_EQ(FirstPicture(*world).rgb_HWC, first.rgb_HWC);
}

// How much the two pictures of a drop test differ in which nothing was dropped.
double EvidenceChange(const SceneConfig& config, Json* drawn) {
  auto world = MakeWorld(config);
  FirstPicture(*world);
  auto verdict = world->Finish();
  EXPECT_TRUE(verdict.ok()) << verdict.status().ToString();
  const Json json = Json::parse(world->env_config());
  *drawn = json.contains("drawn") ? json["drawn"] : Json();
  return MeanAbsDifference(*Decode(verdict->evidence[0].image),
                           *Decode(verdict->evidence[1].image));
}

TEST(Nuisances, LightAndCameraDriftBetweenTheEvidence) {
  Json drawn;
  SceneConfig config = RawConfig();
  EXPECT_LT(EvidenceChange(config, &drawn), 0.2);
  EXPECT_TRUE(drawn.is_null());
  config.light_drift = 0.3;
  EXPECT_GT(EvidenceChange(config, &drawn), 1);
  for (const double gain : drawn.at("light_gain_rgb")) EXPECT_NEAR(gain, 1, 0.39);
  config.light_drift = 0;
  config.bump = 0.5;
  EXPECT_GT(EvidenceChange(config, &drawn), 1);
  EXPECT_GT(drawn.at("bump_m").get<double>(), 0.0005);
  EXPECT_LT(drawn.at("bump_m").get<double>(), 0.009);
  EXPECT_LT(drawn.at("bump_rad").get<double>(), 0.016);
}

TEST(Nuisances, TheLightIsBackForTheNextEpisode) {
  SceneConfig config = RawConfig();
  config.light_drift = 0.5;
  auto world = MakeWorld(config);
  const RgbImage first = FirstPicture(*world);
  ASSERT_TRUE(world->Finish().ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  EXPECT_LT(MeanAbsDifference(*Decode(world->Observe()->image), first), 1);
}

TEST(Nuisances, EachEpisodeDrawsItsJpegQuality) {
  SceneConfig config = SmallConfig();
  config.jpeg_quality = {50, 95};
  auto world = MakeWorld(config);
  ASSERT_TRUE(world->NewBin(1).ok());
  int lowest = 100, highest = 0;
  for (uint64_t e = 0; e < 20; ++e) {
    ASSERT_TRUE(world->StartEpisode(e).ok());
    const int quality = Json::parse(world->env_config()).at("drawn").at("jpeg_quality");
    lowest = std::min(lowest, quality);
    highest = std::max(highest, quality);
  }
  EXPECT_GE(lowest, 50);
  EXPECT_LE(highest, 95);
  EXPECT_GT(highest - lowest, 20);
}

}  // namespace
}  // namespace qt::sim

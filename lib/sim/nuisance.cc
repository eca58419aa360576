// SPDX-License-Identifier: Apache-2.0
// Sensor noise, and drifts between the pictures of the drop test.
#include "sim/nuisance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "image/disturb.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

// The sum of the eight bytes of a random word: near enough to normal for a sensor, and one draw a
// number where an exact normal takes ten times as long.
double NearlyNormal(RandomStream& rng) {
  constexpr double kMean = 8 * 127.5, kDeviation = 209.0;  // sqrt(8 (256^2 - 1) / 12)
  uint64_t word = rng.Next();
  int sum = 0;
  for (int i = 0; i < 8; ++i, word >>= 8) sum += int(word & 255);
  return (sum - kMean) / kDeviation;
}

// Quaternions that differ by a small turn: its angle.
double AngleBetween(const Quaternion& a, const Quaternion& b) {
  const double dot = std::abs(a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z);
  return 2 * std::acos(std::min(dot, 1.0));
}

}  // namespace

void AddNoise(double sigma, RandomStream& rng, RgbImage& image) {
  for (uint8_t& value : image.rgb_HWC) {
    value = uint8_t(std::clamp(std::lround(value + sigma * NearlyNormal(rng)), 0L, 255L));
  }
}

void Nuisances::StartEpisode(uint64_t seed) {
  seed_ = seed;
  num_images_ = 0;
  record_ = nullptr;
  const JpegQuality& quality = config_.jpeg_quality;
  jpeg_quality_ = quality.low;
  if (quality.high <= quality.low) return;
  RandomStream rng(seed, "sim.jpeg");
  jpeg_quality_ += int(rng.Below(uint64_t(quality.high - quality.low + 1)));
  record_["jpeg_quality"] = jpeg_quality_;
}

EncodedImage Nuisances::Record(RgbImage image) {
  if (config_.camera_blur > 0) Blur(config_.camera_blur * image.width_px / 64, image);
  if (config_.camera_hue_deg != 0) {
    TurnHues(config_.camera_hue_deg * std::numbers::pi / 180, image);
  }
  if (config_.camera_noise > 0) {
    RandomStream rng(seed_, "sim.camera_noise", num_images_++);
    AddNoise(config_.camera_noise, rng, image);
  }
  return config_.image == ImageFormat::kJpeg ? EncodeJpeg(image, jpeg_quality_)
                                             : EncodeRaw(std::move(image));
}

// Turned as much, but moved in proportion to how near it is to what it looks at: 15 cm, not 95.
void Nuisances::BumpOnGripper(CameraModel& camera) const {
  RandomStream rng(seed_, "sim.evidence.gripper");
  const Vec3 before_m = camera.X_WC.p_m;
  camera = Jitter(camera, config_.bump, rng);
  camera.X_WC.p_m = before_m + (0.15 / 0.95) * (camera.X_WC.p_m - before_m);
}

void Nuisances::BetweenEvidence(Cell& cell, CameraModel& camera, CameraModel& gripper_camera) {
  RandomStream rng(seed_, "sim.evidence");
  if (config_.light_drift > 0) {
    LightChange change = cell.light();
    const double gain = 1 + config_.light_drift * rng.Uniform(-1, 1);
    std::array<double, 3> drift{};
    for (double& channel : drift)
      channel = gain * (1 + 0.2 * config_.light_drift * rng.Uniform(-1, 1));
    for (int i = 0; i < 3; ++i) change.gain_rgb[i] *= drift[i];
    for (int i = 0; i < 2; ++i) change.shift[i] += 0.5 * config_.light_drift * rng.Uniform(-1, 1);
    cell.SetLight(change);
    record_["light_gain_rgb"] = drift;
  }
  if (config_.bump > 0) {
    const CameraModel before = camera;
    camera = Jitter(camera, config_.bump, rng);
    record_["bump_m"] = Norm(camera.X_WC.p_m - before.X_WC.p_m);
    record_["bump_rad"] = AngleBetween(before.X_WC.q, camera.X_WC.q);
    BumpOnGripper(gripper_camera);
  }
}

}  // namespace qt::sim

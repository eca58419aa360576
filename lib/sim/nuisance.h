// SPDX-License-Identifier: Apache-2.0
// What makes the pictures of an episode less than perfect, and its label harder to read off them:
// sensor noise, JPEG, and a light and a camera that change between the two pictures of the drop
// test (docs/TASK.md, "Nuisances"). Drawn from the episode's seed and recorded.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "image/image.h"
#include "json/json.h"
#include "mdp/camera.h"
#include "sim/cell.h"
#include "sim/sim_robot.h"

namespace qt::sim {

// Adds normal noise of `sigma` grey levels (of 255) to every number of the image.
void AddNoise(double sigma, RandomStream& rng, RgbImage& image);

class Nuisances {
 public:
  explicit Nuisances(const SceneConfig& config) : config_(config) {}

  void StartEpisode(uint64_t seed);
  // The picture after the sensor's noise and the codec.
  EncodedImage Record(RgbImage image);
  // Called before the picture `after_drop` is taken; the cameras are those that render.
  void BetweenEvidence(Cell& cell, CameraModel& camera, CameraModel& gripper_camera);

  // null if nothing is drawn per episode, else what was: {"jpeg_quality", "light_gain_rgb",
  // "bump_m", "bump_rad"}.
  const Json& record() const { return record_; }

 private:
  void BumpOnGripper(CameraModel& camera) const;

  const SceneConfig config_;
  uint64_t seed_ = 0, num_images_ = 0;
  int jpeg_quality_ = 0;
  Json record_;
};

}  // namespace qt::sim

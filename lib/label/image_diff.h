// Success from two pictures (paper App. D.3): before_drop shows the bin while the gripper is out of
// view with whatever it holds, after_drop the same bin once it has let go. What was held has
// appeared in the bin; what merely rolled has appeared in one place and vanished from another.
// Called by the labeller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "mdp/camera.h"

namespace qt::label {

inline constexpr char kImageDiffSource[] = "image_diff/1";

struct ImageDiffConfig {
  double threshold = 12;        // grey levels by which a pixel must have changed ...
  double noise_factor = 6;      // ... and this many deviations of the pair's own noise
  double floor_threshold = 30;  // colour distance from the floor from which it is an object
  double min_area = 0.0005;     // of the image: smaller regions are ignored
  double min_change = 0.3;      // what appeared less what vanished, in levels x share of the image
  double bin_half_m = 0.13;     // qt-bin/1: |x|, |y| of the bin; what lies outside does not count
  double bin_height_m = 0.05;   // of what lies in it
  int max_side_px = 128;        // larger pictures are shrunk to this
};

struct Judgement {
  bool success = false;
  float confidence = 0.5f;  // 0.5 at the decision's edge, towards 1 away from it
  double change = 0;        // appeared less vanished; compare with min_change
  double noise = 0;         // levels
};

// `camera` tells which pixels see the bin; if it is not valid, all of them count. Fails with
// kCorrupt if the pictures differ in size.
Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const CameraModel& camera, const ImageDiffConfig& config);

// For Label.config: the settings and what was measured, as one line of JSON.
std::string DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement);

}  // namespace qt::label

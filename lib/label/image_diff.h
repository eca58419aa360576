// Success from two pictures (paper App. D.3): before_drop shows the bin while the gripper is out of
// view with whatever it holds, after_drop the same bin once it has let go. What was held shows up
// as a region that changed. Called by the labelling filter.
#pragma once

#include <string>

#include "base/status.h"
#include "image/image.h"

namespace qt::label {

inline constexpr char kImageDiffSource[] = "image_diff/1";

struct ImageDiffConfig {
  double threshold = 12;     // grey levels by which a pixel must have changed ...
  double noise_factor = 6;   // ... and this many deviations of the pair's own noise
  double min_area = 0.0005;  // of the image: smaller regions are ignored
  double min_change = 0.2;   // change summed over the region, in levels x share of the image
  int max_side_px = 128;     // larger pictures are shrunk to this
};

struct Judgement {
  bool success = false;
  float confidence = 0.5f;  // 0.5 at the decision's edge, towards 1 away from it
  double change = 0;        // of the largest region; compare with min_change
  double noise = 0;         // levels
};

// Fails with kCorrupt if the pictures differ in size.
Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const ImageDiffConfig& config);

// For Label.config: the settings and what was measured, as one line of JSON.
std::string DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement);

}  // namespace qt::label

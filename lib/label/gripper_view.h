// Success from the gripper's own camera: gripper_before shows the closed fingers with what they
// hold, gripper_after the same fingers, closed again, once they have let go of it. What is held is
// near and keeps the fingers apart, so that far more changes here than in the bin, and what rolls
// about down there is small and out of the way.
#pragma once

#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "json/json_fwd.h"
#include "label/pair.h"

namespace qt::label {

inline constexpr char kGripperViewSource[] = "gripper_view/1";

struct GripperViewConfig {
  double min_change = 1.75;   // percent of the region that must have changed for a success
  double region_share = 0.6;  // of the picture's sides: the region is its middle
  double threshold = 24;      // levels by which a pixel must differ from all about its place ...
  double noise_factor = 3;    // ... and this many medians of that over the whole picture more
  int radius_px = 2;          // how far about: what a bump of the camera may move
  int max_side_px = 64;       // larger pictures are shrunk to at most this
};

struct GripperJudgement {
  bool success = false;
  float confidence = 0.5f;
  double change = 0;     // percent of the region that differs
  double threshold = 0;  // levels by which a pixel had to differ
};

// What a person is shown: both pictures, and where they differ in the region.
struct GripperAnalysis {
  GripperJudgement judgement;
  RgbImage before, after;
  std::vector<Mark> mark_HW;
};

// Fails with kCorrupt if the pictures differ in size.
Result<GripperAnalysis> AnalyseGripperPair(RgbImage before, RgbImage after,
                                           const GripperViewConfig& config);

// The settings and what was measured, as they are kept in Label.config.
Json DescribeGripperJudgement(const GripperViewConfig& config, const GripperJudgement& judgement);

}  // namespace qt::label

// Success from two pictures (paper App. D.3): before_drop shows the bin while the gripper is out of
// view with whatever it holds, after_drop the same bin once it has let go. What was held has
// appeared in the bin; what merely rolled has appeared in one place and vanished from another. A
// change of light and a camera that was bumped in between are fitted and taken out first. Called by
// the labeller.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "image/ops.h"
#include "mdp/camera.h"
#include "record/json.h"

namespace qt::label {

inline constexpr char kImageDiffSource[] = "image_diff/2";

struct ImageDiffConfig {
  double threshold = 12;        // grey levels by which a pixel must have changed ...
  double noise_factor = 6;      // ... and this many deviations of the pair's own noise
  double floor_threshold = 30;  // colour distance from the floor from which it is an object
  double min_area = 0.0005;     // of the image: smaller regions are ignored
  double min_change = 0.4;      // net change (NetChange) from which it is a success
  double min_share = 0.4;       // its share in all that changed: what rolls has less
  double bin_half_m = 0.13;     // qt-bin/1: |x|, |y| of the bin; what lies outside does not count
  double bin_height_m = 0.05;   // of what lies in it
  int max_side_px = 128;        // larger pictures are shrunk to this
};

struct Judgement {
  bool success = false;
  float confidence = 0.5f;            // 0.5 at the decision's edge, towards 1 away from it
  double appeared = 0, vanished = 0;  // levels x share of the image
  double noise = 0;                   // levels
  ImageShift shift;                   // of the camera, pixels of the (shrunken) picture
  // How far the pair is past the edge: 1 at it; success means at least 1.
  double score = 0;
};

// What appeared less what vanished, in levels x share of the image; scaled down if it is a smaller
// share of all that changed than config.min_share. At least 0.
double NetChange(const Judgement& judgement, const ImageDiffConfig& config);

// What the judgement rests on, for people to look at. Pictures of one size, at most max_side_px.
struct Analysis {
  Judgement judgement;
  RgbImage before, after;
  FloatImage appeared, vanished;  // levels, where they count as such
  double threshold = 0;           // levels from which they do
};

// `camera` tells which pixels see the bin; if it is not valid, all of them count. Fails with
// kCorrupt if the pictures differ in size.
Result<Analysis> AnalysePair(const RgbImage& before, const RgbImage& after,
                             const CameraModel& camera, const ImageDiffConfig& config);
// The judgement alone.
Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const CameraModel& camera, const ImageDiffConfig& config);

// For Label.config: the settings and what was measured.
Json DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement);

}  // namespace qt::label

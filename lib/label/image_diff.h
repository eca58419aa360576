// Success from two pictures (paper App. D.3): before_drop shows the bin while the gripper is out of
// view with whatever it holds, after_drop the same bin once it has let go. What was held shows in
// the second and not in the first; what merely rolled shows in both, in its own colours. A change
// of light and a camera that was bumped in between are fitted and taken out first. The same two
// pictures give the same judgement.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "image/ops.h"
#include "json/json_fwd.h"
#include "label/pair.h"
#include "mdp/camera.h"

namespace qt::label {

inline constexpr char kImageDiffSource[] = "image_diff/3";

struct ImageDiffConfig {
  double threshold = 12;        // grey levels by which a pixel must have changed ...
  double noise_factor = 2;      // ... and this many deviations of the pair's own noise more
  double floor_threshold = 30;  // colour distance from the floor from which it is an object
  double min_change = 0.4;      // percent of the picture (NetChange) from which it is a success
  double region_half_m = 0.2;   // |x|, |y| of what counts: qt-bin/1's bin is 0.13 ...
  double region_height_m = 0.15;
  int max_side_px = 128;  // larger pictures are shrunk to at most this
};

struct Judgement {
  bool success = false;
  float confidence = 0.5f;  // 0.5 at the decision's edge, towards 1 away from it
  // Percent of the picture: shown after and not before, and the other way about.
  double appeared = 0, vanished = 0;
  // The part of it that shows an object, and the part whose colours the other picture lacks.
  double appeared_objects = 0, appeared_colours = 0, vanished_colours = 0;
  double threshold = 0;  // levels by which a pixel had to differ
  double noise = 0;      // levels
  ImageShift shift;      // of the camera, pixels of the (shrunken) picture
  // How far the pair is past the edge: 1 at it; success means at least 1.
  double score = 0;
};

// What speaks for something that has been added: colours that were not there before, or a larger
// part of the picture changed into something than out of something; in part, what got covered, and
// a little, all that shows an object now. Percent of the picture, at least 0. Scaled up where the
// pair's noise hides part of it.
double NetChange(const Judgement& judgement, const ImageDiffConfig& config);

// What the judgement rests on, for people to look at. Pictures of one size, at most max_side_px.
struct Analysis {
  Judgement judgement;
  RgbImage before, after;
  std::vector<Mark> mark_HW;  // objects that appeared or vanished
};

// `camera` tells which pixels see the bin; if it is not valid, all of them count. Fails with
// kCorrupt if the pictures differ in size.
Result<Analysis> AnalysePair(RgbImage before, RgbImage after, const CameraModel& camera,
                             const ImageDiffConfig& config);

// The settings and what was measured, as they are kept in Label.config.
Json DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement);

}  // namespace qt::label

// SPDX-License-Identifier: Apache-2.0
// Pictures of episodes for people: a step with its action, Q value and label drawn in, and contact
// sheets of many episodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "mdp/episode.h"

namespace qt::data {

// An episode in a selection.
struct ViewedEpisode {
  const Episode& episode;
  uint64_t position;   // in the input
  const Label* label;  // that counts, or nullptr
};

// A frame of fixed size: the picture, enlarged or shrunk to fit, with an arrow where the gripper is
// told to go, and text below a line in the colour of the label (green is a success). Sizes are
// even. REQUIRES: an image at step 0.
struct FrameSize {
  int picture_width_px = 0, picture_height_px = 0;
  int width_px() const { return picture_width_px; }
  int height_px() const { return picture_height_px + caption_height_px(); }
  int text_px() const;
  int caption_height_px() const { return 6 * text_px(); }
};
// Size of a frame that shows pictures whose longer side is `side_px`.
FrameSize FrameSizeFor(const Episode& episode, int side_px);

// Step `index`, or what the episode came to if index is the number of steps: the last picture of
// the evidence (or of the steps) under the verdict. Errors: a picture that cannot be decoded.
Result<RgbImage> DrawStep(const ViewedEpisode& viewed, size_t index, const FrameSize& size);

// The steps of an episode that a row of a sheet shows: all, or `columns` of them spread evenly from
// the first to the last; and the verdict.
std::vector<size_t> StepsOfRow(size_t num_steps, int columns);

// Rows of episodes, one below the other.
class ContactSheet {
 public:
  // Pictures `side_px` long, at most `columns` of them in a row (the verdict comes on top).
  ContactSheet(int side_px, int columns) : side_px_(side_px), columns_(columns) {}

  // kFailed if the sheet becomes too large to be looked at (100 megapixels).
  Status Add(const ViewedEpisode& viewed);
  size_t num_rows() const { return rows_.size(); }
  // REQUIRES: num_rows() > 0.
  RgbImage Draw() const;

 private:
  int side_px_, columns_;
  std::vector<RgbImage> rows_;
  uint64_t width_px_ = 0, height_px_ = 0;
};

}  // namespace qt::data

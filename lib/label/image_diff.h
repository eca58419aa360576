// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the drop test: from what changed between two pictures of the bin to how much
// speaks for an object that was added.
#pragma once

#include "base/setting.h"

namespace qt::label {

struct ImageDiffConfig {
  double threshold = 12;        // grey levels by which a pixel must have changed ...
  double noise_factor = 2;      // ... and this many deviations of the pair's own noise more
  double floor_threshold = 30;  // colour distance from the floor from which it is an object
  double min_change = 0.4;      // percent of the picture (NetChange) from which it is a success
  double region_half_m = 0.2;   // |x|, |y| of what counts: qt-bin/1's bin is 0.13 ...
  double region_height_m = 0.15;
};

template <class V>
void Visit(V&& visit, ImageDiffConfig& c) {
  visit("threshold", c.threshold,
        {"LEVELS", "change of a pixel that counts, of 255 grey levels", 0, 255});
  visit("noise_factor", c.noise_factor,
        {"X", "and this many deviations of the pictures' own noise more", 0, 1000});
  visit("floor_threshold", c.floor_threshold,
        {"LEVELS", "colour distance from the floor from which a pixel shows an object", 0, 442});
  visit("min_change", c.min_change,
        {"PERCENT", "how much of the picture must have changed into something new for a success",
         0.001, 100});
}

// Percent of the picture.
struct PairChange {
  double appeared = 0, vanished = 0;  // shown after and not before, and the other way about
  // The part of it that shows an object, and the part whose colours the other picture lacks.
  double appeared_objects = 0, appeared_colours = 0, vanished_colours = 0;
  double threshold = 0;  // levels by which a pixel had to differ
};

// What speaks for something that has been added: colours that were not there before, or a larger
// part of the picture changed into something than out of something; in part, what got covered, and
// a little, all that shows an object now. Percent of the picture, at least 0. Scaled up where the
// pair's noise hides part of it.
double NetChange(const PairChange& change, const ImageDiffConfig& config);

}  // namespace qt::label

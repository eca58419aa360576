// Success from the fingers: what is held keeps them apart. Weaker than the drop test, because what
// slips out on the way up was between them too, but never fooled by what rolls in the bin. Looks at
// no picture.
#pragma once

#include <optional>
#include <string>

#include "mdp/episode.h"

namespace qt::label {

inline constexpr char kOpeningSource[] = "opening/1";

struct OpeningConfig {
  double min_opening_m = 0.002;  // kEmptyOpening_m: pads closer than this hold nothing
  double min_height_m = 0.13;    // of the finger tips at the end: what is lower was not lifted
};

// Something is between the fingers at the end of the episode, and up.
struct OpeningJudgement {
  double success_probability = 0;
  bool closed = false;
  double opening_m = 0, height_m = 0;
};

// nullopt if the episode does not tell how far the fingers are apart.
std::optional<OpeningJudgement> JudgeOpening(const Episode& episode, const OpeningConfig& config);

}  // namespace qt::label

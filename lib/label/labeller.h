// The label of one episode: finds the evidence, has it judged, and turns the verdict into rewards.
// Called by the filter, from several threads.
#pragma once

#include <optional>

#include "base/status.h"
#include "label/image_diff.h"
#include "mdp/episode.h"

namespace qt::label {

struct LabelOptions {
  ImageDiffConfig image_diff;
  double step_reward = -0.05;  // paper section 5
  bool relabel = false;        // add a newer label to episodes that have one of this source
};

enum class Outcome : uint8_t {
  kLabelled,
  kAlready,     // has a label of this source
  kNoEvidence,  // has no pair of pictures
};

struct LabelResult {
  Outcome outcome = Outcome::kNoEvidence;
  Label label;  // if kLabelled: newer than all labels that are there
};

// Fails with kCorrupt if a picture cannot be decoded or the two do not match.
Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options);

}  // namespace qt::label

// SPDX-License-Identifier: Apache-2.0
// One picture of why an episode got its label: the two frames, what changed between them, and who
// said what.
#pragma once

#include "base/status.h"
#include "image/image.h"
#include "label/label_episode.h"
#include "mdp/episode.h"

namespace qt::label {

// A row of pictures for each labeller that has some, and below them the words. Fails with kCorrupt
// if they cannot be judged.
Result<RgbImage> Explain(const Episode& episode, const LabelOptions& options,
                         const LabelResult& result);

}  // namespace qt::label

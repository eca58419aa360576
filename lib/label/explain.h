// One picture of why an episode got its label: the two frames, what changed between them, and who
// said what.
#pragma once

#include "base/status.h"
#include "image/image.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

// Before, after, and the change: green has appeared, red has vanished; in a second row the same of
// the gripper's view, if there is one. Without pictures, the words alone. Fails with kCorrupt if
// they cannot be judged.
Result<RgbImage> Explain(const Episode& episode, const LabelOptions& options,
                         const LabelResult& result);

}  // namespace qt::label

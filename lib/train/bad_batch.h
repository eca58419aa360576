// SPDX-License-Identifier: Apache-2.0
// The batch that a gradient step failed on, as a file to look at.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "train/batch.h"
#include "train/updater.h"

namespace qt::train {

// A safetensors file: image_BCHW, grid_BAK2, scalars_BAS, target_BA and weight_BA as the network
// saw them, and action_BA8 as recorded; in the metadata, the episode and time step of each state.
Status SaveBadBatch(const std::string& path, const Batch& batch,
                    const std::vector<TargetedState>& states);

}  // namespace qt::train

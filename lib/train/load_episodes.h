// From episode files, folders or stdin into the replay buffer (paper section 4.3, log replay).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "record/json.h"
#include "replay/replay_buffer.h"
#include "train/train_config.h"

namespace qt::train {

struct LoadSummary {
  size_t unlabelled = 0;            // episodes without the wanted label: left out
  size_t damaged = 0;               // episodes that cannot be used: left out, each with a warning
  int width_px = 0, height_px = 0;  // of all images
  Json lineage;                     // the programs that made the data
};

// Reads until the inputs end or `stop`. Fails if an input cannot be opened, or if the images are
// not all of one size: a network has one.
Result<LoadSummary> LoadEpisodes(const std::vector<std::string>& inputs, const TrainConfig& config,
                                 const std::atomic<bool>& stop, replay::ReplayBuffer& replay,
                                 const std::function<void(uint64_t episodes)>& on_progress);

}  // namespace qt::train

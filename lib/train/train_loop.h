// SPDX-License-Identifier: Apache-2.0
// The trainer (paper section 4.3): targets, gradient steps, checkpoints, policies, evaluations and
// metrics, until the wanted number of steps or a stop.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "base/status.h"
#include "replay/replay_buffer.h"
#include "train/held_out.h"
#include "train/initial_weights.h"
#include "train/run_config.h"
#include "train/run_folder.h"
#include "train/train_config.h"

namespace qt::train {

struct LoopProgress {
  int64_t step = 0;
  double loss = 0, td_error = 0;
  std::optional<HeldOutResult> held_out;  // the newest
};

struct LoopOptions {
  LoopConfig config;
  const InitialWeights* init = nullptr;  // of a run that has no checkpoint yet; null: random
  bool replay_grows = false;             // more episodes may come, up to the cap
  std::function<Json()> lineage;         // of the data so far; goes into the policy
  std::function<Status()> data_status;   // an error of the readers ends the run, after saving
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const LoopProgress&)> on_progress;
};

struct LoopSummary {
  int64_t first_step = 0, last_step = 0;
  double loss = 0, td_error = 0;  // of the last logged interval
  double seconds = 0;
  double target_seconds = 0, batch_seconds = 0, gradient_seconds = 0;  // of the trainer's thread
  uint64_t targets = 0;                          // states whose targets were made in this call
  uint64_t announced_bytes = 0, peak_bytes = 0;  // of memory
  std::optional<HeldOutResult> held_out;         // the newest
  bool interrupted = false;
};

// Goes on from the newest checkpoint of `folder`, if there is one. Saves a checkpoint and the
// policy at the end, also when stopped. A batch whose loss or gradient is not finite ends the run
// without saving; the batch is kept in the folder. REQUIRES: replay.size() > 0.
Result<LoopSummary> RunTraining(const TrainConfig& config, const LoopOptions& options,
                                const replay::ReplayBuffer& replay, RunFolder& folder);

}  // namespace qt::train

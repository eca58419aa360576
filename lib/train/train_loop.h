// The trainer (paper section 4.3): labels, gradient steps, checkpoints and metrics, until the
// wanted number of steps or a stop. Called by qt-train.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/status.h"
#include "replay/replay_buffer.h"
#include "train/run_folder.h"
#include "train/train_config.h"

namespace qt::train {

struct LoopOptions {
  int64_t steps = 1000;  // gradient steps in all, those before a resume counted
  int64_t log_steps = 50;
  int64_t checkpoint_steps = 1000;
  int keep = 3;  // checkpoints; 0 keeps all
  Json lineage;  // goes into the policy
  const std::atomic<bool>* stop = nullptr;
  std::function<void(int64_t step, double loss, double td_error)> on_progress;
};

struct LoopSummary {
  int64_t first_step = 0, last_step = 0;
  double loss = 0, td_error = 0;  // of the last logged interval
  double seconds = 0;
  double label_seconds = 0, batch_seconds = 0, gradient_seconds = 0;  // of the trainer's thread
  uint64_t labels = 0;  // states labelled in this call
  bool interrupted = false;
};

// Goes on from the newest checkpoint of `folder`, if there is one. Saves a checkpoint and the
// policy at the end, also when stopped. REQUIRES: replay.size() > 0.
Result<LoopSummary> RunTraining(const TrainConfig& config, const LoopOptions& options,
                                const replay::ReplayBuffer& replay, RunFolder& folder);

}  // namespace qt::train

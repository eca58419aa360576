// SPDX-License-Identifier: Apache-2.0
// What metrics.jsonl and TensorBoard say of a run: the tables in train_metrics.cc, one line a
// metric.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "replay/replay_buffer.h"
#include "tensors/tfevents.h"
#include "train/held_out.h"
#include "train/updater.h"

namespace qt::train {

using tensors::Scalars;

struct StepMetrics {
  double loss = 0;    // cross-entropy, per transition
  double q_mean = 0;  // of the batch's actions
  double target_mean = 0;
  double td_error = 0;  // mean |Q - target|
  double grad_norm = 0;
};

// One gradient step: what a metric may be made of that is averaged over the steps between two
// lines.
struct StepFacts {
  const StepMetrics& metrics;
  const std::vector<TargetedState>& states;  // of the batch
  int64_t step = 0;
};

// Seconds of the trainer's thread.
struct Times {
  double target_s = 0, batch_s = 0, gradient_s = 0;
};

// The moment of a line: what a metric may be made of that is not averaged.
struct Moment {
  double interval_s = 0;  // since the line before
  Times times;            // within it
  double num_steps = 0;   // within it
  size_t train_buffer_states = 0;
  replay::BufferCounts replay, online;  // all episodes, and those of the online buffer
  double online_share = 0;
  int64_t lagged_age_steps = 0;
  std::optional<HeldOutResult> held_out;  // an evaluation that no line has told of yet
};

// Means over the steps since the last line.
class TrainMetrics {
 public:
  TrainMetrics();
  void Add(const StepFacts& facts);
  double num_steps() const { return num_steps_; }
  double MeanOf(std::string_view name) const;  // REQUIRES: the name is in the table of means
  // All metrics of a line; the next one's means begin anew.
  Scalars Take(const Moment& moment);

 private:
  double num_steps_ = 0;
  std::vector<double> sums_;  // by the table of means
};

// Of an evaluation that ended after the last line.
Scalars HeldOutScalars(const HeldOutResult& result);

}  // namespace qt::train

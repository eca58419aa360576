// SPDX-License-Identifier: Apache-2.0
// The learner: the trained network, its Polyak average and the lagged copies of that, and the
// optimiser. One gradient step at a time. Includes LibTorch. One thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "qnet/network.h"
#include "qnet/tensor_io.h"
#include "qnet/torch.h"
#include "train/batch.h"
#include "train/train_config.h"
#include "train/train_metrics.h"
#include "train/updater.h"

namespace qt::train {

// The two optimisers: AdamW (`compact`) and SGD with momentum as in the paper (App. E), each with a
// learning rate that may fall in steps. Their state is in the checkpoint. Includes
// LibTorch.

class Optimizer {
 public:
  // Steps the module's own parameters; they are not copied.
  Optimizer(const TrainConfig& config, const torch::nn::Module& module);

  void ZeroGrad();
  // One step from the gradients of the parameters; `step` counts from 1.
  void Step(int64_t step);
  double LearningRate(int64_t step) const;

  void Append(std::vector<tensors::Tensor>& out) const;
  Status Restore(const qnet::NamedTensors& tensors);

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first;   // mean of the gradients; SGD: the velocity
    torch::Tensor second;  // mean of their squares; undefined for SGD
  };
  void StepAdamW(Slot& slot, double rate, int64_t step) const;
  void StepSgd(Slot& slot, double rate) const;

  const TrainConfig config_;
  std::vector<Slot> slots_;
};

class Learner {
 public:
  explicit Learner(const TrainConfig& config);

  // Cross-entropy against soft targets (paper section 4.1), the optimiser, then the Polyak average
  // and, when due, a new lagged copy. Fails (kFailed) if the loss or a gradient is not finite; the
  // weights are then as before.
  Result<StepMetrics> Step(const Batch& batch);

  // Begins with the weights policy/PARAMETER, which have `steps` gradient steps behind them, in
  // place of random ones. Before the first step.
  Status Begin(const qnet::NamedTensors& tensors, int64_t steps);

  int64_t step() const { return step_; }
  // With those that the weights had behind them when it began.
  int64_t total_steps() const { return steps_before_ + step_; }
  // Copies the present target networks for the updaters; what is handed out never changes.
  void PublishTargets();
  // The pair that was published last; after Restore, the last before the checkpoint was made.
  TargetNetworks targets() const;
  const qnet::NetworkPtr& polyak() const { return polyak_; }
  int64_t lagged_age() const { return step_ - lagged_.front().step; }  // steps

  // Everything but the configuration.
  void Append(std::vector<tensors::Tensor>& out, tensors::TensorMetadata& metadata) const;
  Status Restore(const qnet::NamedTensors& tensors, const tensors::TensorMetadata& metadata);

 private:
  struct Lagged {
    int64_t step;
    qnet::NetworkPtr net;
  };
  void UpdateAverages();

  const TrainConfig config_;
  const torch::Device device_;
  int64_t step_ = 0;
  int64_t steps_before_ = 0;  // of the weights that it began with
  qnet::NetworkPtr online_, polyak_;
  std::deque<Lagged> lagged_;  // oldest first; the front one is in use
  qnet::NetworkPtr published_polyak_, published_lagged_;
  int64_t published_step_ = 0;
  std::optional<Optimizer> optimizer_;
};

}  // namespace qt::train

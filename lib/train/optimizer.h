// The two optimisers: AdamW (`compact`) and SGD with momentum as in the paper (App. E), each with a
// learning rate that may fall in steps. Their state is in the checkpoint. Includes
// LibTorch.
#pragma once

#include <string>
#include <vector>

#include "qnet/tensor_io.h"
#include "qnet/torch.h"
#include "train/train_config.h"

namespace qt::train {

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

}  // namespace qt::train

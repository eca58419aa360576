// SPDX-License-Identifier: Apache-2.0
// Makes the augmented tensors of one gradient step from states with targets. Includes LibTorch.
// Shapes: B states, A actions a state (padded; weight 0 marks the padding), K points, S scalars.
#pragma once

#include <vector>

#include "base/random.h"
#include "qnet/torch.h"
#include "train/train_config.h"
#include "train/updater.h"

namespace qt::train {

struct Batch {
  torch::Tensor image_BCHW;  // float, [-0.5, 0.5], channels last in memory
  torch::Tensor grid_BAK2;
  torch::Tensor scalars_BAS;
  torch::Tensor target_BA;
  torch::Tensor weight_BA;  // 1 or 0

  Batch To(const torch::Device& device) const;
};

// Augmentation (paper App. D.1; off if config.augment is): brightness delta
// within 0.125, contrast and saturation factors within 0.5-1.5, and a random crop of the recorded
// image that moves the sampled points along; where the network sees all of it, a shift of up to
// 1/16. With config.symmetry also mirroring and the gripper's half turn. Of all pictures,
// config.disturbed_share are disturbed after that (image/disturb.h). REQUIRES: every image of the
// recorded size.
Batch MakeBatch(const std::vector<TargetedState>& states, const TrainConfig& config,
                RandomStream& rng);

}  // namespace qt::train

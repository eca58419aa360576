// SPDX-License-Identifier: Apache-2.0
// The files of a run: checkpoints that resume exactly, and the policy that acts
// (formats/model/SPEC.md).
#pragma once

#include <string>

#include "base/random.h"
#include "base/status.h"
#include "replay/replay_buffer.h"
#include "train/learner.h"
#include "train/train_config.h"
#include "train/updater.h"

namespace qt::train {

inline constexpr char kCheckpointFormat[] = "qt-checkpoint/1";
// A train buffer of a hundred million states fits.
inline constexpr uint64_t kMaxCheckpointBytes = uint64_t{64} << 30;

// Everything that changes while a run goes on.
struct TrainState {
  explicit TrainState(const TrainConfig& config);

  Learner learner;
  TrainBuffer buffer;
  RandomStream target_rng;  // targets made inline: which states, and CEM
  RandomStream batch_rng;   // which states of the train buffer, and their augmentation
  // The step at which the online buffer got its first episode; -1: it never did.
  int64_t online_since = -1;
};

// Atomic; replaces PATH.
Status SaveCheckpoint(const std::string& path, const TrainConfig& config, const TrainState& state);

// Restores into a state made with the same configuration. The states with targets refer to episodes
// by id: those that `replay` does not hold any more are dropped and counted in *num_dropped (0
// means that the run goes on exactly).
Status LoadCheckpoint(const std::string& path, const replay::ReplayBuffer& replay,
                      TrainState& state, size_t* num_dropped);

// The acting weights (the Polyak average) with what qt-serve needs. `training` holds the
// configuration and the lineage of the data.
Status SavePolicy(const std::string& path, const TrainConfig& config, const Learner& learner,
                  const Json& training);

}  // namespace qt::train

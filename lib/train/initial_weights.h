// SPDX-License-Identifier: Apache-2.0
// The weights that a run begins with in place of random ones: those of a policy, or the acting ones
// of a checkpoint, with the settings that they were learned with. Reading checks all that can be
// wrong with them. Plain types: tools include this without LibTorch's headers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "json/json_fwd.h"
#include "tensors/safetensors.h"
#include "train/run_config.h"

namespace qt::train {

struct InitialWeights {
  InitConfig from;       // the file, and which of its networks
  int num_networks = 1;  // of the file
  int64_t steps = 0;     // gradient steps behind these weights
  std::string digest;    // SHA-256 of the file
  // What they were learned with: network, task and search as the file has them, the rest as far as
  // it is known.
  TrainConfig config;
  std::vector<tensors::Tensor> tensors;  // policy/PARAMETER
};

// Errors name the file: not there, neither policy nor checkpoint, fewer networks than asked for, a
// tensor missing or of another shape.
Result<InitialWeights> ReadInitialWeights(const InitConfig& from);

// `config` with how the policy learned: all but what is a matter of this run (seed, label, device,
// updaters).
TrainConfig LearningAs(const InitialWeights& weights, const TrainConfig& config);

// A usage error names a flag of `given` that the weights do not fit.
Status CheckFits(const InitialWeights& weights, const TrainConfig& given);

// Where a run's weights come from, for its records.
Json ToJson(const InitialWeights& weights);

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
// Policies in files, for tests of what loads them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/mdp_json.h"
#include "qnet/model.h"
#include "qnet/network.h"
#include "qnet/tensor_io.h"
#include "tensors/safetensors.h"

namespace qt::qnet {

inline tensors::TensorMetadata PolicyMetadata() {
  return {{"format", kModelFormat},
          {"network", json::Dump(ToJson(NetworkConfig()))},
          {"task", json::Dump(json::ToJson(TaskConfig()))},
          {"cem", "16/4/2"},
          {"step", "7"},
          {"training", "{}"}};
}

// The weights of a default network that was drawn with this seed, under PREFIX/.
inline void AppendNetwork(const std::string& prefix, uint64_t seed,
                          std::vector<tensors::Tensor>& tensors) {
  torch::manual_seed(seed);
  AppendParameters(prefix, *MakeNetwork({}), tensors);
}

inline void SavePolicyFile(const std::string& path, const std::vector<tensors::Tensor>& tensors,
                           const tensors::TensorMetadata& metadata) {
  const Status saved = tensors::SaveSafetensors(path, tensors, metadata, Overwrite::kYes);
  ASSERT_TRUE(saved.ok()) << saved.ToString();
}

}  // namespace qt::qnet

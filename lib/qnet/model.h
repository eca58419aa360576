// SPDX-License-Identifier: Apache-2.0
// A released policy: weights and what is needed to act with them (formats/model/SPEC.md). Plain
// types: tools include this without LibTorch's headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "cem/cem.h"
#include "json/json.h"
#include "mdp/task.h"
#include "qnet/network_config.h"
#include "qnet/q_function.h"
#include "tensors/safetensors.h"

namespace qt::qnet {

inline constexpr char kModelFormat[] = "qt-model/1";

struct ModelInfo {
  NetworkConfig network;
  TaskConfig task;
  CemConfig cem;       // that acts well with it; a flag may override
  int networks = 1;    // whose mean is Q
  int64_t step = 0;    // gradient steps, of all networks together
  Json training;       // configuration and data lineage, as qt-train wrote them
  std::string name;    // file name without its suffix
  std::string digest;  // SHA-256 of the file
};

struct Model {
  ModelInfo info;
  std::unique_ptr<QFunction> q_function;
};

// From the metadata of a policy, all but name and digest.
Result<ModelInfo> ParseModelInfo(const tensors::TensorMetadata& metadata);

// Errors name the file: not there, not safetensors, no qt-model, another architecture, a tensor
// missing, of another shape or with numbers that are not finite.
Result<Model> LoadModel(const std::string& path);

// LibTorch starts a thread for each core with the first computation, and waits for ever for one
// that the system does not give: fails if it would.
Status CheckComputeThreads();
// Compute threads of LibTorch and of the BLAS behind it, for the calling thread.
void SetComputeThreads(int num_threads);
// Lets the allocator keep what a gradient step frees for the next one, for the whole process: at
// most 256 MiB of it. Otherwise each step maps and clears the same megabytes anew.
void KeepFreedMemory();
std::string TorchVersion();

}  // namespace qt::qnet

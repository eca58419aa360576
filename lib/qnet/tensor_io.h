// SPDX-License-Identifier: Apache-2.0
// Between LibTorch tensors and the safetensors container. Includes LibTorch: for lib/qnet and
// lib/train only.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "qnet/torch.h"
#include "tensors/safetensors.h"

namespace qt::qnet {

// A copy; float32 or int64, any layout in memory.
tensors::Tensor ToRecord(const std::string& name, const torch::Tensor& tensor);
Result<torch::Tensor> FromRecord(const tensors::Tensor& tensor);

// Parameters and buffers, in a fixed order.
std::vector<std::pair<std::string, torch::Tensor>> TensorsOf(const torch::nn::Module& module);

using NamedTensors = std::map<std::string, torch::Tensor>;

// The parameters and buffers of a module under PREFIX/NAME.
void AppendParameters(const std::string& prefix, const torch::nn::Module& module,
                      std::vector<tensors::Tensor>& out);
Result<NamedTensors> ToNamed(const std::vector<tensors::Tensor>& tensors);
// Fails, by the tensor's name, if one of its numbers is NaN or infinite.
Status CheckFinite(const std::string& name, const torch::Tensor& tensor);
// Copies PREFIX/NAME into every parameter and buffer; fails if one is missing, has another shape or
// numbers that are not finite.
Status LoadParameters(const std::string& prefix, const NamedTensors& tensors,
                      torch::nn::Module& module);

}  // namespace qt::qnet

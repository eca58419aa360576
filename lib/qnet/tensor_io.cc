// SPDX-License-Identifier: Apache-2.0
#include "qnet/tensor_io.h"

#include <cstring>
#include <sstream>

#include "base/check.h"

namespace qt::qnet {

tensors::Tensor ToRecord(const std::string& name, const torch::Tensor& tensor) {
  const bool is_float = tensor.scalar_type() == torch::kFloat32;
  QT_CHECK(is_float || tensor.scalar_type() == torch::kInt64, name);
  const torch::Tensor plain = tensor.detach().cpu().contiguous(torch::MemoryFormat::Contiguous);
  tensors::Tensor out{name, is_float ? "F32" : "I64", plain.sizes().vec(), Bytes(plain.nbytes())};
  if (plain.nbytes() > 0) std::memcpy(out.bytes.data(), plain.data_ptr(), plain.nbytes());
  return out;
}

Result<torch::Tensor> FromRecord(const tensors::Tensor& tensor) {
  if (tensor.dtype != "F32" && tensor.dtype != "I64") {
    return Corrupt("tensor '" + tensor.name + "' has type " + tensor.dtype + ", not F32 or I64");
  }
  const auto type = tensor.dtype == "F32" ? torch::kFloat32 : torch::kInt64;
  torch::Tensor out = torch::empty(tensor.shape, type);
  if (out.nbytes() != tensor.bytes.size()) return Corrupt("tensor '" + tensor.name + "' is cut");
  if (out.nbytes() > 0) std::memcpy(out.data_ptr(), tensor.bytes.data(), out.nbytes());
  return out;
}

std::vector<std::pair<std::string, torch::Tensor>> TensorsOf(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> tensors;
  for (const auto& item : module.named_parameters()) tensors.push_back({item.key(), item.value()});
  for (const auto& item : module.named_buffers()) tensors.push_back({item.key(), item.value()});
  return tensors;
}

void AppendParameters(const std::string& prefix, const torch::nn::Module& module,
                      std::vector<tensors::Tensor>& out) {
  for (const auto& [name, tensor] : TensorsOf(module)) {
    out.push_back(ToRecord(prefix + "/" + name, tensor));
  }
}

Result<NamedTensors> ToNamed(const std::vector<tensors::Tensor>& tensors) {
  NamedTensors named;
  for (const tensors::Tensor& tensor : tensors) {
    if (tensor.dtype != "F32" && tensor.dtype != "I64") continue;
    QT_ASSIGN(named[tensor.name], FromRecord(tensor));
  }
  return named;
}

Status CheckFinite(const std::string& name, const torch::Tensor& tensor) {
  if (torch::isfinite(tensor).all().item<bool>()) return Ok();
  const bool nan = torch::isnan(tensor).any().item<bool>();
  return Corrupt("tensor \"" + name + "\" holds " + (nan ? "NaN" : "an infinite number"));
}

Status LoadParameters(const std::string& prefix, const NamedTensors& tensors,
                      torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [key, tensor] : TensorsOf(module)) {
    const std::string name = prefix + "/" + key;
    const auto found = tensors.find(name);
    if (found == tensors.end()) return Corrupt("the tensor '" + name + "' is missing");
    if (found->second.sizes() != tensor.sizes()) {
      std::ostringstream text;
      text << "the tensor '" << name << "' has shape " << found->second.sizes()
           << ", the network needs " << tensor.sizes();
      return Corrupt(text.str());
    }
    QT_TRY(CheckFinite(name, found->second));
    tensor.copy_(found->second);
  }
  return Ok();
}

}  // namespace qt::qnet

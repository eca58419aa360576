// SPDX-License-Identifier: Apache-2.0
#include "qnet/model.h"

#include <malloc.h>

#include <filesystem>
#include <latch>
#include <thread>
#include <utility>

#include "base/threads.h"
#include "json/bounded_json.h"
#include "json/mdp_json.h"
#include "qnet/device.h"
#include "qnet/mean_q_function.h"
#include "qnet/network_q_function.h"
#include "qnet/tensor_io.h"
#include "qnet/torch.h"

// OpenBLAS has its own threads, which LibTorch's setting does not reach. Weak: another BLAS will
// do.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int num_threads);

namespace qt::qnet {
namespace {

constexpr int kMaxNetworks = 64;

Result<Json> ParsePart(const tensors::TensorMetadata& metadata, const char* key) {
  Result<Json> part = json::Parse(metadata.at(key));
  if (!part.ok()) {
    return Corrupt("the policy's metadata are malformed: " + part.status().message());
  }
  return part;
}

Result<std::unique_ptr<QFunction>> LoadNetwork(const ModelInfo& info, const std::string& prefix,
                                               const NamedTensors& tensors) {
  const NetworkPtr net = MakeNetwork(info.network);
  QT_TRY(LoadParameters(prefix, tensors, *net));
  net->eval();
  return std::unique_ptr<QFunction>(
      std::make_unique<NetworkQFunction>(net, info.network, info.task));
}

Result<Model> Parse(const tensors::SafetensorsFile& file) {
  Model model;
  QT_ASSIGN(model.info, ParseModelInfo(file.metadata));
  QT_ASSIGN(const NamedTensors tensors, ToNamed(file.tensors));
  if (!file.metadata.contains("networks")) {
    QT_ASSIGN(model.q_function, LoadNetwork(model.info, "policy", tensors));
    return model;
  }
  std::vector<std::unique_ptr<QFunction>> members;
  for (int i = 0; i < model.info.networks; ++i) {
    QT_ASSIGN(std::unique_ptr<QFunction> member,
              LoadNetwork(model.info, "policy." + std::to_string(i), tensors));
    members.push_back(std::move(member));
  }
  model.q_function = std::make_unique<MeanQFunction>(std::move(members));
  return model;
}

}  // namespace

Result<ModelInfo> ParseModelInfo(const tensors::TensorMetadata& metadata) {
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kModelFormat) {
    std::string what = "this is not a policy: its metadata lack format = ";
    return Corrupt(what += kModelFormat);  // GCC 12 warns of a sum of strings here
  }
  ModelInfo info;
  try {
    QT_ASSIGN(const Json network, ParsePart(metadata, "network"));
    QT_ASSIGN(info.network, NetworkFromJson(network));
    QT_ASSIGN(const Json task, ParsePart(metadata, "task"));
    QT_ASSIGN(info.task, json::TaskFromJson(task));
    QT_ASSIGN(info.training, ParsePart(metadata, "training"));
    const Result<CemConfig> cem = CemConfig::Parse(metadata.at("cem"));
    if (!cem.ok()) return Corrupt("the policy's cem " + cem.status().message());
    info.cem = *cem;
  } catch (const std::exception& error) {
    return Corrupt(std::string("the policy's metadata are malformed: ") + error.what());
  }
  QT_ASSIGN(info.step, tensors::NumberIn(metadata, "step"));
  if (!metadata.contains("networks")) return info;
  QT_ASSIGN(const int64_t networks, tensors::NumberIn(metadata, "networks"));
  if (networks < 1 || networks > kMaxNetworks) {
    return Corrupt("the policy has " + std::to_string(networks) + " networks, not 1 to " +
                   std::to_string(kMaxNetworks));
  }
  info.networks = static_cast<int>(networks);
  return info;
}

Result<Model> LoadModel(const std::string& path) {
  QT_ASSIGN(const tensors::SafetensorsFile file, tensors::LoadSafetensors(path));
  Result<Model> model = Parse(file);
  if (!model.ok()) return std::move(model).status().At(path);
  model->info.digest = file.sha256;
  model->info.name = std::filesystem::path(path).stem().string();
  return model;
}

Status CheckComputeThreads() {
  std::latch done(1);
  Threads threads([&done] { done.count_down(); });
  for (unsigned i = 0; i <= std::thread::hardware_concurrency(); ++i) {
    QT_TRY(threads.Start([&done] { done.wait(); }));
  }
  return Ok();
}

void SetComputeThreads(int num_threads) {
  at::set_num_threads(num_threads);
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(num_threads);
}

void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that glibc takes
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

Result<Device> ChooseDevice(Device wanted) {
  if (wanted == Device::kCpu) return Device::kCpu;
  if (torch::cuda::is_available()) return Device::kCuda;
  if (wanted == Device::kAuto) return Device::kCpu;
  return Failed("--device cuda: LibTorch " + TorchVersion() + " finds no CUDA device");
}

std::string TorchVersion() { return TORCH_VERSION; }

}  // namespace qt::qnet

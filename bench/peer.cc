// SPDX-License-Identifier: Apache-2.0
// Our side of the comparisons with other programs (bench/peers): the same weights and inputs, as
// safetensors files for the peer to read, and our losses, outputs and times for it to compare with.
// Times are of the processor, not of the clock, so that another load on the machine counts little.
// One thread. Prints one line of JSON.
// Usage: bench_peer update DIR STEPS               ten gradient steps of `aligned`, then STEPS
// timed
//        bench_peer control aligned|grasping44 DIR ROUNDS   tower and two rounds of 64 candidates

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cpu_clock.h"
#include "qnet/model.h"
#include "qnet/tensor_io.h"
#include "tensors/safetensors.h"
#include "train/learner.h"

namespace {

using qt::Json;
using qt::tensors::Tensor;

double Cpu_ms() { return 1e3 * Cpu_s(); }

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

bool Save(const std::string& path, const std::vector<Tensor>& tensors) {
  return qt::tensors::SaveSafetensors(path, tensors, {}, qt::Overwrite::kYes).ok();
}

// A batch as MakeBatch lays it out, of noise: speed does not depend on what is in the pictures.
qt::train::Batch NoiseBatch(const qt::train::TrainConfig& config) {
  const auto [K, S] = config.network.architecture->query;
  const int64_t B = config.batch_size, A = config.actions;
  const int64_t H = config.network.image_height_px, W = config.network.image_width_px;
  qt::train::Batch batch;
  batch.image_BCHW = (torch::rand({B, H, W, 3}) - 0.5).permute({0, 3, 1, 2});
  batch.grid_BAK2 = torch::rand({B, A, K, 2}) * 2.2 - 1.1;
  batch.scalars_BAS = torch::rand({B, A, S}) * 2 - 1;
  batch.target_BA = torch::rand({B, A});
  batch.weight_BA = (torch::rand({B, A}) < 0.7).to(torch::kFloat32);
  return batch;
}

int Update(const std::string& folder, int steps) {
  const qt::train::TrainConfig config;
  qt::train::Learner learner(config);
  std::vector<Tensor> tensors, inputs;
  qt::tensors::TensorMetadata metadata;
  learner.Append(tensors, metadata);
  torch::manual_seed(5);
  std::vector<qt::train::Batch> batches;
  for (int i = 0; i < 10; ++i) {
    batches.push_back(NoiseBatch(config));
    const auto add = [&](const char* name, const torch::Tensor& tensor) {
      inputs.push_back(qt::qnet::ToRecord(name + std::to_string(i), tensor));
    };
    add("image.", batches.back().image_BCHW);
    add("grid.", batches.back().grid_BAK2);
    add("scalars.", batches.back().scalars_BAS);
    add("target.", batches.back().target_BA);
    add("weight.", batches.back().weight_BA);
  }
  if (!Save(folder + "/start.safetensors", tensors)) return 1;
  if (!Save(folder + "/batches.safetensors", inputs)) return 1;
  Json losses = Json::array();
  for (const auto& batch : batches) losses.push_back(learner.Step(batch)->loss);
  std::vector<double> times;
  for (int i = 0; i < steps; ++i) {
    const double start = Cpu_ms();
    if (!learner.Step(batches[static_cast<size_t>(i % 10)]).ok()) return 1;
    times.push_back(Cpu_ms() - start);
  }
  const Json result = {{"losses", losses}, {"step_cpu_ms", Median(times)}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

int Control(const std::string& architecture, const std::string& folder, int rounds) {
  qt::train::TrainConfig config;
  config.network.architecture = *qt::qnet::ArchitectureName::Parse(architecture);
  const bool is_paper = architecture == "grasping44";
  if (is_paper) {
    config.network.image_width_px = config.network.image_height_px = 472;
  }
  config.batch_size = 1;
  config.actions = 64;
  torch::manual_seed(6);
  const auto net = qt::qnet::MakeNetwork(config.network);
  const torch::NoGradGuard no_grad;
  // Weights that carry a signal through sixteen layers, and statistics as after some training.
  for (auto& [name, tensor] : qt::qnet::TensorsOf(*net)) {
    if (!is_paper) break;
    if (name.ends_with("weight")) tensor.mul_(3);
    if (name.ends_with("moving_variance")) tensor.uniform_(0.5, 1.5);
    if (name.ends_with("moving_mean")) tensor.uniform_(-0.1, 0.1);
  }
  net->eval();
  const qt::train::Batch batch = NoiseBatch(config);
  const auto features = net->Tower(batch.image_BCHW);
  std::vector<Tensor> tensors;
  qt::qnet::AppendParameters("policy", *net, tensors);
  tensors.push_back(qt::qnet::ToRecord("image", batch.image_BCHW));
  tensors.push_back(qt::qnet::ToRecord("grid", batch.grid_BAK2));
  tensors.push_back(qt::qnet::ToRecord("scalars", batch.scalars_BAS));
  tensors.push_back(
      qt::qnet::ToRecord("logits", net->Head(features, batch.grid_BAK2, batch.scalars_BAS)));
  if (!Save(folder + "/" + architecture + ".safetensors", tensors)) return 1;
  std::vector<double> tower, head;
  for (int i = -2; i < rounds; ++i) {
    const double start = Cpu_ms();
    const auto seen = net->Tower(batch.image_BCHW);
    const double seen_at = Cpu_ms();
    for (int round = 0; round < 2; ++round) net->Head(seen, batch.grid_BAK2, batch.scalars_BAS);
    if (i < 0) continue;  // warm-up
    tower.push_back(seen_at - start);
    head.push_back((Cpu_ms() - seen_at) / 2);
  }
  const double step = Median(tower) + 2 * Median(head);
  const Json result = {{"architecture", architecture},
                       {"tower_cpu_ms", Median(tower)},
                       {"round_cpu_ms", Median(head)},
                       {"step_cpu_ms", step}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  qt::qnet::SetComputeThreads(1);
  if (what == "update" && argc == 4) return Update(argv[2], std::atoi(argv[3]));
  if (what == "control" && argc == 5) return Control(argv[2], argv[3], std::atoi(argv[4]));
  std::fprintf(stderr, "usage: bench_peer update DIR STEPS | control ARCHITECTURE DIR ROUNDS\n");
  return 2;
}

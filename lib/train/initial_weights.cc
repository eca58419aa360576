// SPDX-License-Identifier: Apache-2.0
#include "train/initial_weights.h"

#include <optional>
#include <utility>

#include "json/bounded_json.h"
#include "json/json.h"
#include "policy/released.h"
#include "qnet/model.h"
#include "qnet/network.h"
#include "qnet/tensor_io.h"
#include "train/checkpoint.h"

namespace qt::train {
namespace {

constexpr char kPrefix[] = "policy";

// The settings under `config` of a policy's `training` or of one of its members.
TrainConfig ConfigIn(const Json& training) {
  if (!training.is_object() || !training.contains("config")) return {};
  const Result<RunConfig> config = RunConfigFromJson(training["config"]);
  return config.ok() ? config->train : TrainConfig();
}

// What is known of network `index` of an ensemble.
Json MemberOf(const Json& training, int index) {
  if (!training.is_object() || !training.contains("members")) return nullptr;
  const Json& members = training["members"];
  const auto at = static_cast<size_t>(index);
  return members.is_array() && at < members.size() ? members[at] : Json();
}

// The tensors PREFIX/..., as policy/...
std::vector<tensors::Tensor> TakeTensors(const std::string& prefix,
                                         std::vector<tensors::Tensor> tensors) {
  std::vector<tensors::Tensor> taken;
  for (tensors::Tensor& tensor : tensors) {
    if (!tensor.name.starts_with(prefix + "/")) continue;
    tensor.name = kPrefix + tensor.name.substr(prefix.size());
    taken.push_back(std::move(tensor));
  }
  return taken;
}

Status TakePolicy(const qnet::ModelInfo& info, tensors::SafetensorsFile file,
                  InitialWeights& weights) {
  const int index = weights.from.network - 1;
  const bool is_ensemble = file.metadata.contains("networks");
  weights.num_networks = info.networks;
  if (weights.from.network > info.networks) {
    return Usage("--init-network " + std::to_string(weights.from.network) + ": the policy has " +
                 std::to_string(info.networks));
  }
  const Json member = is_ensemble ? MemberOf(info.training, index) : Json();
  weights.steps = info.step;
  if (is_ensemble) weights.steps = info.step / info.networks;
  if (member.is_object() && member.contains("step") && member["step"].is_number_unsigned()) {
    weights.steps = member["step"].get<int64_t>();
  }
  weights.config = ConfigIn(member.is_object() ? member.value("training", Json()) : info.training);
  weights.config.network = info.network;
  weights.config.task = info.task;
  weights.config.act_cem = info.cem;
  const std::string prefix = is_ensemble ? "policy." + std::to_string(index) : kPrefix;
  weights.tensors = TakeTensors(prefix, std::move(file.tensors));
  return Ok();
}

Status TakeCheckpoint(tensors::SafetensorsFile file, InitialWeights& weights) {
  if (weights.from.network > 1) return Usage("--init-network: a checkpoint has one network");
  const Result<Json> json = json::Parse(file.metadata["config"]);
  if (!json.ok()) return Corrupt("the checkpoint's config is malformed");
  QT_ASSIGN(const RunConfig config, RunConfigFromJson(*json));
  weights.config = config.train;
  QT_ASSIGN(weights.steps, tensors::NumberIn(file.metadata, "step"));
  weights.tensors = TakeTensors("polyak", std::move(file.tensors));
  return Ok();
}

Status Take(InitialWeights& weights) {
  QT_ASSIGN(tensors::SafetensorsFile file,
            tensors::LoadSafetensors(policy::PolicyFile(weights.from.policy), kMaxCheckpointBytes));
  weights.digest = file.sha256;
  if (file.metadata["format"] == kCheckpointFormat) {
    QT_TRY(TakeCheckpoint(std::move(file), weights));
  } else {
    QT_ASSIGN(const qnet::ModelInfo info, qnet::ParseModelInfo(file.metadata));
    QT_TRY(TakePolicy(info, std::move(file), weights));
  }
  TrainConfig& config = weights.config;
  const bool is_cropped = config.network.frame_width_px > 0;
  config.crop = is_cropped ? config.network.image_width_px : 0;
  // What cannot be loaded is found now, not after the data were read.
  QT_ASSIGN(const qnet::NamedTensors tensors, qnet::ToNamed(weights.tensors));
  return qnet::LoadParameters(kPrefix, tensors, *qnet::MakeNetwork(config.network));
}

}  // namespace

Result<InitialWeights> ReadInitialWeights(const InitConfig& from) {
  InitialWeights weights;
  weights.from = from;
  Status status = Take(weights);
  if (!status.ok()) return std::move(status).At(from.policy);
  return weights;
}

TrainConfig LearningAs(const InitialWeights& weights, const TrainConfig& config) {
  TrainConfig learning = weights.config;
  learning.seed = config.seed;
  learning.label = config.label;
  learning.device = config.device;
  learning.updaters = config.updaters;
  return learning;
}

Status CheckFits(const InitialWeights& weights, const TrainConfig& given) {
  const std::optional<Misfit> misfit = FindMisfit(weights.config, given);
  if (!misfit) return Ok();
  return Usage(misfit->flag + " is " + misfit->learned + " in " + weights.from.policy + ", not " +
               misfit->given + ": leave it out, or train without --init");
}

Json ToJson(const InitialWeights& weights) {
  return {{"policy", weights.from.policy},
          {"sha256", weights.digest},
          {"network", weights.from.network},
          {"networks", weights.num_networks},
          {"step", weights.steps}};
}

}  // namespace qt::train

#include "train/train_config.h"

#include "json/mdp_json.h"

namespace qt::train {
namespace {

// One list of the plain keys, for both directions.
template <typename Config, typename Visitor>
void VisitKeys(Config& config, const Visitor& visit) {
  visit("label", config.label);
  visit("seed", config.seed);
  visit("learning_rate", config.learning_rate);
  visit("weight_decay", config.weight_decay);
  visit("momentum", config.momentum);
  visit("rate_decay", config.rate_decay);
  visit("rate_decay_steps", config.rate_decay_steps);
  visit("max_grad_norm", config.max_grad_norm);
  visit("batch_size", config.batch_size);
  visit("actions", config.actions);
  visit("compose", config.compose);
  visit("balance", config.balance);
  visit("augment", config.augment);
  visit("symmetry", config.symmetry);
  visit("bootstrap", config.bootstrap);
  visit("clipped_double", config.clipped_double);
  visit("online_share", config.online_share);
  visit("online_ramp_steps", config.online_ramp_steps);
  visit("polyak", config.polyak);
  visit("lag_steps", config.lag_steps);
  visit("return_floor_steps", config.return_floor_steps);
  visit("publish_steps", config.publish_steps);
  visit("train_buffer_size", config.train_buffer_size);
  visit("targets_per_step", config.targets_per_step);
  visit("updaters", config.updaters);
}

}  // namespace

Result<OptimizerKind> OptimizerFrom(const std::string& name) {
  if (name == "adamw") return OptimizerKind::kAdamW;
  if (name == "sgd") return OptimizerKind::kSgd;
  return Corrupt("unknown optimizer '" + name + "'");
}

Json ToJson(const TrainConfig& config) {
  Json json = {{"network", qnet::ToJson(config.network)},
               {"task", json::ToJson(config.task)},
               {"target_cem", ToString(config.target_cem)},
               {"act_cem", ToString(config.act_cem)},
               {"optimizer", config.optimizer == OptimizerKind::kSgd ? "sgd" : "adamw"}};
  VisitKeys(config, [&json](const char* key, const auto& value) { json[key] = value; });
  if (config.step_reward) json["step_reward"] = *config.step_reward;
  return json;
}

Result<TrainConfig> TrainConfigFromJson(const Json& json) {
  TrainConfig config;
  try {
    QT_ASSIGN(config.network, qnet::NetworkFromJson(json.at("network")));
    QT_ASSIGN(config.task, json::TaskFromJson(json.at("task")));
    QT_ASSIGN(config.target_cem, ParseCem(json.at("target_cem")));
    QT_ASSIGN(config.act_cem, ParseCem(json.at("act_cem")));
    QT_ASSIGN(config.optimizer, OptimizerFrom(json.value("optimizer", "adamw")));
    VisitKeys(config, [&json](const char* key, auto& value) { value = json.value(key, value); });
    if (json.contains("step_reward")) config.step_reward = json["step_reward"].get<double>();
  } catch (const Json::exception& error) {
    return Corrupt(std::string("the training configuration is malformed: ") + error.what());
  }
  return config;
}

}  // namespace qt::train

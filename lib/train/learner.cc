// SPDX-License-Identifier: Apache-2.0
#include "train/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "qnet/network_q_function.h"

namespace qt::train {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;  // AdamW's usual ones

// Where a moment is kept in a checkpoint.
std::string FirstKey(OptimizerKind kind) {
  return kind == OptimizerKind::kSgd ? "sgd.velocity/" : "adamw.first/";
}
constexpr char kSecondKey[] = "adamw.second/";

Status CopyFrom(const qnet::NamedTensors& tensors, const std::string& name, torch::Tensor& to) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second.sizes() != to.sizes()) {
    return Corrupt("the optimiser's state '" + name + "' is missing or has another shape");
  }
  QT_TRY(qnet::CheckFinite(name, found->second));
  to.copy_(found->second);
  return Ok();
}

}  // namespace

Optimizer::Optimizer(const TrainConfig& config, const torch::nn::Module& module) : config_(config) {
  for (const auto& item : module.named_parameters()) {
    Slot slot{item.key(), item.value(), torch::zeros_like(item.value()), {}};
    if (config.optimizer == OptimizerKind::kAdamW) slot.second = torch::zeros_like(item.value());
    slots_.push_back(std::move(slot));
  }
}

void Optimizer::ZeroGrad() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad() = torch::Tensor();
}

double Optimizer::LearningRate(int64_t step) const {
  if (config_.rate_decay_steps <= 0) return config_.learning_rate;
  const auto falls = static_cast<double>((step - 1) / config_.rate_decay_steps);
  return config_.learning_rate * std::pow(config_.rate_decay, falls);
}

void Optimizer::Step(int64_t step) {
  const torch::NoGradGuard no_grad;
  const double rate = LearningRate(step);
  for (Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;  // not in this merge's graph
    if (config_.optimizer == OptimizerKind::kSgd) {
      StepSgd(slot, rate);
    } else {
      StepAdamW(slot, rate, step);
    }
  }
}

void Optimizer::StepAdamW(Slot& slot, double rate, int64_t step) const {
  const torch::Tensor& gradient = slot.parameter.grad();
  const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(step));
  const double correction2 = 1 - std::pow(kBeta2, static_cast<double>(step));
  slot.parameter.mul_(1 - rate * config_.weight_decay);
  slot.first.mul_(kBeta1).add_(gradient, 1 - kBeta1);
  slot.second.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const torch::Tensor deviation = slot.second.sqrt().div_(std::sqrt(correction2)).add_(kEpsilon);
  slot.parameter.addcdiv_(slot.first, deviation, -rate / correction1);
}

// The paper's L2 term is a part of the loss, of weights only: biases, scales and shifts go free.
void Optimizer::StepSgd(Slot& slot, double rate) const {
  slot.first.mul_(config_.momentum).add_(slot.parameter.grad());
  if (slot.parameter.dim() > 1) slot.first.add_(slot.parameter, config_.weight_decay);
  slot.parameter.add_(slot.first, -rate);
}

void Optimizer::Append(std::vector<tensors::Tensor>& out) const {
  for (const Slot& slot : slots_) {
    out.push_back(qnet::ToRecord(FirstKey(config_.optimizer) + slot.name, slot.first));
    if (slot.second.defined()) out.push_back(qnet::ToRecord(kSecondKey + slot.name, slot.second));
  }
}

Status Optimizer::Restore(const qnet::NamedTensors& tensors) {
  for (Slot& slot : slots_) {
    QT_TRY(CopyFrom(tensors, FirstKey(config_.optimizer) + slot.name, slot.first));
    if (slot.second.defined()) QT_TRY(CopyFrom(tensors, kSecondKey + slot.name, slot.second));
  }
  return Ok();
}

namespace {

// The age of the lagged copy in use varies by an eighth of the lag at most.
constexpr int64_t kLaggedCopies = 8;
// Early on the lag is a third of the run so far, or the fresh network would cap every value.
constexpr int64_t kEarlyLagShare = 3;

// Moving statistics included.
void CopyTensors(const qnet::NetworkPtr& from, const qnet::NetworkPtr& to) {
  const torch::NoGradGuard no_grad;
  const auto source = qnet::TensorsOf(*from);
  auto target = qnet::TensorsOf(*to);
  for (size_t i = 0; i < source.size(); ++i) target[i].second.copy_(source[i].second);
}

// A copy that never sees a gradient.
qnet::NetworkPtr Clone(const qnet::NetworkPtr& net, const qnet::NetworkConfig& config) {
  qnet::NetworkPtr copy = qnet::MakeNetwork(config);
  copy->to(net->parameters().front().device());
  CopyTensors(net, copy);
  copy->eval();
  for (auto& parameter : copy->parameters()) parameter.requires_grad_(false);
  return copy;
}

}  // namespace

Learner::Learner(const TrainConfig& config)
    : config_(config), device_(config.device == qnet::Device::kCuda ? torch::kCUDA : torch::kCPU) {
  torch::manual_seed(DeriveSeed(config.seed, "weights"));  // initial weights; nothing else draws
  online_ = qnet::MakeNetwork(config.network);
  online_->to(device_);
  polyak_ = Clone(online_, config.network);
  lagged_.push_back({0, Clone(online_, config.network)});
  optimizer_.emplace(config, *online_);
  PublishTargets();
}

Status Learner::Begin(const qnet::NamedTensors& tensors, int64_t steps) {
  QT_TRY(qnet::LoadParameters("policy", tensors, *online_));
  CopyTensors(online_, polyak_);
  CopyTensors(online_, lagged_.front().net);
  steps_before_ = steps;
  PublishTargets();
  return Ok();
}

Result<StepMetrics> Learner::Step(const Batch& from) {
  const Batch batch = from.To(device_);
  // The whole short history at first, as for the weights.
  online_->SetNormMomentum(
      std::max(1 - qnet::kNormDecay, 1 / static_cast<double>(total_steps() + 1)));
  optimizer_->ZeroGrad();
  const torch::Tensor logits_BA =
      online_->Head(online_->Tower(batch.image_BCHW), batch.grid_BAK2, batch.scalars_BAS);
  const torch::Tensor count = batch.weight_BA.sum();
  const torch::Tensor loss =
      torch::binary_cross_entropy_with_logits(logits_BA, batch.target_BA, batch.weight_BA, {},
                                              at::Reduction::Sum) /
      count;
  loss.backward();
  StepMetrics metrics;
  metrics.loss = loss.item<double>();
  metrics.grad_norm = torch::nn::utils::clip_grad_norm_(
      online_->parameters(),
      config_.max_grad_norm > 0 ? config_.max_grad_norm : std::numeric_limits<double>::infinity());
  if (!std::isfinite(metrics.loss) || !std::isfinite(metrics.grad_norm)) {
    return Failed("the loss or its gradient is not finite at step " + std::to_string(step_));
  }
  ++step_;
  optimizer_->Step(step_);
  UpdateAverages();
  const torch::NoGradGuard no_grad;
  const torch::Tensor q_BA = torch::sigmoid(logits_BA);
  const auto mean = [&](const torch::Tensor& x_BA) {
    return ((x_BA * batch.weight_BA).sum() / count).item<double>();
  };
  metrics.q_mean = mean(q_BA);
  metrics.target_mean = mean(batch.target_BA);
  metrics.td_error = mean((q_BA - batch.target_BA).abs());
  return metrics;
}

void Learner::UpdateAverages() {
  const torch::NoGradGuard no_grad;
  // An average over the whole short history at first, so that a fresh network is forgotten soon.
  const auto steps = static_cast<double>(total_steps());
  const double decay = std::min(config_.polyak, steps / (steps + 9.0));
  const auto online = online_->parameters(), polyak = polyak_->parameters();
  for (size_t i = 0; i < online.size(); ++i) polyak[i].lerp_(online[i], 1 - decay);
  // Moving statistics are averages already.
  const auto statistics = online_->buffers(), to = polyak_->buffers();
  for (size_t i = 0; i < statistics.size(); ++i) to[i].copy_(statistics[i]);
  if (step_ % std::max<int64_t>(1, config_.lag_steps / kLaggedCopies) == 0) {
    lagged_.push_back({step_, Clone(polyak_, config_.network)});
  }
  const int64_t lag = std::min(config_.lag_steps, total_steps() / kEarlyLagShare);
  while (lagged_.size() > 1 && step_ - lagged_[1].step >= lag) lagged_.pop_front();
}

void Learner::PublishTargets() {
  published_polyak_ = Clone(polyak_, config_.network);
  published_lagged_ = Clone(lagged_.front().net, config_.network);
  published_step_ = step_;
}

TargetNetworks Learner::targets() const {
  const auto wrap = [this](const qnet::NetworkPtr& net) {
    return std::make_shared<qnet::NetworkQFunction>(net, config_.network, config_.task);
  };
  return {wrap(published_polyak_), wrap(published_lagged_), published_step_};
}

void Learner::Append(std::vector<tensors::Tensor>& out, tensors::TensorMetadata& metadata) const {
  qnet::AppendParameters("online", *online_, out);
  qnet::AppendParameters("polyak", *polyak_, out);
  qnet::AppendParameters("published.polyak", *published_polyak_, out);
  qnet::AppendParameters("published.lagged", *published_lagged_, out);
  std::string lagged_steps;
  for (const Lagged& lagged : lagged_) {
    qnet::AppendParameters("lagged." + std::to_string(lagged.step), *lagged.net, out);
    lagged_steps += (lagged_steps.empty() ? "" : ",") + std::to_string(lagged.step);
  }
  optimizer_->Append(out);
  metadata["step"] = std::to_string(step_);
  metadata["lagged_steps"] = lagged_steps;
  metadata["published_step"] = std::to_string(published_step_);
  if (steps_before_ > 0) metadata["steps_before"] = std::to_string(steps_before_);
}

Status Learner::Restore(const qnet::NamedTensors& tensors,
                        const tensors::TensorMetadata& metadata) {
  QT_TRY(qnet::LoadParameters("online", tensors, *online_));
  QT_TRY(qnet::LoadParameters("polyak", tensors, *polyak_));
  PublishTargets();  // fresh copies, to be filled
  QT_TRY(qnet::LoadParameters("published.polyak", tensors, *published_polyak_));
  QT_TRY(qnet::LoadParameters("published.lagged", tensors, *published_lagged_));
  lagged_.clear();
  QT_ASSIGN(step_, tensors::NumberIn(metadata, "step"));
  QT_ASSIGN(published_step_, tensors::NumberIn(metadata, "published_step"));
  if (metadata.contains("steps_before")) {
    QT_ASSIGN(steps_before_, tensors::NumberIn(metadata, "steps_before"));
  }
  QT_ASSIGN(const std::vector<int64_t> lagged_steps, tensors::NumbersIn(metadata, "lagged_steps"));
  for (const int64_t step : lagged_steps) {
    Lagged lagged{step, Clone(polyak_, config_.network)};
    QT_TRY(qnet::LoadParameters("lagged." + std::to_string(step), tensors, *lagged.net));
    lagged_.push_back(std::move(lagged));
  }
  return step_ == 0 ? Ok() : optimizer_->Restore(tensors);
}

}  // namespace qt::train

#include "train/optimizer.h"

#include <cmath>

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

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
// What and how a run learns. Stored in the run folder (config.json), in every checkpoint and in
// every policy; the flags of qt-train have the same names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/setting.h"
#include "cem/cem.h"
#include "mdp/task.h"
#include "qnet/device.h"
#include "qnet/network_config.h"

namespace qt::train {

// kSgd: with momentum, as in the paper.
enum class OptimizerKind : uint8_t { kAdamW, kSgd };
constexpr auto NamesOf(OptimizerKind) { return std::array{"adamw", "sgd"}; }

enum class TargetKind : uint8_t {
  kBellman,  // reward and the value of the next state
  kReturns,  // what the episodes went on to reach (pure Monte Carlo)
};
constexpr auto NamesOf(TargetKind) { return std::array{"bellman", "returns"}; }

struct TrainConfig {
  std::string label;  // label source to learn from; empty: the newest of each episode
  uint64_t seed = 0;
  int crop = 0;  // side in pixels of what the network sees of the recorded image; 0: all of it

  // Optimiser. A constant rate, so that a run can go on for ever; the Polyak average that acts does
  // the smoothing. rate_decay_steps > 0: the rate is multiplied by rate_decay every so many steps.
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  double learning_rate = 7e-4;
  double rate_decay = 1;
  int64_t rate_decay_steps = 0;
  double momentum = 0.9;  // SGD only
  double weight_decay = 1e-4;
  double max_grad_norm = 10;  // 0: as they are
  int batch_size = 64;        // states a step
  int actions = 4;            // transitions a state, at most (hindsight composition)
  bool compose = true;
  double balance = 0.5;            // share of states drawn half from successes, half from failures
  double intervention_weight = 1;  // of a state in which a person took over, within its episode
  bool augment = true;             // crop and colours (paper App. D.1)
  bool symmetry = true;            // mirror and half turn, with `augment`
  double disturbed_share = 0;  // of a step's pictures, whose looks change strongly; targets' do not
  // Share of states drawn from the online buffer, once both buffers hold something: 1 % at first,
  // this much after so many steps (paper App. F.3: 1 % to 50 % in 1 M steps). 0: no shares.
  double online_share = 0.5;
  int64_t online_ramp_steps = 10'000;

  // Targets. Without `clipped_double` the Polyak average alone is believed.
  TargetKind targets = TargetKind::kBellman;
  bool clipped_double = true;
  std::optional<double> step_reward;  // in place of the labels' reward of every step but the last
  CemConfig target_cem;               // paper section 4.2: 64/6/2
  double polyak = 0.995;              // paper: 0.9999
  int64_t lag_steps = 500;            // paper: about 6,000
  int64_t return_floor_steps = 3000;  // the Monte Carlo floor's weight falls from 1 to 0 until then
  int64_t target_refresh_steps = 20;  // target networks are handed to the updaters this often

  // The train buffer (paper section 4.3): a ring of states with targets.
  int64_t train_buffer_size = 4096;
  int targets_per_step = 24;  // states before each step with --updaters 0
  int updaters = 0;           // threads; 0: inline, deterministic

  // Written into the policy for qt-serve; it searches better than the paper's 64/6/2
  // (docs/PAPER.md).
  CemConfig act_cem{.num_iterations = 4};

  qnet::Device device = qnet::Device::kAuto;
  qnet::NetworkConfig network;
  TaskConfig task;
};

template <class V>  // A list, however long. NOLINTNEXTLINE(readability-function-size)
void Visit(V&& visit, TrainConfig& c) {
  visit("label", c.label, {"SOURCE", "labels to learn from; empty is the newest of each episode"});
  visit("seed", c.seed, {"N", "makes the run repeatable with --updaters 0"});
  visit("crop", c.crop,
        {"N", "side of the square that the network sees of the recorded image; 0: all of it", 0,
         1024});
  visit("optimizer", c.optimizer, {"NAME", "AdamW, or SGD with momentum as in the paper"});
  visit("learning_rate", c.learning_rate, {"R", "of the optimiser", 1e-9, 1});
  visit("rate_decay", c.rate_decay,
        {"F", "factor of the learning rate every --rate-decay-steps steps", 0, 1});
  visit("rate_decay_steps", c.rate_decay_steps, {"N", "0: the learning rate is constant", 0, 1e9});
  visit("momentum", c.momentum, {"M", "of SGD", 0, 1});
  visit("weight_decay", c.weight_decay,
        {"W", "of AdamW; with SGD the coefficient of the L2 term", 0, 1});
  visit("max_grad_norm", c.max_grad_norm, {"G", "longer gradients are cut to it; 0: none", 0, 1e9});
  visit("batch_size", c.batch_size, {"N", "states a gradient step", 1, 65536});
  visit("actions", c.actions, {"N", "transitions a state, at most", 1, 64});
  visit("compose", c.compose, {"", "learn from composed motions as well (hindsight composition)"});
  visit("balance", c.balance,
        {"P", "share of states drawn half from successes and half from failures", 0, 1});
  visit("intervention_weight", c.intervention_weight,
        {"W",
         "how many times as likely as another state of its episode one is drawn in which a person "
         "took over",
         0.01, 1000});
  visit("augment", c.augment, {"", "crop the images at random and vary their colours"});
  visit("symmetry", c.symmetry, {"", "augment by mirroring and by the gripper's half turn, too"});
  visit("disturbed_share", c.disturbed_share,
        {"P",
         "share of the pictures whose looks are strongly disturbed: hues, light, patterns, blur, "
         "noise; targets come from undisturbed ones",
         0, 1});
  visit("online_share", c.online_share,
        {"P",
         "with --follow: share of states from what came in since the start or was collected by "
         "this run's policies, at the end of the ramp; 0 takes all episodes alike",
         0, 1});
  visit("online_ramp_steps", c.online_ramp_steps,
        {"N", "steps over which that share rises from 1 %", 1, 1e9});
  visit("targets", c.targets,
        {"WHAT",
         "bellman: reward and the value of the next state; returns: what the episode went on to "
         "reach (pure Monte Carlo)"});
  visit("clipped_double", c.clipped_double,
        {"", "believe the smaller of two target networks, not the Polyak average alone"});
  visit("step_reward", c.step_reward,
        {"R", "reward of every step but the last, such as 0 or -0.02; empty keeps the labels'", -1,
         0});
  visit("target_cem", c.target_cem, {"N/M/I", "CEM samples, elites and rounds of the targets"});
  visit("polyak", c.polyak, {"D", "decay of the Polyak average", 0, 1});
  visit("lag_steps", c.lag_steps, {"N", "age of the second target network", 1, 1e9});
  visit("return_floor_steps", c.return_floor_steps,
        {"N", "steps over which the Monte Carlo lower bound of the targets fades; 0 turns it off"});
  visit("target_refresh_steps", c.target_refresh_steps,
        {.metavar = "N",
         .help = "steps after which the updaters get newer target networks",
         .min = 1,
         .max = 1e9,
         .alias = "publish_steps"});
  visit("train_buffer_size", c.train_buffer_size,
        {"N", "states with targets in the ring that batches are drawn from", 1, 1e8});
  visit("targets_per_step", c.targets_per_step,
        {.metavar = "N",
         .help = "states that get targets before each step with --updaters 0",
         .min = 1,
         .max = 1e6,
         .alias = "labels_per_step"});
  visit("updaters", c.updaters,
        {"N", "Bellman updater threads; 0 makes the targets inline and is repeatable", 0, 256});
  visit("act_cem", c.act_cem, {"N/M/I", "CEM setting written into the policy, for qt-serve"});
  visit("device", c.device, {"WHERE", "auto: the GPU, if LibTorch has CUDA and finds one"});
  visit("network", c.network, {});
  visit("task", c.task, {});
}

}  // namespace qt::train

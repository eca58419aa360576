// What a training run is made of. Stored in the run folder (config.json) and in every checkpoint;
// flags of qt-train have the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "cem/cem.h"
#include "json/json_fwd.h"
#include "mdp/task.h"
#include "qnet/network_config.h"

namespace qt::train {

enum class OptimizerKind : uint8_t {
  kAdamW,
  kSgd,  // with momentum: the paper's
};

struct TrainConfig {
  qnet::NetworkConfig network;
  TaskConfig task;
  std::string label;  // label source to learn from; empty: the newest of each episode
  uint64_t seed = 0;

  // Where the networks are: "cpu" or "cuda". A fact of the machine, not of the run: not stored.
  std::string device = "cpu";

  // Optimiser. A constant rate, so that a run can go on for ever; the Polyak average that acts does
  // the smoothing. rate_decay_steps > 0: the rate is multiplied by rate_decay every so many steps.
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  double momentum = 0.9;  // SGD only
  double rate_decay = 1;
  int64_t rate_decay_steps = 0;
  double learning_rate = 7e-4;
  double weight_decay = 1e-4;
  double max_grad_norm = 10;  // 0: as they are
  int batch_size = 64;        // states a step
  int actions = 4;            // transitions a state, at most (hindsight composition)
  bool compose = true;
  double balance = 0.5;  // share of states drawn half from successes, half from failures
  bool augment = true;   // crop and colours (paper App. D.1)
  bool symmetry = true;  // mirror and half turn, with `augment`
  // Share of states drawn from the online buffer, once both buffers hold something: 1 % at first,
  // this much after so many steps (paper App. F.3: 1 % to 50 % in 1 M steps). 0: no shares.
  double online_share = 0.5;
  int64_t online_ramp_steps = 10'000;

  // Targets. Without `bootstrap` they are the returns that the episodes went on to reach; without
  // `clipped_double` the Polyak average alone is believed.
  bool bootstrap = true;
  bool clipped_double = true;
  std::optional<double> step_reward;  // in place of the labels' reward of every step but the last
  CemConfig target_cem;               // paper section 4.2: 64/6/2
  double polyak = 0.995;              // paper: 0.9999
  int64_t lag_steps = 500;            // paper: about 6,000
  int64_t return_floor_steps = 3000;  // the Monte Carlo floor's weight falls from 1 to 0 until then
  int64_t publish_steps = 20;         // target networks are handed to the updaters this often

  // The train buffer (paper section 4.3): a ring of states with targets.
  int64_t train_buffer_size = 4096;
  int targets_per_step = 24;  // states before each step with --updaters 0
  int updaters = 0;           // threads; 0: inline, deterministic

  CemConfig act_cem;  // written into the policy for qt-serve
};

// "adamw" or "sgd".
Result<OptimizerKind> OptimizerFrom(const std::string& name);

Json ToJson(const TrainConfig& config);
Result<TrainConfig> TrainConfigFromJson(const Json& json);

}  // namespace qt::train

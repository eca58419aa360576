// SPDX-License-Identifier: Apache-2.0
// All that a run was told, and its record in config.json: what is true now, and what was changed at
// which step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_size.h"
#include "base/setting.h"
#include "base/status.h"
#include "json/json_fwd.h"
#include "train/train_config.h"

namespace qt::train {

struct HeldOutConfig {
  int64_t every_steps = 0;  // 0: never
  uint64_t episodes = 100;
  std::string objects = "h1";
};

template <class V>
void Visit(V&& visit, HeldOutConfig& c) {
  visit("evaluate_every", c.every_steps,
        {"N",
         "steps between two evaluations by qt-eval, beside the training; the best policy becomes "
         "best.safetensors; 0: none",
         0, 1e9});
  visit("evaluate_episodes", c.episodes, {"N", "attempts of an evaluation", 1, 1e9});
  visit("evaluate_objects", c.objects,
        {"SET|DIR", "the objects of an evaluation, as qt-eval --objects takes them"});
}

// What a run hands out, and how often.
struct PublishConfig {
  int64_t policy_steps = 0;
  double policy_s = 60;
  int keep_policies = 0;
  HeldOutConfig held_out;
};

template <class V>
void Visit(V&& visit, PublishConfig& c) {
  visit("publish_policy_steps", c.policy_steps,
        {"N",
         "steps between two policies in policy.safetensors; 0: only by time and with checkpoints",
         0, 1e9});
  visit("publish_policy_seconds", c.policy_s,
        {"S",
         "seconds between two policies in policy.safetensors; 0: only by steps and with "
         "checkpoints",
         0, 1e9});
  visit("keep_policies", c.keep_policies,
        {"N", "published policies to keep as policies/step-*.safetensors, the newest; 0: none", 0,
         1e9});
  Visit(visit, c.held_out);
}

struct LoopConfig {
  int64_t steps = 1000;  // gradient steps in all, those before a resume counted
  int64_t log_steps = 50;
  int64_t checkpoint_steps = 1000;
  int keep = 3;  // checkpoints; 0 keeps all
  PublishConfig publish;
};

template <class V>
void Visit(V&& visit, LoopConfig& c) {
  visit("steps", c.steps, {"N", "gradient steps in all, counting those before a resume", 1, 1e9});
  visit("checkpoint_steps", c.checkpoint_steps, {"N", "steps between checkpoints", 1, 1e9});
  visit("log_steps", c.log_steps, {"N", "steps between two lines of metrics.jsonl", 1, 1e9});
  visit("keep", c.keep, {"N", "checkpoints to keep; 0 keeps all", 0, 1e9});
  Visit(visit, c.publish);
}

// What a new run's weights begin with in place of random ones.
struct InitConfig {
  std::string policy;  // a policy or a checkpoint; empty: random
  int network = 1;     // of a policy that has several
};

template <class V>
void Visit(V&& visit, InitConfig& c) {
  visit("init", c.policy,
        {"POLICY",
         "begin with the weights of this policy or checkpoint, and learn as it did unless flags "
         "say otherwise"});
  visit(
      "init_network", c.network,
      {"N", "which network of --init to begin with, where it has several: 1 is the first", 1, 64});
}

struct RunConfig {
  TrainConfig train;
  LoopConfig loop;
  ByteSize replay_bytes{uint64_t{4} << 30};
  int threads = 1;
  InitConfig init;
};

// One flat list, as the flags are.
template <class V>
void Visit(V&& visit, RunConfig& c) {
  Visit(visit, c.loop);
  visit("replay_bytes", c.replay_bytes,
        {"SIZE",
         "memory for the episodes of both buffers, for example 512M or 4G; the least useful and "
         "the oldest go first"});
  visit("threads", c.threads, {"N", "compute threads of the trainer", 1, 256});
  Visit(visit, c.init);
  Visit(visit, c.train);
}

// The settings in a config.json, of older run folders as well; its history is passed over.
Result<RunConfig> RunConfigFromJson(const Json& json);

// The first flag of `given` that does not fit weights which were learned under `learned`.
struct Misfit {
  std::string flag, learned, given;
};
std::optional<Misfit> FindMisfit(const TrainConfig& learned, const TrainConfig& given);

// A run goes on with `given` instead of `run`: a usage error names a flag that cannot change within
// a run, because the weights or the state of the optimiser would not fit.
Status CheckChanges(const RunConfig& run, const RunConfig& given);

// {NAME: {"from": VALUE, "to": VALUE}} of every setting that differs, but for how far it goes.
Json ChangesOf(const RunConfig& run, const RunConfig& given);

// The contents of config.json: `now`, and under "history" what `before` (an older config.json, or
// null) had there and, if something has changed or there was none, one entry more: step, time_s,
// tool, command_line and what has changed.
Json ConfigWithHistory(const Json& before, const RunConfig& now, int64_t step,
                       const std::string& tool, const std::string& command_line, double time_s);

}  // namespace qt::train

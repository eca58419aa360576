// SPDX-License-Identifier: Apache-2.0
// What a run hands out: policy.safetensors, every so often, copies of it that are kept, and
// best.safetensors, the policy that did best on held-out scenes so far.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/status.h"
#include "json/json.h"
#include "train/held_out.h"
#include "train/run_folder.h"
#include "train/train_config.h"

namespace qt::train {

class Learner;

// All of what it is given must outlive it.
class Publisher {
 public:
  // `lineage`, of the data so far, goes into the policy.
  Publisher(const TrainConfig& config, const PublishConfig& publish, const Learner& learner,
            const std::function<Json()>& lineage, RunFolder& folder);

  // Publishes the policy of this step, and notes it in policies.jsonl.
  Status Publish();
  Status PublishIfDue();

  // After a step: takes the result of the evaluation that runs, and starts the next one when it is
  // due. If one is still running then, the next turn is waited for.
  Status Evaluate();
  // At the end of a run, unless it is stopped: the policy that is left may be the best one.
  Status EvaluateLast(const std::function<bool()>& stopped);
  // Ends the evaluation that runs, and removes its policy.
  void Cancel();

  const std::optional<HeldOutResult>& newest() const { return newest_; }
  // The result of an evaluation, once.
  std::optional<HeldOutResult> TakeUnlogged() { return std::exchange(unlogged_, std::nullopt); }

 private:
  using Clock = std::chrono::steady_clock;
  Status Write(const std::string& path) const;
  Status StartEvaluation();
  Status AwaitEvaluation(const std::function<bool()>& stopped);
  Status Take(const Result<HeldOutResult>& result);

  const TrainConfig& config_;
  const PublishConfig& publish_;
  const Learner& learner_;
  const std::function<Json()>& lineage_;
  RunFolder& folder_;
  HeldOutEvaluation evaluation_;
  Clock::time_point last_publication_ = Clock::now();
  int64_t last_evaluated_ = -1;  // its step
  double best_low_ = -1;         // of the best policy's interval
  std::optional<HeldOutResult> newest_, unlogged_;
};

}  // namespace qt::train

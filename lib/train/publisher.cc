// SPDX-License-Identifier: Apache-2.0
#include "train/publisher.h"

#include <thread>
#include <utility>

#include "base/log.h"
#include "json/settings.h"
#include "train/checkpoint.h"
#include "train/learner.h"

namespace qt::train {

Publisher::Publisher(const TrainConfig& config, const PublishConfig& publish,
                     const Learner& learner, const std::function<Json()>& lineage,
                     RunFolder& folder)
    : config_(config),
      publish_(publish),
      learner_(learner),
      lineage_(lineage),
      folder_(folder),
      evaluation_(publish.held_out) {
  const Json best = folder_.Best();
  if (best.is_object()) best_low_ = best.value("success_low", best_low_);
}

Status Publisher::Write(const std::string& path) const {
  const Json lineage = lineage_ ? lineage_() : Json();
  return SavePolicy(path, config_, learner_,
                    {{"config", json::Write(config_)}, {"lineage", lineage}});
}

Status Publisher::Publish() {
  QT_TRY(Write(folder_.PolicyPath()));
  last_publication_ = Clock::now();
  if (publish_.keep_policies > 0) {
    QT_TRY(folder_.KeepPolicy(learner_.step(), publish_.keep_policies));
  }
  return folder_.LogPolicy(learner_.step());
}

Status Publisher::PublishIfDue() {
  const std::chrono::duration<double> since = Clock::now() - last_publication_;
  const bool by_steps = publish_.policy_steps > 0 && learner_.step() % publish_.policy_steps == 0;
  const bool by_time = publish_.policy_s > 0 && since.count() >= publish_.policy_s;
  return by_steps || by_time ? Publish() : Ok();
}

Status Publisher::Evaluate() {
  if (publish_.held_out.every_steps <= 0) return Ok();
  if (const auto result = evaluation_.Poll()) QT_TRY(Take(*result));
  const bool is_due = learner_.step() % publish_.held_out.every_steps == 0;
  return is_due && !evaluation_.running() ? StartEvaluation() : Ok();
}

Status Publisher::StartEvaluation() {
  QT_TRY(Write(folder_.CandidatePath()));
  last_evaluated_ = learner_.step();
  evaluation_.Start(folder_.CandidatePath(), learner_.step());
  return Ok();
}

Status Publisher::EvaluateLast(const std::function<bool()>& stopped) {
  if (publish_.held_out.every_steps <= 0) return Ok();
  QT_TRY(AwaitEvaluation(stopped));
  if (last_evaluated_ == learner_.step() || stopped()) return Ok();
  QT_TRY(StartEvaluation());
  return AwaitEvaluation(stopped);
}

Status Publisher::AwaitEvaluation(const std::function<bool()>& stopped) {
  while (evaluation_.running() && !stopped()) {
    if (const auto result = evaluation_.Poll()) return Take(*result);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Ok();
}

// By the lower end of the interval: a few lucky scenes do not make a best policy.
Status Publisher::Take(const Result<HeldOutResult>& result) {
  if (!result.ok()) {
    LogWarning(result.status().ToString());
    return Ok();
  }
  newest_ = unlogged_ = *result;
  if (result->low <= best_low_) return Ok();
  best_low_ = result->low;
  Json figures = ToJson(*result);
  figures["objects"] = publish_.held_out.objects;
  figures["seed"] = kHeldOutSeed;
  return folder_.Promote(figures);
}

void Publisher::Cancel() {
  evaluation_.Cancel();
  folder_.DropCandidate();
}

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
#include "policy/random.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace qt::policy {
namespace {

constexpr double kMoveShare = 0.75, kToggleShare = 0.17, kTerminateShare = 0.08;
constexpr double kNoiseSigma = 0.5;  // of each bound

double ClippedNormal(double bound, RandomStream& rng) {
  return std::clamp(rng.Normal(0, kNoiseSigma * bound), -bound, bound);
}

}  // namespace

Action UniformAction(const TaskConfig& task, RandomStream& rng) {
  if (rng.Chance(0.75)) {
    const double dx_m = rng.Uniform(-task.max_dxy_m, task.max_dxy_m);
    const double dy_m = rng.Uniform(-task.max_dxy_m, task.max_dxy_m);
    const double dz_m = rng.Uniform(-task.max_dz_m, task.max_dz_m);
    return Action::Move(dx_m, dy_m, dz_m, rng.Uniform(-task.max_dyaw_rad, task.max_dyaw_rad));
  }
  switch (rng.Below(task.termination == Termination::kLearned ? 3 : 2)) {
    case 0:
      return Action::Open();
    case 1:
      return Action::Close();
    default:
      return Action::Terminate();
  }
}

Action NoiseAction(const TaskConfig& task, const GripperState& gripper, RandomStream& rng) {
  const bool may_terminate = task.termination == Termination::kLearned;
  const double total = kMoveShare + kToggleShare + (may_terminate ? kTerminateShare : 0);
  const double draw = rng.Uniform() * total;
  if (draw < kMoveShare) {
    const double dx_m = ClippedNormal(task.max_dxy_m, rng);
    const double dy_m = ClippedNormal(task.max_dxy_m, rng);
    const double dz_m = ClippedNormal(task.max_dz_m, rng);
    return Action::Move(dx_m, dy_m, dz_m, ClippedNormal(task.max_dyaw_rad, rng));
  }
  if (draw < kMoveShare + kToggleShare) {
    return gripper.opening > 0.5f ? Action::Close() : Action::Open();
  }
  return Action::Terminate();
}

Result<Decision> RandomPolicy::Act(const Observation&) {
  Decision decision;
  decision.action = UniformAction(task_, rng_);
  decision.source = ActionSource::kRandom;
  return decision;
}

NoisyPolicy::NoisyPolicy(std::unique_ptr<Policy> inner, double epsilon, const TaskConfig& task)
    : inner_(std::move(inner)), epsilon_(epsilon), task_(task) {
  QT_CHECK(epsilon >= 0 && epsilon <= 1, epsilon);
}

void NoisyPolicy::StartEpisode(uint64_t seed) {
  rng_ = RandomStream(seed, "exploration");
  inner_->StartEpisode(seed);
}

Result<Decision> NoisyPolicy::Act(const Observation& observation) {
  if (!rng_.Chance(epsilon_)) return inner_->Act(observation);
  Decision decision;
  decision.action = NoiseAction(task_, observation.gripper, rng_);
  decision.source = ActionSource::kNoise;
  return decision;
}

}  // namespace qt::policy

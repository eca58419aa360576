// SPDX-License-Identifier: Apache-2.0
#include "policy/scripted.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "base/setting.h"
#include "image/image.h"
#include "policy/foreground.h"
#include "policy/random.h"

namespace qt::policy {
namespace {

constexpr double kAimSigma_m = 0.01;
constexpr double kAlignSigma_rad = 0.3;
constexpr double kEarlyCloseChance = 0.05;    // an attempt closes before it has arrived
constexpr double kRetryChance = 0.5;          // after closing on nothing
constexpr double kTouchingOpening_m = 0.004;  // the pads touch each other
constexpr double kMoveNoise = 0.10;           // of each bound, on the way
constexpr double kLastMoveNoise = 0.02;       // of each bound, on the move that arrives
constexpr double kBoundSlack = 0.05;          // a move may stop this short of the target, in bounds
constexpr double kRetreatHeight_m = 0.10;     // before another try
// How many moves an approach takes: 1, 2, 3 or 4.
constexpr double kMovesShare[] = {0.2, 0.35, 0.35, 0.1};

int DrawMoves(RandomStream& rng) {
  double draw = rng.Uniform();
  int moves = 1;
  for (double share : kMovesShare) {
    if (draw < share) break;
    draw -= share;
    ++moves;
  }
  return std::min(moves, 4);
}

int MovesWithinBounds(double dx_m, double dy_m, double dz_m, const TaskConfig& task) {
  const double largest = std::max({std::abs(dx_m) / task.max_dxy_m, std::abs(dy_m) / task.max_dxy_m,
                                   std::abs(dz_m) / task.max_dz_m});
  return int(std::ceil(largest - kBoundSlack));
}

// The smaller of the two turns that bring a gripper, symmetric under a half turn, to `yaw_rad`.
double HalfTurn(double yaw_rad) { return std::remainder(yaw_rad, std::numbers::pi); }

}  // namespace

Result<ScriptMixture> ParseScriptMixture(const std::string& variant) {
  if (variant.empty()) return ScriptMixture{};
  if (const std::optional<Script> script = EnumFrom<Script>(variant)) {
    return ScriptMixture{double(script == Script::kUniform), double(script == Script::kAimed),
                         double(script == Script::kAligned), double(script == Script::kNoise)};
  }
  return Usage("scripted: wants uniform, aimed, aligned or noise, not '" + variant + "'");
}

ScriptedPolicy::ScriptedPolicy(std::string name, const ScriptMixture& mixture,
                               const TaskConfig& task)
    : name_(std::move(name)), mixture_(mixture), task_(task) {}

void ScriptedPolicy::StartEpisode(uint64_t seed) {
  rng_ = RandomStream(seed, "scripted");
  const double draw = rng_.Uniform();
  const ScriptMixture& m = mixture_;
  script_ = draw < m.uniform                         ? Script::kUniform
            : draw < m.uniform + m.aimed             ? Script::kAimed
            : draw < m.uniform + m.aimed + m.aligned ? Script::kAligned
                                                     : Script::kNoise;
  phase_ = Phase::kChoose;
  retried_ = false;
}

Result<Decision> ScriptedPolicy::Act(const Observation& observation) {
  QT_ASSIGN(const Action action, NextAction(observation));
  Decision decision;
  decision.action = ClipAction(action, task_);
  decision.source = ActionSource::kScripted;
  return decision;
}

Result<Action> ScriptedPolicy::NextAction(const Observation& observation) {
  const GripperState& gripper = observation.gripper;
  if (script_ == Script::kNoise) return NoiseAction(task_, gripper, rng_);
  switch (phase_) {
    case Phase::kReopened:
      phase_ = Phase::kChoose;
      if (gripper.height_m < kRetreatHeight_m) {
        return MoveBy(0, 0,
                      rng_.Uniform(kRetreatHeight_m, task_.terminate_height_m) - gripper.height_m,
                      0, kLastMoveNoise);
      }
      [[fallthrough]];
    case Phase::kChoose:
      QT_TRY(ChooseTarget(observation));
      phase_ = Phase::kApproach;
      [[fallthrough]];
    case Phase::kApproach:
      // Exploration noise may have closed the gripper on the way.
      if (gripper.opening < 0.5f) return Action::Open();
      return Approach(gripper);
    case Phase::kCheck:
      return AfterClosing(gripper);
    case Phase::kLift:
      return Lift(gripper);
  }
  return Lift(gripper);
}

Status ScriptedPolicy::ChooseTarget(const Observation& observation) {
  const double reach_m = task_.workspace_xy_m;
  target_.x_m = rng_.Uniform(-reach_m, reach_m);
  target_.y_m = rng_.Uniform(-reach_m, reach_m);
  target_.height_m = task_.min_height_m + std::abs(rng_.Normal(0, 0.004));
  target_.yaw_rad = rng_.Uniform(-std::numbers::pi / 2, std::numbers::pi / 2);
  moves_left_ = DrawMoves(rng_);
  if (script_ == Script::kUniform || !observation.camera.valid()) return Ok();
  return Aim(observation, script_ == Script::kAligned);
}

// Leaves the uniform target where the picture shows no object.
Status ScriptedPolicy::Aim(const Observation& observation, bool aligned) {
  RgbImage storage;
  QT_ASSIGN(const RgbView image, View(observation.image, &storage));
  const ForegroundConfig config;
  const CameraModel& camera = observation.camera;
  const Foreground foreground = FindForeground(image, camera, observation.gripper, config);
  if (foreground.pixels.empty()) return Ok();
  const int pixel = foreground.pixels[rng_.Below(foreground.pixels.size())];
  const Vec3 p_W_m =
      camera.Unproject(pixel % image.width_px, pixel / image.width_px, config.plane_height_m);
  target_.x_m = p_W_m[0] + rng_.Normal(0, kAimSigma_m);
  target_.y_m = p_W_m[1] + rng_.Normal(0, kAimSigma_m);
  if (!aligned) return Ok();
  const std::vector<int> blob = ConnectedBlob(foreground, pixel);
  target_.yaw_rad = MinorAxisYaw(foreground, blob, camera, config.plane_height_m) +
                    rng_.Normal(0, kAlignSigma_rad);
  return Ok();
}

// One of `moves_left_` moves to the target; more where the bounds ask for it. The earlier ones go
// further sideways than down, so that the fingers do not sweep the bin.
Action ScriptedPolicy::Approach(const GripperState& gripper) {
  if (moves_left_ == 0 || rng_.Chance(kEarlyCloseChance / 2)) return Close();
  const double dx_m = target_.x_m - gripper.x_m, dy_m = target_.y_m - gripper.y_m;
  const double dz_m = target_.height_m - gripper.height_m;
  const double dyaw_rad = HalfTurn(target_.yaw_rad - gripper.yaw_rad);
  const int moves = std::max(moves_left_, MovesWithinBounds(dx_m, dy_m, dz_m, task_));
  moves_left_ = moves - 1;
  if (moves == 1) return MoveBy(dx_m, dy_m, dz_m, dyaw_rad, kLastMoveNoise);
  const double sideways = std::min(1.0, rng_.Uniform(1.0, 1.8) / moves);
  const double down = rng_.Uniform(0.5, 1.2) / moves;
  return MoveBy(sideways * dx_m, sideways * dy_m, down * dz_m, sideways * dyaw_rad, kMoveNoise);
}

Action ScriptedPolicy::Close() {
  phase_ = Phase::kCheck;
  return Action::Close();
}

Action ScriptedPolicy::AfterClosing(const GripperState& gripper) {
  const bool empty = gripper.measured_opening_m < kTouchingOpening_m;
  if (empty && !retried_ && rng_.Chance(kRetryChance)) {
    retried_ = true;
    phase_ = Phase::kReopened;
    return Action::Open();
  }
  phase_ = Phase::kLift;
  moves_left_ = 1 + int(rng_.Below(3));
  return Lift(gripper);
}

// Above the height of the termination rule, then one move further up, which is what the rule waits
// for, or the terminate action where that ends an episode.
Action ScriptedPolicy::Lift(const GripperState& gripper) {
  const double margin_m = 0.25 * (task_.max_height_m - task_.terminate_height_m);
  const double height_m = task_.terminate_height_m + margin_m;
  if (gripper.height_m > task_.terminate_height_m) {
    if (task_.termination == Termination::kLearned) return Action::Terminate();
    const double dz_m = rng_.Uniform(0.2, 1.0) * margin_m;
    return Action::Move(0, 0, dz_m, 0);
  }
  const int moves = std::max(1, moves_left_--);
  if (moves == 1) {
    const double over_m = rng_.Uniform(0, 2 * margin_m);
    return MoveBy(0, 0, height_m + over_m - gripper.height_m, 0, kLastMoveNoise);
  }
  const double up_m = (height_m - gripper.height_m) * rng_.Uniform(0.7, 1.3) / moves;
  return MoveBy(0, 0, up_m, 0, kMoveNoise);
}

// `noise`: standard deviation on each axis, in units of its bound.
Action ScriptedPolicy::MoveBy(double dx_m, double dy_m, double dz_m, double dyaw_rad,
                              double noise) {
  dx_m += rng_.Normal(0, noise * task_.max_dxy_m);
  dy_m += rng_.Normal(0, noise * task_.max_dxy_m);
  dz_m += rng_.Normal(0, noise * task_.max_dz_m);
  dyaw_rad += rng_.Normal(0, noise * task_.max_dyaw_rad);
  return Action::Move(dx_m, dy_m, dz_m, dyaw_rad);
}

}  // namespace qt::policy

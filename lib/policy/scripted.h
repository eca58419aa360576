// SPDX-License-Identifier: Apache-2.0
// The scripted policies that bootstrap the data (paper App. B, pi_scripted): reach a target in a
// few moves, close, lift. They use what a robot has: the picture, the camera model and
// proprioception, never the simulator's state. Every draw comes from the episode's
// seed.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "mdp/task.h"
#include "policy/policy.h"

namespace qt::policy {

// How an episode's target is chosen.
enum class Script : uint8_t {
  kUniform,  // anywhere in the workspace
  kAimed,    // above a random object pixel, any yaw
  kAligned,  // the same, with the yaw across the pixel's blob
  kNoise,    // no target: the exploration noise alone
};
constexpr auto NamesOf(Script) { return std::array{"uniform", "aimed", "aligned", "noise"}; }

// Probabilities of the scripts; they sum to 1. The default is what the name "scripted" means:
// chosen to succeed in about 30 % of the episodes (paper: 15-30 %).
struct ScriptMixture {
  double uniform = 0.55, aimed = 0.25, aligned = 0.1, noise = 0.1;
};

// "" -> the default; "uniform", "aimed", "aligned", "noise" -> that one alone. Fails with kUsage.
Result<ScriptMixture> ParseScriptMixture(const std::string& variant);

class ScriptedPolicy : public Policy {
 public:
  ScriptedPolicy(std::string name, const ScriptMixture& mixture, const TaskConfig& task);

  void StartEpisode(uint64_t seed) override;
  // Fails if the image, where one is needed, cannot be decoded.
  Result<Decision> Act(const Observation& observation) override;
  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  enum class Phase : uint8_t { kChoose, kApproach, kCheck, kReopened, kLift };

  struct Target {
    double x_m = 0, y_m = 0, height_m = 0, yaw_rad = 0;
  };

  Result<Action> NextAction(const Observation& observation);
  Status ChooseTarget(const Observation& observation);
  Status Aim(const Observation& observation, bool aligned);
  Action Approach(const GripperState& gripper);
  Action Close();
  Action AfterClosing(const GripperState& gripper);
  Action Lift(const GripperState& gripper);
  Action MoveBy(double dx_m, double dy_m, double dz_m, double dyaw_rad, double noise);

  std::string name_, digest_;
  ScriptMixture mixture_;
  TaskConfig task_;
  RandomStream rng_{0};
  Script script_ = Script::kUniform;
  Phase phase_ = Phase::kChoose;
  Target target_;
  int moves_left_ = 0;  // of the approach or the lift, as planned
  bool retried_ = false;
};

}  // namespace qt::policy

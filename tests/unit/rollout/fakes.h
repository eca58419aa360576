// SPDX-License-Identifier: Apache-2.0
// A robot and a policy whose every number derives from seeds, so that any loss of determinism
// shows.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/random.h"
#include "image/image.h"
#include "policy/policy.h"
#include "robot/robot.h"

namespace qt::rollout {

class FakeRobot : public robot::Robot {
 public:
  // Scenes whose seed is divisible by `unstable_every` fail in their second episode, or
  // always if it is 1.
  explicit FakeRobot(uint64_t unstable_every = 0) : unstable_every_(unstable_every) {}

  Status NewBin(uint64_t seed) override {
    bin_ = seed, episodes_ = 0, fault_ = robot::Fault::kNone;
    return Ok();
  }
  robot::Fault fault() const override { return fault_; }
  void SetClock(int64_t start_stamp_ns) override { clock_ns_ = start_stamp_ns; }
  robot::SimCounters counters() const override { return {num_actions_, 0, 0}; }

  Status StartEpisode(uint64_t seed) override {
    rng_ = RandomStream(seed ^ bin_);
    gripper_ = GripperState();
    gripper_.height_m = 0.18f;
    ++episodes_;
    return Ok();
  }
  Result<Observation> Observe() override {
    stamp_ns_ = clock_ns_;
    Observation observation;
    RgbImage image{4, 4, std::vector<uint8_t>(48)};
    for (uint8_t& value : image.rgb_HWC) value = uint8_t(rng_.Next());
    observation.image = EncodeRaw(std::move(image));
    observation.gripper = gripper_;
    return observation;
  }
  Status Act(const Action& action) override {
    ++num_actions_;
    clock_ns_ += 1000;
    if (unstable_every_ > 0 && bin_ % unstable_every_ == 0 &&
        (episodes_ == 2 || unstable_every_ == 1)) {
      fault_ = robot::Fault::kScene;
      return Failed("unstable");
    }
    gripper_.opening = action.Kind() == ActionKind::kClose ? 0 : gripper_.opening;
    gripper_.opening = action.Kind() == ActionKind::kOpen ? 1 : gripper_.opening;
    gripper_.height_m = std::clamp(gripper_.height_m + action.dz_m, 0.008f, 0.2f);
    return Ok();
  }
  GripperState gripper() const override { return gripper_; }
  Result<robot::DropTest> Finish() override {
    robot::DropTest test;
    test.truth = Truth{.success = rng_.Chance(0.3)};
    test.truth_config = "{}";
    return test;
  }
  int64_t stamp_ns() const override { return stamp_ns_; }
  std::string env() const override { return "fake/1"; }
  std::string env_config() const override { return "{}"; }

 private:
  uint64_t unstable_every_;
  uint64_t bin_ = 0, episodes_ = 0, num_actions_ = 0;
  robot::Fault fault_ = robot::Fault::kNone;
  int64_t clock_ns_ = 0, stamp_ns_ = 0;
  RandomStream rng_{0};
  GripperState gripper_;
};

// Gives `actions` in turn, then the last one for ever.
class FixedPolicy : public Policy {
 public:
  explicit FixedPolicy(std::vector<Action> actions) : actions_(std::move(actions)) {}
  void StartEpisode(uint64_t) override { next_ = 0; }
  Result<Decision> Act(const Observation&) override {
    Decision decision;
    decision.action = actions_[std::min(next_++, actions_.size() - 1)];
    decision.source = ActionSource::kScripted;
    return decision;
  }
  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  std::vector<Action> actions_;
  size_t next_ = 0;
  std::string name_ = "fixed", digest_ = "d1";
};

class FailingPolicy : public FixedPolicy {
 public:
  FailingPolicy() : FixedPolicy({Action::Close()}) {}
  Result<Decision> Act(const Observation&) override { return Failed("the server has gone"); }
};

}  // namespace qt::rollout

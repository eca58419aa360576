// SPDX-License-Identifier: Apache-2.0
// A policy that cheats: it reads the simulator's truth through World::objects() and acts through
// the ordinary actions, closed loop, with retries. It bounds what is feasible in qt-bin/1; benches
// and tests use it, and no tool can be told to.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "policy/policy.h"
#include "sim/sim_robot.h"

namespace qt::bench {

class TruthPolicy final : public Policy {
 public:
  // `world` outlives the policy and is the one that the episodes run in.
  TruthPolicy(const sim::SimRobot* world, const TaskConfig& task) : world_(world), task_(task) {}

  void StartEpisode(uint64_t seed) override {
    rng_ = RandomStream(seed);
    failures_.assign(world_->objects().size(), 0);
    target_.reset();
    sweep_ = 0;
  }

  Result<Decision> Act(const Observation& observation) override {
    return Decision{.action = Next(observation.gripper)};
  }

  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  static constexpr double kTransit_m = 0.12;  // fingers above what lies flat in the bin
  static constexpr double kNear_m = 0.006, kNear_rad = 0.06;

  struct Target {
    size_t object;
    Vec3 p_W_m;
    double yaw_rad;
  };

  Action Next(const GripperState& gripper) {
    if (sweep_ > 0) return Sweep(gripper);
    const bool closed = gripper.opening < 0.5f;
    if (closed && gripper.measured_opening_m > kEmptyOpening_m) return Up(gripper);
    if (closed) {
      if (target_) ++failures_[target_->object];
      target_.reset();
      return Action::Open();
    }
    return Approach(gripper);
  }

  Action Up(const GripperState& gripper) const {
    const double way_m = task_.max_height_m - gripper.height_m;
    return Action::Move(0, 0, std::max(way_m, 0.02), 0);
  }

  // Over the target at transit height, down, close. The target is looked at again before going
  // down: a finger may have moved it.
  Action Approach(const GripperState& gripper) {
    if (!target_ || gripper.height_m > kTransit_m - 0.02) Choose();
    if (!target_) {
      sweep_ = 4;
      return Sweep(gripper);
    }
    const Vec3 way = target_->p_W_m - Vec3{gripper.x_m, gripper.y_m, gripper.height_m};
    const double side_m = std::hypot(way[0], way[1]);
    const double turn_rad = Turn(gripper);
    if (side_m > kNear_m || std::abs(turn_rad) > kNear_rad) {
      if (gripper.height_m < kTransit_m - 0.02) {
        target_.reset();  // low and not over it: rise first
        return Action::Move(0, 0, kTransit_m + 0.01 - gripper.height_m, 0);
      }
      return Action::Move(way[0], way[1], kTransit_m - gripper.height_m, turn_rad);
    }
    if (way[2] < -0.004 && !stopped_) {
      stopped_ = true;  // one motion down; what blocks it then is grasped as it is
      return Action::Move(way[0], way[1], way[2], turn_rad);
    }
    return Action::Close();
  }

  double Turn(const GripperState& gripper) const {
    double turn_rad = WrapAngle(target_->yaw_rad - gripper.yaw_rad);
    if (turn_rad > std::numbers::pi / 2) turn_rad -= std::numbers::pi;
    if (turn_rad < -std::numbers::pi / 2) turn_rad += std::numbers::pi;
    return turn_rad;
  }

  // The object with the fewest failures, and of those the best grasp.
  void Choose() {
    target_.reset();
    stopped_ = false;
    const std::vector<sim::ObjectTruth> objects = world_->objects();
    double best = -1e9;
    for (size_t k = 0; k < objects.size(); ++k) {
      if (!objects[k].graspable) continue;
      const double score = objects[k].grasp_score - 0.1 * failures_[k];
      if (score <= best) continue;
      best = score;
      target_ = Target{k, objects[k].grasp_p_W_m, objects[k].grasp_yaw_W_rad};
    }
  }

  // Nothing can be grasped as it lies: a closed gripper goes through the heap.
  Action Sweep(const GripperState& gripper) {
    switch (sweep_--) {
      case 4:
        return Action::Close();
      case 3:
        return Action::Move(rng_.Uniform(-0.1, 0.1), rng_.Uniform(-0.1, 0.1), -0.1, 0);
      case 2:
        return Action::Move(gripper.x_m > 0 ? -0.1 : 0.1, gripper.y_m > 0 ? -0.1 : 0.1,
                            0.015 - gripper.height_m, 0);
      default:
        return Action::Move(0, 0, kTransit_m - gripper.height_m, 0);
    }
  }

  const sim::SimRobot* world_;
  TaskConfig task_;
  RandomStream rng_{0};
  std::vector<int> failures_;  // of each object
  std::optional<Target> target_;
  bool stopped_ = false;
  int sweep_ = 0;  // motions left of a sweep
  std::string name_ = "truth", digest_;
};

}  // namespace qt::bench

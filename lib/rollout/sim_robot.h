// The simulated cell as a robot (paper App. C: the simulator stands where the arm would).
#pragma once

#include <memory>
#include <string>

#include "rollout/robot.h"
#include "sim/world.h"

namespace qt::rollout {

// Work done by a simulator, for summaries and benchmarks.
struct SimCounters {
  uint64_t physics_steps = 0;
  uint64_t settle_steps = 0;  // of those, for settling new bins
  uint64_t renders = 0;
};

// A robot whose bin can be filled anew, and whose clock can be set.
class BinRobot : public Robot {
 public:
  // A new bin from `seed`. Afterwards unstable() is false.
  virtual Status NewBin(uint64_t seed) = 0;
  // True once the robot itself (and not a policy) has failed: what happened since NewBin is void.
  virtual bool unstable() const = 0;
  // The stamp that the next StartEpisode begins with.
  virtual void SetClock(int64_t start_stamp_ns) = 0;
  virtual SimCounters counters() const = 0;
};

class SimRobot : public BinRobot {
 public:
  explicit SimRobot(std::unique_ptr<sim::World> world);

  Status NewBin(uint64_t seed) override;
  bool unstable() const override { return unstable_; }
  void SetClock(int64_t start_stamp_ns) override { start_stamp_ns_ = start_stamp_ns; }
  SimCounters counters() const override;

  Status StartEpisode(uint64_t seed) override;
  Result<Observation> Observe() override;
  Status Act(const Action& action) override;
  GripperState gripper() const override { return world_->gripper(); }
  Result<DropTest> Finish() override;
  int64_t stamp_ns() const override { return stamp_ns_; }
  std::string env() const override;
  std::string env_config() const override { return world_->config_json(); }

 private:
  Status Note(Status status);
  int64_t NextStamp(double time_s);

  std::unique_ptr<sim::World> world_;
  bool unstable_ = false;
  int64_t start_stamp_ns_ = 0;
  double start_time_s_ = 0;  // of the world, when the episode started
  int64_t stamp_ns_ = 0;
};

}  // namespace qt::rollout

// The simulated cell as a robot (paper App. C: the simulator stands where the arm would).
#pragma once

#include <memory>
#include <string>

#include "rollout/bin_robot.h"
#include "sim/world.h"

namespace qt::rollout {

class SimRobot : public BinRobot {
 public:
  explicit SimRobot(std::unique_ptr<sim::World> world);

  Status NewBin(uint64_t seed) override;
  Fault fault() const override { return fault_; }
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
  Fault fault_ = Fault::kNone;
  int64_t start_stamp_ns_ = 0;
  double start_time_s_ = 0;  // of the world, when the episode started
  int64_t stamp_ns_ = 0;
};

}  // namespace qt::rollout

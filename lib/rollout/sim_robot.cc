#include "rollout/sim_robot.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "record/json.h"

namespace qt::rollout {

SimRobot::SimRobot(std::unique_ptr<sim::World> world) : world_(std::move(world)) {}

Status SimRobot::Note(Status status) {
  if (!status.ok()) fault_ = Fault::kScene;
  return status;
}

// Stamps follow the simulated time, and increase even where no time has passed. Whole microseconds:
// the world's clock runs over its whole life, and its rounding must not show.
int64_t SimRobot::NextStamp(double time_s) {
  const int64_t elapsed_ns = std::llround((time_s - start_time_s_) * 1e6) * 1000;
  return std::max(stamp_ns_ + 1, start_stamp_ns_ + elapsed_ns);
}

Status SimRobot::NewBin(uint64_t seed) {
  fault_ = Fault::kNone;
  return Note(world_->NewBin(seed));
}

Status SimRobot::StartEpisode(uint64_t seed) {
  QT_TRY(Note(world_->StartEpisode(seed)));
  start_time_s_ = world_->time_s();
  stamp_ns_ = start_stamp_ns_ - 1;
  return Ok();
}

Result<Observation> SimRobot::Observe() {
  Result<Observation> observation = world_->Observe();
  QT_TRY(Note(observation.status()));
  stamp_ns_ = NextStamp(world_->time_s());
  return observation;
}

Status SimRobot::Act(const Action& action) { return Note(world_->Act(action)); }

Result<DropTest> SimRobot::Finish() {
  Result<sim::Verdict> verdict = world_->Finish();
  QT_TRY(Note(verdict.status()));
  DropTest test;
  test.truth = verdict->truth;
  test.truth_config = Json({{"held_size_m", verdict->held_size_m}}).dump();
  test.evidence = std::move(verdict->evidence);
  // The world knows when it took the frames in its own time; on the episode's clock they follow the
  // last observation, the last of them now.
  const int64_t end_ns = NextStamp(world_->time_s());
  const int64_t count = int64_t(test.evidence.size());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t stamp_ns = stamp_ns_ + (end_ns - stamp_ns_) * (i + 1) / count;
    test.evidence[size_t(i)].stamp_ns = std::max(stamp_ns, stamp_ns_ + i + 1);
  }
  if (count > 0) stamp_ns_ = test.evidence.back().stamp_ns;
  return test;
}

SimCounters SimRobot::counters() const {
  return {world_->num_physics_steps(), world_->num_settle_steps(), world_->num_renders()};
}

std::string SimRobot::env() const { return std::string("mujoco/") + sim::MujocoVersion(); }

}  // namespace qt::rollout

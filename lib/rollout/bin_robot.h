// What the collector needs of a robot beyond one episode: bins, a clock, and who is to blame when
// something fails. SimRobot and RemoteRobot are such robots.
#pragma once

#include <cstdint>
#include <functional>

#include "rollout/robot.h"

namespace qt::rollout {

// Work done by a simulator, for summaries and benchmarks.
struct SimCounters {
  uint64_t physics_steps = 0;
  uint64_t settle_steps = 0;  // of those, for settling new bins
  uint64_t renders = 0;
};

// Whose fault the last error was. With a scene's or the driver's, what happened since the last
// complete episode is void, and NewBin goes on.
enum class Fault {
  kNone,    // a policy's, the caller's, or one that lasts
  kScene,   // it went unstable, or its driver asks to discard it: another bin helps
  kDriver,  // the driver has failed; NewBin starts it anew and bounds how often
};

// A robot whose bin can be filled anew, and whose clock can be set.
class BinRobot : public Robot {
 public:
  // A new bin from `seed`. Afterwards, if ok, fault() is kNone.
  virtual Status NewBin(uint64_t seed) = 0;
  virtual Fault fault() const = 0;
  // The stamp that the next StartEpisode begins with, where time is simulated.
  virtual void SetClock(int64_t start_stamp_ns) = 0;
  virtual SimCounters counters() const = 0;
};

// Where a robot is used.
struct RobotContext {
  int environment = 0;            // of several, from 0
  std::function<bool()> stopped;  // whether whatever takes long should end early
};

}  // namespace qt::rollout

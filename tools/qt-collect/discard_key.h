// SPDX-License-Identifier: Apache-2.0
// A person at the terminal who sees that an episode is void: types d and Enter, and it is dropped,
// as one that its driver discards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "robot/robot.h"

namespace qt::collect {

// Counts the lines "d" of standard input while that is a terminal and this program is in its
// foreground; reads nothing otherwise.
class DiscardKey {
 public:
  DiscardKey();
  ~DiscardKey();
  const std::atomic<uint64_t>& count() const { return count_; }
  bool listens() const { return reader_.joinable(); }

 private:
  void Read();

  std::atomic<uint64_t> count_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread reader_;
};

// Robots of `inner` whose episode becomes void when `count` changes while it goes on. `count` must
// outlive them.
robot::RobotFactory Discardable(robot::RobotFactory inner, const std::atomic<uint64_t>& count);

}  // namespace qt::collect

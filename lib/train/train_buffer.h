// The train buffer (paper section 4.3): a ring of states whose transitions have Bellman
// targets. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/random.h"
#include "mdp/action.h"
#include "replay/replay_buffer.h"

namespace qt::train {

struct TargetedAction {
  Action action;
  float target = 0;
};

struct TargetedState {
  replay::Sample sample;
  std::vector<TargetedAction> actions;  // at least one
  int64_t target_step = 0;              // gradient step of the networks that gave the targets
  float value = 0;                      // V(s') of the recorded transition, 0 at the end
  float clipped_gap = 0;                // Q_1 - min(Q_1, Q_2) there
};

class TrainBuffer {
 public:
  explicit TrainBuffer(size_t capacity) : capacity_(capacity) {}

  void Push(TargetedState state);
  // Forgets the states of episodes that the replay buffer has let go of, so that these do not stay
  // in memory. Returns how many are left.
  size_t DropEvicted();
  // REQUIRES: size() > 0. With replacement.
  std::vector<TargetedState> Draw(size_t count, RandomStream& rng) const;
  size_t size() const;
  size_t capacity() const { return capacity_; }
  uint64_t num_pushed() const;
  std::vector<TargetedState> OldestFirst() const;  // for checkpoints

 private:
  mutable std::mutex mutex_;
  size_t capacity_;
  uint64_t num_pushed_ = 0;
  size_t oldest_ = 0;  // 0 until the ring is full
  std::vector<TargetedState> ring_;
};

}  // namespace qt::train

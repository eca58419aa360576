// SPDX-License-Identifier: Apache-2.0
// The Bellman updaters (paper section 4.3): draw a state from replay, make the targets of its
// transitions with the current target networks, push it to the train buffer. Inline, or on threads
// of their own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "bellman/target.h"
#include "mdp/action.h"
#include "qnet/q_function.h"
#include "replay/replay_buffer.h"
#include "train/train_config.h"

namespace qt::train {

// The train buffer (paper section 4.3): a ring of states whose transitions have Bellman
// targets. Thread-safe.

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

// One consistent pair of target networks; immutable once published.
struct TargetNetworks {
  std::shared_ptr<const QFunction> polyak, lagged;
  int64_t step = 0;
};

// Makes the targets of several states together: the networks see them as one batch.
class TargetMaker {
 public:
  // Next states that are worth a batch; more would not stay in cache.
  static constexpr size_t kEnough = 16;

  // `floor_weight` scales the Monte Carlo floor (0: none). REQUIRES: config outlives this object.
  TargetMaker(TargetNetworks networks, const TrainConfig& config, double floor_weight)
      : networks_(std::move(networks)), config_(config), floor_weight_(floor_weight) {}

  // Draws what the state's targets need: they do not depend on its company, but for rounding.
  void Add(const replay::Sample& sample, RandomStream& rng);
  bool has_enough() const { return next_.states.size() >= kEnough; }
  // The states since the last call, in order.
  Result<std::vector<TargetedState>> Make();

 private:
  const TargetNetworks networks_;
  const TrainConfig& config_;
  const double floor_weight_;
  std::vector<replay::Sample> samples_;
  bellman::NextStates next_;
};

// Weight of the Monte Carlo floor at a gradient step: linear from 1 to 0.
double FloorWeight(const TrainConfig& config, int64_t step);

// Share of the states that come from the online buffer (paper App. F.3): linear from 1 % at the
// step at which that buffer got its first episode to config.online_share. `online_since` < 0: not
// yet.
double OnlineShare(const TrainConfig& config, int64_t step, int64_t online_since);

// The threads. Stops at destruction; the first error stops them all and is kept.
class UpdaterThreads {
 public:
  UpdaterThreads(const TrainConfig& config, const replay::ReplayBuffer& replay, TrainBuffer& buffer,
                 TargetNetworks first, const replay::DrawRule& rule);
  // What the targets to come are made with, and how their states are drawn.
  void Publish(TargetNetworks networks, const replay::DrawRule& rule);
  Status status() const;

 private:
  struct Orders {
    TargetNetworks networks;
    replay::DrawRule rule;
  };
  Status Work(int index);
  void Fail(Status status);

  const TrainConfig& config_;
  const replay::ReplayBuffer& replay_;
  TrainBuffer& buffer_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Orders> orders_;
  Status status_;
  std::atomic<bool> stop_{false};
  Threads threads_{[this] { stop_ = true; }};
};

}  // namespace qt::train

// The Bellman updaters (paper section 4.3): draw a state from replay, make the targets of its
// transitions with the current target networks, push it to the train buffer. Inline, or on threads
// of their own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/status.h"
#include "base/threads.h"
#include "qnet/q_function.h"
#include "replay/replay_buffer.h"
#include "train/train_buffer.h"
#include "train/train_config.h"

namespace qt::train {

// One consistent pair of target networks; immutable once published.
struct TargetNetworks {
  std::shared_ptr<const QFunction> polyak, lagged;
  int64_t step = 0;
};

// The targets of one state. `floor_weight` scales the Monte Carlo floor (0: none).
Result<TargetedState> MakeTargets(const replay::Sample& sample, const TargetNetworks& networks,
                                  const TrainConfig& config, double floor_weight,
                                  RandomStream& rng);

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

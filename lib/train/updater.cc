// SPDX-License-Identifier: Apache-2.0
#include "train/updater.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "qnet/model.h"

namespace qt::train {

void TrainBuffer::Push(TargetedState state) {
  const std::lock_guard lock(mutex_);
  if (ring_.size() < capacity_) {
    ring_.push_back(std::move(state));
  } else {
    ring_[oldest_] = std::move(state);
    oldest_ = (oldest_ + 1) % capacity_;
  }
  ++num_pushed_;
}

size_t TrainBuffer::DropEvicted() {
  const std::lock_guard lock(mutex_);
  std::rotate(ring_.begin(), ring_.begin() + static_cast<ptrdiff_t>(oldest_), ring_.end());
  oldest_ = 0;
  std::erase_if(ring_,
                [](const TargetedState& state) { return state.sample.episode->evicted.load(); });
  return ring_.size();
}

std::vector<TargetedState> TrainBuffer::Draw(size_t count, RandomStream& rng) const {
  const std::lock_guard lock(mutex_);
  QT_CHECK(!ring_.empty());
  std::vector<TargetedState> drawn;
  drawn.reserve(count);
  // Counted from the oldest, so that a buffer restored from a checkpoint draws the same states.
  for (size_t i = 0; i < count; ++i) {
    drawn.push_back(ring_[(oldest_ + rng.Below(ring_.size())) % ring_.size()]);
  }
  return drawn;
}

size_t TrainBuffer::size() const {
  const std::lock_guard lock(mutex_);
  return ring_.size();
}

uint64_t TrainBuffer::num_pushed() const {
  const std::lock_guard lock(mutex_);
  return num_pushed_;
}

std::vector<TargetedState> TrainBuffer::OldestFirst() const {
  const std::lock_guard lock(mutex_);
  std::vector<TargetedState> states = ring_;
  std::rotate(states.begin(), states.begin() + static_cast<ptrdiff_t>(oldest_), states.end());
  return states;
}

double FloorWeight(const TrainConfig& config, int64_t step) {
  if (config.return_floor_steps <= 0) return 0;
  return std::clamp(
      1.0 - static_cast<double>(step) / static_cast<double>(config.return_floor_steps), 0.0, 1.0);
}

double OnlineShare(const TrainConfig& config, int64_t step, int64_t online_since) {
  constexpr double kFirstShare = 0.01;
  if (online_since < 0 || config.online_share <= kFirstShare) return config.online_share;
  const auto ramp = static_cast<double>(std::max<int64_t>(1, config.online_ramp_steps));
  const double done = std::clamp(static_cast<double>(step - online_since) / ramp, 0.0, 1.0);
  return kFirstShare + done * (config.online_share - kFirstShare);
}

namespace {

std::vector<replay::Transition> TransitionsOf(const replay::Sample& sample,
                                              const TrainConfig& config) {
  return replay::TransitionsAt(*sample.episode, sample.t, config.task, config.compose,
                               static_cast<size_t>(config.actions));
}

bool IsLast(const replay::Sample& sample, const replay::Transition& transition) {
  return transition.next >= sample.episode->actions.size();
}

}  // namespace

void TargetMaker::Add(const replay::Sample& sample, RandomStream& rng) {
  samples_.push_back(sample);
  if (config_.targets != TargetKind::kBellman) return;
  const replay::ReplayEpisode& episode = *sample.episode;
  for (const replay::Transition& transition : TransitionsOf(sample, config_)) {
    if (IsLast(sample, transition)) continue;
    next_.Add(episode.images[transition.next], episode.states[transition.next], config_.task,
              config_.target_cem, rng);
  }
}

Result<std::vector<TargetedState>> TargetMaker::Make() {
  const std::vector<replay::Sample> samples = std::exchange(samples_, {});
  QT_ASSIGN(const std::vector<bellman::StateValue> values,
            bellman::ValuesOf(std::exchange(next_, {}), *networks_.polyak,
                              config_.clipped_double ? *networks_.lagged : *networks_.polyak));
  auto value = values.begin();
  std::vector<TargetedState> states;
  for (const replay::Sample& sample : samples) {
    TargetedState& state = states.emplace_back(TargetedState{sample, {}, networks_.step, 0, 0});
    for (const replay::Transition& transition : TransitionsOf(sample, config_)) {
      const bool is_last = IsLast(sample, transition);
      bellman::StateValue next;
      double floor = transition.reward;
      if (!is_last) {
        const float next_return = sample.episode->returns[transition.next];
        const bool searched = config_.targets == TargetKind::kBellman;
        next = searched ? *value++ : bellman::StateValue{next_return, next_return};
        floor += config_.task.discount * next_return;
      }
      if (state.actions.empty()) {
        state.value = next.value;
        state.clipped_gap = next.first_value - next.value;
      }
      state.actions.push_back(
          {transition.action,
           bellman::Target(transition.reward, is_last, next.value, config_.task.discount,
                           static_cast<float>(floor_weight_ * floor))});
    }
  }
  return states;
}

UpdaterThreads::UpdaterThreads(const TrainConfig& config, const replay::ReplayBuffer& replay,
                               TrainBuffer& buffer, TargetNetworks first,
                               const replay::DrawRule& rule)
    : config_(config), replay_(replay), buffer_(buffer) {
  Publish(std::move(first), rule);
  for (int i = 0; i < config.updaters; ++i) {
    Fail(threads_.Start([this, i] { Fail(Guarded([this, i] { return Work(i); })); }));
  }
}

void UpdaterThreads::Fail(Status status) {
  if (status.ok()) return;
  const std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = std::move(status);
  stop_ = true;
}

void UpdaterThreads::Publish(TargetNetworks networks, const replay::DrawRule& rule) {
  auto orders = std::make_shared<const Orders>(Orders{std::move(networks), rule});
  const std::lock_guard lock(mutex_);
  orders_ = std::move(orders);
}

Status UpdaterThreads::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Status UpdaterThreads::Work(int index) {
  qnet::SetComputeThreads(1);
  RandomStream rng(config_.seed, "updater", static_cast<uint64_t>(index));
  while (!stop_) {
    std::shared_ptr<const Orders> orders;
    {
      const std::lock_guard lock(mutex_);
      orders = orders_;
    }
    TargetMaker maker(orders->networks, config_, FloorWeight(config_, orders->networks.step));
    for (size_t i = 0; i < TargetMaker::kEnough && !maker.has_enough(); ++i) {
      maker.Add(replay_.Draw(orders->rule, rng), rng);
    }
    QT_ASSIGN(std::vector<TargetedState> states, maker.Make());
    for (TargetedState& state : states) buffer_.Push(std::move(state));
  }
  return Ok();
}

}  // namespace qt::train

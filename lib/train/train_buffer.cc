#include "train/train_buffer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

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

}  // namespace qt::train

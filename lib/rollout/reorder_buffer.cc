#include "rollout/reorder_buffer.h"

#include <utility>

#include "base/check.h"

namespace qt::rollout {

ReorderBuffer::ReorderBuffer(uint64_t num_episodes, uint64_t bin_size, uint64_t max_bins,
                             int num_workers)
    : num_episodes_(num_episodes),
      bin_size_(bin_size),
      max_bins_(max_bins),
      num_workers_(num_workers) {
  QT_CHECK(bin_size > 0 && max_bins > 0 && num_workers > 0, bin_size, max_bins, num_workers);
}

std::optional<uint64_t> ReorderBuffer::TakeBin() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return Exhausted() || MayStart(); });
  if (Exhausted()) return std::nullopt;
  return next_bin_++;
}

void ReorderBuffer::Put(uint64_t index, Episode episode) {
  const std::lock_guard lock(mutex_);
  const bool is_new = ready_.emplace(index, std::move(episode)).second;
  QT_CHECK(is_new && index < num_episodes_, index);
  changed_.notify_all();
}

void ReorderBuffer::EndWorker(Status status) {
  const std::lock_guard lock(mutex_);
  --num_workers_;
  if (!status.ok()) {
    stopped_ = true;
    if (status_.ok()) status_ = std::move(status);
  }
  changed_.notify_all();
}

void ReorderBuffer::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::optional<Episode> ReorderBuffer::Take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return num_workers_ == 0 || (!ready_.empty() && ready_.begin()->first == next_out_);
  });
  if (ready_.empty()) return std::nullopt;
  auto node = ready_.extract(ready_.begin());
  next_out_ = node.key() + 1;
  changed_.notify_all();
  return std::move(node.mapped());
}

Status ReorderBuffer::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace qt::rollout

// Puts the episodes of several workers back into the order of their index, with bounded memory:
// a worker may not start a bin too far ahead of the first unfinished one. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "base/status.h"
#include "mdp/episode.h"

namespace qt::rollout {

// Thread-safe. Workers take bins and put episodes; one consumer takes episodes.
class ReorderBuffer {
 public:
  // Indices 0..num_episodes-1, in bins of `bin_size`; at most `max_bins` bins are open at once.
  ReorderBuffer(uint64_t num_episodes, uint64_t bin_size, uint64_t max_bins, int num_workers);

  // The next bin to work on; waits until it may be started. nullopt: no more work.
  std::optional<uint64_t> TakeBin();
  // REQUIRES: each index once, and within a bin in order.
  void Put(uint64_t index, Episode episode);
  // A worker has ended; the first error counts. No more bins are handed out after an error.
  void EndWorker(Status status);
  // No more bins are handed out, and waiting workers wake up.
  void Stop();

  // The next episode in order. Once every worker has ended, gaps are skipped; nullopt at the end.
  std::optional<Episode> Take();
  // The first error of a worker.
  Status status() const;

 private:
  bool MayStart() const { return next_bin_ < next_out_ / bin_size_ + max_bins_; }
  bool Exhausted() const { return stopped_ || next_bin_ * bin_size_ >= num_episodes_; }

  const uint64_t num_episodes_, bin_size_, max_bins_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Episode> ready_;
  uint64_t next_bin_ = 0;
  uint64_t next_out_ = 0;
  int num_workers_;
  bool stopped_ = false;
  Status status_;
};

}  // namespace qt::rollout

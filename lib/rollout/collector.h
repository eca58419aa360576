// SPDX-License-Identifier: Apache-2.0
// Many episodes at once. The unit of work is a bin: `swap_every` episodes in a row that share their
// objects. Every random draw derives from (seed, purpose, bin or episode), and episodes come out in
// the order of their index, so the result is the same for any number of environments. With
// swap_every = 1 every episode has a fresh bin.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/setting.h"
#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/task.h"
#include "policy/policy.h"
#include "robot/robot.h"

namespace qt::rollout {

// Puts the episodes of several workers back into the order of their index, with bounded memory:
// a worker may not start a bin too far ahead of the first unfinished one. Thread-safe.

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

struct CollectorConfig {
  int swap_every = 10;  // episodes before the objects are exchanged
  int num_envs = 1;     // threads, each with a robot and a policy of its own; 0: see NumEnvs
  double epsilon = 0;   // the policy does the exploring; here it is for the record
  bool label_truth = true;
  TaskConfig task{};
  // Episodes first_episode to first_episode + num_episodes - 1. REQUIRES: first_episode is the
  // first one of a bin.
  uint64_t num_episodes = 0;
  uint64_t first_episode = 0;
  uint64_t seed = 0;
  int64_t start_stamp_ns = 0;  // episode k begins at start_stamp_ns + k * kEpisodePeriod_ns
  std::string tool{};
  std::string run_id{};  // episode ids are "<run_id>-<index>"
};

template <class V>
void Visit(V&& visit, CollectorConfig& c) {
  visit("swap_every", c.swap_every,
        {"N", "episodes in one bin before its objects are exchanged", 1, 1e6});
  visit("num_envs", c.num_envs,
        {.metavar = "N",
         .help = "environments at once; 0 is one for each core; never changes the result",
         .max = 1024,
         .incidental = true});
  visit("epsilon", c.epsilon,
        {"P",
         "probability of a random action instead of the policy's; the paper's exploration is 0.2",
         0, 1});
  visit("label_truth", c.label_truth,
        {"", "record the simulator's own verdict as a label with source sim"});
}

// `num_envs`, or for 0 one for each core.
int NumEnvs(int num_envs);

// Clocks of successive episodes are this far apart, so that stamps in a file never overlap.
inline constexpr int64_t kEpisodePeriod_ns = 100'000'000'000;
// A bin that goes unstable is tried again with another derived seed, this often in a row.
inline constexpr int kMaxBinAttempts = 20;

struct CollectStats {
  uint64_t episodes = 0;
  uint64_t judged = 0;     // episodes with a verdict of the robot's own
  uint64_t successes = 0;  // of those
  uint64_t steps = 0;
  // Unstable scenes, of the bins that the sink has seen an episode of: those that were begun in
  // vain when it ended early depend on the number of environments.
  uint64_t discarded_bins = 0;
  uint64_t robot_failures = 0;  // of drivers; each lost at most one unfinished episode
  robot::SimCounters sim;
  std::string env, driver;  // of the robots, as they name themselves
  double seconds = 0;
};

// Called in the thread that will use the policy, once per environment, as `new_robot` is.
using PolicyFactory = std::function<Result<std::unique_ptr<Policy>>()>;
// Called in the caller's thread, in the order of Episode::index.
using EpisodeSink = std::function<Status(Episode&&, const CollectStats&)>;

// Runs all episodes and hands them to `sink`. At most 2 * num_envs bins of episodes are held back.
// Ends early with the sink's, the policy's or a persistent robot's error; with kInterrupted once
// `stop` is set: open episodes are dropped, complete ones still go to the sink. `stats` counts what
// the sink took, also after an error.
Status Collect(const CollectorConfig& config, const robot::RobotFactory& new_robot,
               const PolicyFactory& new_policy, const EpisodeSink& sink,
               const std::atomic<bool>& stop, CollectStats* stats);

// 16 hex digits derived from a seed and everything else that distinguishes a run.
std::string MakeRunId(uint64_t seed, const std::string& description);

}  // namespace qt::rollout

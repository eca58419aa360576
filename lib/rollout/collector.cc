// SPDX-License-Identifier: Apache-2.0
#include "rollout/collector.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/number_text.h"
#include "base/random.h"
#include "base/threads.h"
#include "rollout/episode.h"

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

namespace {

// What the workers share.
struct Shared {
  Shared(const CollectorConfig& config, const std::atomic<bool>& stop)
      : config(config),
        stop(stop),
        buffer(config.num_episodes, uint64_t(config.swap_every), 2 * uint64_t(config.num_envs),
               config.num_envs) {}

  const CollectorConfig& config;
  const std::atomic<bool>& stop;   // the caller's
  std::atomic<bool> halt = false;  // ours: the sink or another worker has failed
  ReorderBuffer buffer;
  std::mutex mutex;  // guards the counters, the names and discarded_bins
  robot::SimCounters sim;
  std::string env, driver;
  std::vector<uint64_t> discarded_bins;  // each as often as it was replaced
  std::atomic<uint64_t> robot_failures = 0;
  uint64_t last_bin = 0;  // that the sink has seen an episode of; of Drain
};

// No worker begins anything more.
void Halt(Shared& shared) {
  shared.halt = true;
  shared.buffer.Stop();
}

Status CheckStop(const Shared& shared) {
  return shared.stop || shared.halt ? Status(Code::kInterrupted, "interrupted") : Ok();
}

EpisodeInfo InfoOf(const CollectorConfig& config, uint64_t index) {
  char number[24];
  std::snprintf(number, sizeof number, "-%06llu", static_cast<unsigned long long>(index));
  return {config.run_id + number, config.run_id, uint32_t(index),
          float(config.epsilon),  config.tool,   config.label_truth};
}

void NoteDiscarded(Shared& shared, uint64_t bin) {
  const std::lock_guard lock(shared.mutex);
  shared.discarded_bins.push_back(bin);
}

// The episodes [*index, end) of a bin in one filling of it; *index is the first that is not done.
Status RunFilling(Shared& shared, robot::Robot& robot, Policy& policy, uint64_t bin_seed,
                  uint64_t end, uint64_t* index) {
  const CollectorConfig& config = shared.config;
  QT_TRY(robot.NewBin(bin_seed));
  for (; *index < end; ++*index) {
    QT_TRY(CheckStop(shared));
    const uint64_t number = config.first_episode + *index;
    robot.SetClock(config.start_stamp_ns + int64_t(number) * kEpisodePeriod_ns);
    const uint64_t seed = DeriveSeed(config.seed, "episode", number);
    QT_ASSIGN(Episode episode,
              RunEpisode(robot, policy, config.task, InfoOf(config, number), seed, &shared.stop));
    shared.buffer.Put(*index, std::move(episode));
  }
  return Ok();
}

// A whole bin; where the scene goes unstable or the driver fails, the rest of it in another
// filling.
Status RunBin(Shared& shared, robot::Robot& robot, Policy& policy, uint64_t bin) {
  const CollectorConfig& config = shared.config;
  const uint64_t size = uint64_t(config.swap_every);
  uint64_t index = bin * size;
  const uint64_t end = std::min(index + size, config.num_episodes);
  int failures = 0;  // since an episode was last completed
  for (uint64_t attempt = 0;; ++attempt) {
    const uint64_t number = config.first_episode / size + bin;
    const uint64_t seed = DeriveSeed(config.seed, "bin", number, attempt);
    const uint64_t start = index;
    const Status status = RunFilling(shared, robot, policy, seed, end, &index);
    if (status.ok() || robot.fault() == robot::Fault::kNone || shared.stop) return status;
    if (robot.fault() == robot::Fault::kDriver) {  // which bounds its own restarts
      ++shared.robot_failures;
      continue;
    }
    NoteDiscarded(shared, bin);
    LogDebug("bin " + std::to_string(bin) + " discarded: " + status.ToString());
    failures = index > start ? 1 : failures + 1;
    if (failures == kMaxBinAttempts) return status;
  }
}

Status RunBins(Shared& shared, robot::Robot& robot, Policy& policy) {
  while (const std::optional<uint64_t> bin = shared.buffer.TakeBin()) {
    QT_TRY(CheckStop(shared));
    QT_TRY(RunBin(shared, robot, policy, *bin));
  }
  return Ok();
}

void TakeStock(Shared& shared, const robot::Robot& robot) {
  const robot::SimCounters counters = robot.counters();
  const std::lock_guard lock(shared.mutex);
  if (!robot.env().empty()) shared.env = robot.env();
  if (!robot.driver().empty()) shared.driver = robot.driver();
  shared.sim.physics_steps += counters.physics_steps;
  shared.sim.settle_steps += counters.settle_steps;
  shared.sim.renders += counters.renders;
}

Status Work(Shared& shared, int environment, const robot::RobotFactory& new_robot,
            const PolicyFactory& new_policy) {
  const robot::RobotContext context{environment, [&shared] { return shared.stop || shared.halt; }};
  QT_ASSIGN(const std::unique_ptr<robot::Robot> robot, new_robot(context));
  QT_ASSIGN(const std::unique_ptr<Policy> policy, new_policy());
  const Status status = RunBins(shared, *robot, *policy);
  TakeStock(shared, *robot);
  return status;
}

void Count(const Episode& episode, CollectStats* stats) {
  ++stats->episodes;
  stats->steps += episode.steps.size();
  const Label* truth = ChooseLabel(episode, kTruthSource);
  if (truth == nullptr) return;
  ++stats->judged;
  stats->successes += truth->success;
}

// In the caller's thread: everything that is ready, in order, until the workers have ended.
Status Drain(Shared& shared, const EpisodeSink& sink, CollectStats* stats) {
  Status status;
  while (std::optional<Episode> episode = shared.buffer.Take()) {
    if (!status.ok()) continue;
    shared.last_bin =
        (episode->index - shared.config.first_episode) / uint64_t(shared.config.swap_every);
    CollectStats counted = *stats;
    Count(*episode, &counted);
    status = sink(std::move(*episode), counted);
    if (status.ok()) {
      *stats = counted;
    } else {
      Halt(shared);
    }
  }
  return status;
}

}  // namespace

int NumEnvs(int num_envs) {
  return num_envs > 0 ? num_envs : int(std::max(1u, std::thread::hardware_concurrency()));
}

Status Collect(const CollectorConfig& config, const robot::RobotFactory& new_robot,
               const PolicyFactory& new_policy, const EpisodeSink& sink,
               const std::atomic<bool>& stop, CollectStats* stats) {
  QT_CHECK(config.swap_every > 0 && config.num_envs > 0, config.swap_every, config.num_envs);
  QT_CHECK(config.first_episode % uint64_t(config.swap_every) == 0, config.first_episode);
  const auto start = std::chrono::steady_clock::now();
  Shared shared(config, stop);
  Threads workers([&shared] { Halt(shared); });
  for (int i = 0; i < config.num_envs; ++i) {
    Status started = workers.Start([&, i] {
      Status status = Guarded([&] { return Work(shared, i, new_robot, new_policy); });
      const bool failed = !status.ok();
      shared.buffer.EndWorker(
          std::move(status));  // first, so that its error is the one that counts
      if (failed) shared.halt = true;
    });
    if (started.ok()) continue;
    // Fewer environments collect the same episodes.
    if (i > 0) LogWarning(started.ToString() + "; " + std::to_string(i) + " environments collect");
    shared.buffer.EndWorker(i > 0 ? Ok() : std::move(started));
    for (int missing = i + 1; missing < config.num_envs; ++missing) shared.buffer.EndWorker(Ok());
    break;
  }
  const Status sink_status = Drain(shared, sink, stats);
  workers.Join();
  stats->sim = shared.sim;
  stats->env = shared.env;
  stats->driver = shared.driver;
  stats->discarded_bins =
      uint64_t(std::count_if(shared.discarded_bins.begin(), shared.discarded_bins.end(),
                             [&](uint64_t bin) { return bin <= shared.last_bin; }));
  stats->robot_failures = shared.robot_failures;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  stats->seconds = elapsed.count();
  return sink_status.ok() ? shared.buffer.status() : sink_status;
}

std::string MakeRunId(uint64_t seed, const std::string& description) {
  ContentHash hash;
  hash.Update(AsBytes(description));
  return HexText(DeriveSeed(seed, "run", hash.Value()));
}

}  // namespace qt::rollout

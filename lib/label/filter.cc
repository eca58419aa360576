#include "label/filter.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"

namespace qt::label {
namespace {

void Count(const Episode& episode, const Result<LabelResult>& result, FilterStats* stats) {
  ++stats->episodes;
  stats->undecidable += !result.ok();
  if (!result.ok()) return;
  stats->already_labelled += result->outcome == Outcome::kAlready;
  stats->without_evidence += result->outcome == Outcome::kNoEvidence;
  stats->abstained += result->outcome == Outcome::kAbstained;
  if (result->outcome != Outcome::kLabelled) return;
  ++stats->labelled;
  stats->successes += result->label.success;
  const Label* truth = ChooseLabel(episode, kTruthSource);
  if (truth != nullptr) stats->agreement.Add(result->label.success, truth->success);
}

// Each thread reads an episode with a ticket, judges it, and writes when its ticket's turn has
// come.
class Filter {
 public:
  Filter(const NextEpisode& next, const WriteEpisode& write, const LabelOptions& options,
         const std::atomic<bool>& stop, const Watch& watch, const Inspect& inspect,
         FilterStats* stats)
      : next_(next),
        write_(write),
        options_(options),
        stop_(stop),
        watch_(watch),
        inspect_(inspect),
        stats_(stats) {}

  void Work() {
    while (std::optional<Job> job = Read()) {
      const Result<LabelResult> result = LabelEpisode(job->stored.episode, options_);
      Write(*job, result);
    }
  }

  Status status() const { return status_; }

 private:
  struct Job {
    uint64_t ticket;
    record::StoredEpisode stored;
  };

  std::optional<Job> Read() {
    const std::lock_guard lock(read_mutex_);
    if (ended_) return std::nullopt;
    if (stop_) return End(Status(Code::kInterrupted, "interrupted"));
    Result<std::optional<record::StoredEpisode>> stored = next_();
    if (!stored.ok()) return End(std::move(stored).status());
    if (!stored->has_value()) return End(Ok());
    return Job{next_ticket_++, *std::move(*stored)};
  }

  // REQUIRES: read_mutex_ is held.
  std::optional<Job> End(Status status) {
    ended_ = true;
    const std::lock_guard lock(write_mutex_);
    if (status_.ok()) status_ = std::move(status);
    return std::nullopt;
  }

  void Write(const Job& job, const Result<LabelResult>& result) {
    std::unique_lock lock(write_mutex_);
    turn_changed_.wait(lock, [&] { return turn_ == job.ticket; });
    if (!write_failed_) WriteNow(job.stored, result);
    ++turn_;
    turn_changed_.notify_all();
  }

  // REQUIRES: write_mutex_ is held.
  void WriteNow(const record::StoredEpisode& stored, const Result<LabelResult>& result) {
    if (!result.ok()) LogWarning(result.status().ToString() + "; passed on without a label");
    const bool labelled = result.ok() && result->outcome == Outcome::kLabelled;
    const Label* label = labelled ? &result->label : nullptr;
    Status status = result.ok() && inspect_ ? inspect_(stored.episode, *result) : Ok();
    if (status.ok()) status = write_(stored, {label, labelled ? size_t{1} : 0});
    if (!status.ok()) {
      write_failed_ = true;
      ended_ = true;
      status_ = std::move(status);
      return;
    }
    Count(stored.episode, result, stats_);
    watch_(*stats_);
  }

  const NextEpisode& next_;
  const WriteEpisode& write_;
  const LabelOptions& options_;
  const std::atomic<bool>& stop_;
  const Watch& watch_;
  const Inspect& inspect_;
  FilterStats* stats_;

  std::mutex read_mutex_;
  uint64_t next_ticket_ = 0;
  std::atomic<bool> ended_ = false;

  std::mutex write_mutex_;
  std::condition_variable turn_changed_;
  uint64_t turn_ = 0;
  bool write_failed_ = false;
  Status status_;
};

}  // namespace

Status FilterEpisodes(const NextEpisode& next, const WriteEpisode& write,
                      const LabelOptions& options, int num_threads, const std::atomic<bool>& stop,
                      const Watch& watch, const Inspect& inspect, FilterStats* stats) {
  QT_CHECK(num_threads > 0, num_threads);
  Filter filter(next, write, options, stop, watch, inspect, stats);
  std::vector<std::thread> helpers;
  for (int i = 1; i < num_threads; ++i) helpers.emplace_back([&filter] { filter.Work(); });
  filter.Work();
  for (std::thread& helper : helpers) helper.join();
  return filter.status();
}

}  // namespace qt::label

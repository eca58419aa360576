#include "label/filter.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/threads.h"

namespace qt::label {
namespace {

void CountLabel(const Episode& episode, const Result<LabelResult>& result, FilterStats* stats) {
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

// Each thread reads an episode with a ticket, judges it, hands it over, and goes on. Whoever hands
// over the one whose turn it is writes it, and those after it that have been waiting.
class Filter {
 public:
  Filter(const NextEpisode& next, const WriteEpisode& write, const LabelOptions& options,
         const std::atomic<bool>& stop, const Watch& watch, const Inspect& inspect, int num_threads,
         FilterStats* stats)
      : next_(next),
        write_(write),
        options_(options),
        stop_(stop),
        watch_(watch),
        inspect_(inspect),
        stats_(stats),
        most_in_memory_(2 * uint64_t(num_threads)) {}

  Status Work() {
    while (std::optional<Job> job = Read()) {
      Result<LabelResult> result = LabelEpisode(job->stored.episode, options_);
      HandOver(*std::move(job), std::move(result));
    }
    return Ok();
  }

  // After something was thrown: the turn of a ticket will never come.
  void Abort() {
    ended_ = true;
    const std::lock_guard lock(write_mutex_);
    aborted_ = true;
    turn_changed_.notify_all();
  }

  Status status() const { return status_; }

 private:
  struct Job {
    uint64_t ticket;
    episodes::StoredEpisode stored;
  };
  struct Judged {
    episodes::StoredEpisode stored;
    Result<LabelResult> result;
  };

  std::optional<Job> Read() {
    const std::lock_guard lock(read_mutex_);
    AwaitRoom();
    if (ended_) return std::nullopt;
    if (stop_) return End(Status(Code::kInterrupted, "interrupted"));
    Result<std::optional<episodes::StoredEpisode>> stored = next_();
    if (!stored.ok()) return End(std::move(stored).status());
    if (!stored->has_value()) return End(Ok());
    return Job{next_ticket_++, *std::move(*stored)};
  }

  // Those that are ahead of a slow one must not fill the memory. REQUIRES: read_mutex_ is held.
  void AwaitRoom() {
    std::unique_lock lock(write_mutex_);
    turn_changed_.wait(lock, [&] { return aborted_ || next_ticket_ - turn_ < most_in_memory_; });
  }

  // REQUIRES: read_mutex_ is held.
  std::optional<Job> End(Status status) {
    ended_ = true;
    const std::lock_guard lock(write_mutex_);
    if (status_.ok()) status_ = std::move(status);
    return std::nullopt;
  }

  void HandOver(Job job, Result<LabelResult> result) {
    std::unique_lock lock(write_mutex_);
    judged_.emplace(job.ticket, Judged{std::move(job.stored), std::move(result)});
    if (writing_) return;
    writing_ = true;
    while (!judged_.empty() && judged_.begin()->first == turn_) {
      const auto first = judged_.extract(judged_.begin());
      lock.unlock();
      if (!write_failed_) WriteNow(first.mapped().stored, first.mapped().result);
      lock.lock();
      ++turn_;
      turn_changed_.notify_one();
    }
    writing_ = false;
  }

  void Fail(Status status) {
    write_failed_ = true;
    ended_ = true;
    const std::lock_guard lock(write_mutex_);
    status_ = std::move(status);
  }

  // REQUIRES: this thread has set writing_.
  void WriteNow(const episodes::StoredEpisode& stored, const Result<LabelResult>& result) {
    if (!result.ok()) LogWarning(result.status().ToString() + "; passed on without a label");
    const bool labelled = result.ok() && result->outcome == Outcome::kLabelled;
    const Label* label = labelled ? &result->label : nullptr;
    Status status = result.ok() && inspect_ ? inspect_(stored.episode, *result) : Ok();
    if (status.ok()) status = write_(stored, {label, labelled ? size_t{1} : 0});
    if (!status.ok()) return Fail(std::move(status));
    CountLabel(stored.episode, result, stats_);
    watch_(*stats_);
  }

  const NextEpisode& next_;
  const WriteEpisode& write_;
  const LabelOptions& options_;
  const std::atomic<bool>& stop_;
  const Watch& watch_;
  const Inspect& inspect_;
  FilterStats* stats_;
  const uint64_t most_in_memory_;

  std::mutex read_mutex_;
  uint64_t next_ticket_ = 0;
  std::atomic<bool> ended_ = false;

  std::mutex write_mutex_;
  std::condition_variable turn_changed_;
  uint64_t turn_ = 0;
  std::map<uint64_t, Judged> judged_;  // by ticket
  bool writing_ = false;               // some thread is
  bool aborted_ = false;
  bool write_failed_ = false;  // seen by the writing thread only
  Status status_;
};

}  // namespace

Status FilterEpisodes(const NextEpisode& next, const WriteEpisode& write,
                      const LabelOptions& options, int num_threads, const std::atomic<bool>& stop,
                      const Watch& watch, const Inspect& inspect, FilterStats* stats) {
  QT_CHECK(num_threads > 0, num_threads);
  Filter filter(next, write, options, stop, watch, inspect, num_threads, stats);
  QT_TRY(RunInThreads(
      num_threads, [&filter] { return filter.Work(); }, [&filter] { filter.Abort(); }));
  return filter.status();
}

}  // namespace qt::label

// SPDX-License-Identifier: Apache-2.0
#include "label/label_episode.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/threads.h"
#include "json/json.h"

namespace qt::label {
namespace {

// The newest label is the default one (ChooseLabel), also against the simulator's truth.
uint32_t NextRevision(const Episode& episode) {
  uint32_t revision = 0;
  for (const Label& label : episode.labels) revision = std::max(revision, label.revision + 1);
  return revision;
}

// By any version of any of our labellers, or of their vote.
bool HasOurLabel(const Episode& episode, const Labellers& labellers) {
  return std::any_of(episode.labels.begin(), episode.labels.end(), [&](const Label& label) {
    const std::string_view name = std::string_view(label.source).substr(0, label.source.find('/'));
    return name == kVote || labellers.Find(name) != nullptr;
  });
}

bool HasWorth(const Verdict& verdict) { return verdict.worth > 0; }

// Empty if the evidence is missing. A vote needs somebody who can speak for a success.
Result<std::vector<Verdict>> Ask(const Episode& episode, const LabelOptions& options) {
  const Labeller* alone = options.labellers.Find(options.labeller);
  std::vector<Verdict> verdicts;
  for (const auto& labeller : options.labellers.all()) {
    if (alone != nullptr && labeller.get() != alone) continue;
    QT_ASSIGN(std::optional<Verdict> verdict, labeller->Judge(episode));
    if (verdict) verdicts.push_back(*std::move(verdict));
  }
  if (alone == nullptr && std::none_of(verdicts.begin(), verdicts.end(), HasWorth))
    verdicts.clear();
  return verdicts;
}

double LogOdds(double probability, double worth) {
  const double p = std::clamp(probability, 1 - worth, worth);
  return std::log(p / (1 - p));
}

// Label.config: who said what, and why. Put together as text, because copies of the details would
// take longer than all the rest.
std::string Describe(const std::vector<Verdict>& verdicts) {
  if (verdicts.size() == 1) return verdicts[0].details;
  std::string text = "{\"votes\":";
  for (const Verdict& verdict : verdicts) {
    text += &verdict == &verdicts[0] ? '{' : ',';
    QT_CHECK(verdict.details.size() > 2 && verdict.details.back() == '}', verdict.source);
    text += json::Dump(verdict.source) + ":" + verdict.details;
    text.back() = ',';  // the closing brace
    text += "\"success_probability\":" + json::Dump(verdict.success_probability) + "}";
  }
  return text + "}}";
}

std::string SourceOf(const LabelOptions& options) {
  const Labeller* alone = options.labellers.Find(options.labeller);
  return alone == nullptr ? kVoteSource : std::string(alone->source());
}

}  // namespace

double Vote(std::span<const Verdict> verdicts) {
  QT_CHECK(!verdicts.empty());
  double odds = 0, probability = 1;
  const auto weighed = std::count_if(verdicts.begin(), verdicts.end(), HasWorth);
  for (const Verdict& verdict : verdicts) {
    if (!HasWorth(verdict)) continue;
    odds += LogOdds(verdict.success_probability, verdict.worth);
    probability = weighed == 1 ? verdict.success_probability : 1 / (1 + std::exp(-odds));
  }
  for (const Verdict& verdict : verdicts) {
    if (!HasWorth(verdict)) probability = std::min(probability, verdict.success_probability);
  }
  return probability;
}

Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options) {
  LabelResult result;
  if (!options.relabel && HasOurLabel(episode, options.labellers)) {
    result.outcome = Outcome::kAlready;
    return result;
  }
  QT_ASSIGN(result.verdicts, Ask(episode, options));
  if (result.verdicts.empty()) return result;
  const double probability = Vote(result.verdicts);
  result.confidence = float(std::max(probability, 1 - probability));
  result.outcome = result.confidence < options.abstain ? Outcome::kAbstained : Outcome::kLabelled;
  Label& label = result.label;
  label.revision = NextRevision(episode);
  label.source = SourceOf(options);
  label.config = Describe(result.verdicts);
  label.success = probability >= 0.5;
  label.confidence = result.confidence;
  label.reward = Rewards(label.success, episode.steps.size(), options.step_reward);
  return result;
}

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

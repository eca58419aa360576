// SPDX-License-Identifier: Apache-2.0
#include "train/train_loop.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.h"
#include "train/bad_batch.h"
#include "train/checkpoint.h"
#include "train/memory_use.h"
#include "train/publisher.h"
#include "train/train_metrics.h"
#include "train/updater.h"

namespace qt::train {
namespace {

using Clock = std::chrono::steady_clock;

double Since_s(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class TrainLoop {
 public:
  TrainLoop(const TrainConfig& config, const LoopOptions& options,
            const replay::ReplayBuffer& replay, RunFolder& folder)
      : config_(config),
        options_(options),
        loop_(options.config),
        replay_(replay),
        folder_(folder),
        state_(config) {}

  Result<LoopSummary> Run() {
    const auto start = Clock::now();
    QT_TRY(Restore());
    QT_TRY(folder_.OpenLogs(step()));
    targets_ = state_.learner.targets();
    NoteOnlineData();
    if (config_.updaters > 0) {
      updaters_.emplace(config_, replay_, state_.buffer, targets_, Rule());
    }
    QT_TRY(FillBuffer());
    QT_TRY(AnnounceMemory());
    const uint64_t targets_before = state_.buffer.num_pushed();
    publisher_.emplace(config_, loop_.publish, state_.learner, options_.lineage, folder_);
    if (options_.init != nullptr && step() == 0) QT_TRY(publisher_->Publish());
    interval_start_ = Clock::now();
    while (step() < loop_.steps && !Stopped() && DataStatus().ok()) QT_TRY(OneStep());
    updaters_.reset();
    QT_TRY(Save());
    if (!Stopped()) QT_TRY(EvaluateLast());
    publisher_->Cancel();
    QT_TRY(DataStatus());
    summary_.last_step = step();
    summary_.interrupted = Stopped() && step() < loop_.steps;
    summary_.targets = state_.buffer.num_pushed() - targets_before;
    summary_.seconds = Since_s(start);
    summary_.peak_bytes = ReadMemoryUse().peak_bytes;
    return summary_;
  }

 private:
  int64_t step() const { return state_.learner.step(); }
  bool Stopped() const { return options_.stop != nullptr && *options_.stop; }
  Status DataStatus() const { return options_.data_status ? options_.data_status() : Ok(); }
  replay::DrawRule Rule() const {
    return {config_.balance, OnlineShare(config_, step(), state_.online_since),
            config_.intervention_weight};
  }

  Status Restore() {
    if (!folder_.resumed()) return Begin();
    const std::optional<RunFolder::Checkpoint> checkpoint = folder_.NewestCheckpoint();
    if (!checkpoint) {
      LogInfo("no checkpoint yet in " + folder_.path() + ": starts at step 0");
      return Begin();
    }
    size_t num_dropped = 0;
    QT_TRY(LoadCheckpoint(checkpoint->path, replay_, state_, &num_dropped));
    LogInfo("goes on from step " + std::to_string(step()) + ", " + checkpoint->path);
    if (num_dropped > 0) {
      LogInfo(std::to_string(num_dropped) +
              " states in the train buffer are of episodes that are not in the input any more");
    }
    summary_.first_step = step();
    return Ok();
  }

  Status Begin() {
    if (options_.init == nullptr) return Ok();
    QT_ASSIGN(const qnet::NamedTensors tensors, qnet::ToNamed(options_.init->tensors));
    return state_.learner.Begin(tensors, options_.init->steps);
  }

  // Enough states with targets for a first batch that is not all the same.
  Status FillBuffer() {
    const auto wanted =
        std::min(static_cast<size_t>(4 * config_.batch_size), state_.buffer.capacity());
    while (state_.buffer.size() < wanted && !Stopped()) {
      if (updaters_) {
        QT_TRY(updaters_->status());
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      } else {
        QT_TRY(AddTargets(config_.targets_per_step));
      }
    }
    return Ok();
  }

  // One step on networks that are thrown away says what a step needs; what will grow is added.
  Status AnnounceMemory() {
    if (Stopped()) return Ok();
    {
      RandomStream rng(config_.seed, "rehearsal");
      const auto count = static_cast<size_t>(config_.batch_size);
      Learner learner(config_);
      QT_TRY(KeepIfBad(state_.buffer.Draw(count, rng), rng, learner).status());
      times_ = {};
    }
    const uint64_t held = replay_.bytes();
    const uint64_t replay = options_.replay_grows ? std::max(held, replay_.max_bytes()) : held;
    const uint64_t states = state_.buffer.capacity() * BytesOfState(config_);
    const uint64_t growth = replay - held + states + LearnerGrowth(state_.learner);
    summary_.announced_bytes = ReadMemoryUse().peak_bytes + growth;
    LogInfo("memory: " + MebibytesText(summary_.announced_bytes) + " expected, of which replay " +
            MebibytesText(replay) + ", train buffer " + MebibytesText(states));
    return Ok();
  }

  // The lagged copies, the optimiser's moments, gradients, and the copy that a checkpoint makes.
  static uint64_t LearnerGrowth(const Learner& learner) {
    uint64_t bytes = 0;
    for (const torch::Tensor& parameter : learner.polyak()->parameters()) {
      bytes += static_cast<uint64_t>(parameter.numel()) * sizeof(float);
    }
    return 26 * bytes;
  }

  static uint64_t BytesOfState(const TrainConfig& config) {
    return sizeof(TargetedState) + static_cast<uint64_t>(config.actions) * sizeof(TargetedAction) +
           32;
  }

  Status AddTargets(int count) {
    const auto start = Clock::now();
    TargetMaker maker(targets_, config_, FloorWeight(config_, targets_.step));
    const replay::DrawRule rule = Rule();
    for (int i = 1; i <= count; ++i) {
      maker.Add(replay_.Draw(rule, state_.target_rng), state_.target_rng);
      if (!maker.has_enough() && i < count) continue;
      QT_ASSIGN(std::vector<TargetedState> states, maker.Make());
      for (TargetedState& state : states) state_.buffer.Push(std::move(state));
    }
    times_.target_s += Since_s(start);
    return Ok();
  }

  Status OneStep() {
    QT_TRY(FollowReplay());
    if (state_.buffer.size() == 0) return Ok();  // stopped before there was anything to draw
    if (!updaters_) QT_TRY(AddTargets(config_.targets_per_step));
    const std::vector<TargetedState> states =
        state_.buffer.Draw(static_cast<size_t>(config_.batch_size), state_.batch_rng);
    QT_ASSIGN(const StepMetrics metrics, KeepIfBad(states, state_.batch_rng, state_.learner));
    metrics_.Add({metrics, states, step()});
    if (step() % config_.target_refresh_steps == 0) QT_TRY(PublishTargets());
    if (step() % loop_.log_steps == 0 || step() == loop_.steps) QT_TRY(Log());
    const bool last = step() == loop_.steps;
    const bool checkpoint = step() % loop_.checkpoint_steps == 0;
    if (checkpoint && !last) QT_TRY(Save());
    if (!checkpoint) QT_TRY(publisher_->PublishIfDue());
    return publisher_->Evaluate();
  }

  // A gradient step; the batch that it fails on is kept.
  Result<StepMetrics> KeepIfBad(const std::vector<TargetedState>& states, RandomStream& rng,
                                Learner& learner) {
    const auto batch_start = Clock::now();
    const Batch batch = MakeBatch(states, config_, rng);
    times_.batch_s += Since_s(batch_start);
    const auto gradient_start = Clock::now();
    Result<StepMetrics> metrics = learner.Step(batch);
    times_.gradient_s += Since_s(gradient_start);
    if (metrics.ok()) return metrics;
    const std::string path = folder_.BadBatchPath(step());
    QT_TRY(SaveBadBatch(path, batch, states));
    return Failed(metrics.status().message() + "; the batch is in " + path);
  }

  // Episodes that the replay buffer has let go of leave the train buffer, too.
  Status FollowReplay() {
    NoteOnlineData();
    const size_t num_evicted = replay_.num_evicted();
    if (num_evicted == num_evicted_) return Ok();
    num_evicted_ = num_evicted;
    return state_.buffer.DropEvicted() > 0 ? Ok() : FillBuffer();
  }

  void NoteOnlineData() {
    if (state_.online_since >= 0) return;
    if (replay_.counts(replay::Origin::kOnline).episodes > 0) state_.online_since = step();
  }

  Status PublishTargets() {
    state_.learner.PublishTargets();
    targets_ = state_.learner.targets();
    if (!updaters_) return Ok();
    QT_TRY(updaters_->status());
    updaters_->Publish(targets_, Rule());
    return Ok();
  }

  Status Log() {
    summary_.loss = metrics_.MeanOf("loss");
    summary_.td_error = metrics_.MeanOf("td_error");
    summary_.held_out = publisher_->newest();
    const Moment moment = {.interval_s = Since_s(interval_start_),
                           .times = times_,
                           .num_steps = metrics_.num_steps(),
                           .train_buffer_states = state_.buffer.size(),
                           .replay = replay_.counts(),
                           .online = replay_.counts(replay::Origin::kOnline),
                           .online_share = replay_.OnlineShare(Rule()),
                           .lagged_age_steps = state_.learner.lagged_age(),
                           .held_out = publisher_->TakeUnlogged()};
    TakeTimes();
    interval_start_ = Clock::now();
    if (options_.on_progress) {
      options_.on_progress({step(), summary_.loss, summary_.td_error, summary_.held_out});
    }
    return folder_.Log(step(), metrics_.Take(moment));
  }

  void TakeTimes() {
    summary_.target_seconds += times_.target_s;
    summary_.batch_seconds += times_.batch_s;
    summary_.gradient_seconds += times_.gradient_s;
    times_ = {};
  }

  Status Save() {
    TakeTimes();
    QT_TRY(SaveCheckpoint(folder_.CheckpointPath(step()), config_, state_));
    folder_.PruneCheckpoints(loop_.keep);
    return publisher_->Publish();
  }

  Status EvaluateLast() {
    QT_TRY(publisher_->EvaluateLast([this] { return Stopped(); }));
    summary_.held_out = publisher_->newest();
    const std::optional<HeldOutResult> unlogged = publisher_->TakeUnlogged();
    return unlogged ? folder_.Log(step(), HeldOutScalars(*unlogged)) : Ok();
  }

  const TrainConfig& config_;
  const LoopOptions& options_;
  const LoopConfig& loop_;
  const replay::ReplayBuffer& replay_;
  RunFolder& folder_;
  TrainState state_;
  TargetNetworks targets_;
  std::optional<UpdaterThreads> updaters_;
  std::optional<Publisher> publisher_;  // once the loop begins
  size_t num_evicted_ = 0;
  TrainMetrics metrics_;
  Times times_;
  LoopSummary summary_;
  Clock::time_point interval_start_;
};

}  // namespace

Result<LoopSummary> RunTraining(const TrainConfig& config, const LoopOptions& options,
                                const replay::ReplayBuffer& replay, RunFolder& folder) {
  return TrainLoop(config, options, replay, folder).Run();
}

}  // namespace qt::train

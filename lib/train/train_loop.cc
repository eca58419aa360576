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
#include "train/updater.h"

namespace qt::train {
namespace {

using Clock = std::chrono::steady_clock;

double Since_s(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Means over the steps since the last log line.
class Averages {
 public:
  void Add(const StepMetrics& metrics, const std::vector<LabelledState>& states, int64_t step) {
    ++count_;
    loss_ += metrics.loss;
    q_mean_ += metrics.q_mean;
    target_mean_ += metrics.target_mean;
    td_error_ += metrics.td_error;
    grad_norm_ += metrics.grad_norm;
    for (const LabelledState& state : states) {
      const double share = 1.0 / static_cast<double>(states.size());
      label_age_ += share * static_cast<double>(step - state.label_step);
      value_ += share * state.value;
      clipped_gap_ += share * state.clipped_gap;
    }
  }
  double loss() const { return loss_ / count_; }
  double td_error() const { return td_error_ / count_; }
  double count() const { return count_; }
  Scalars Take() {
    const auto mean = [this](double sum) { return static_cast<float>(sum / count_); };
    Scalars scalars = {{"loss", mean(loss_)},
                       {"q_mean", mean(q_mean_)},
                       {"target_mean", mean(target_mean_)},
                       {"td_error", mean(td_error_)},
                       {"grad_norm", mean(grad_norm_)},
                       {"next_value", mean(value_)},
                       {"clipped_gap", mean(clipped_gap_)},
                       {"label_age_steps", mean(label_age_)}};
    *this = Averages();
    return scalars;
  }

 private:
  double count_ = 0;
  double loss_ = 0, q_mean_ = 0, target_mean_ = 0, td_error_ = 0, grad_norm_ = 0;
  double label_age_ = 0, value_ = 0, clipped_gap_ = 0;
};

// Everything that came out of the trainer's clock since the last log line, per step.
struct Times {
  double label_s = 0, batch_s = 0, gradient_s = 0;
};

class TrainLoop {
 public:
  TrainLoop(const TrainConfig& config, const LoopOptions& options,
            const replay::ReplayBuffer& replay, RunFolder& folder)
      : config_(config),
        options_(options),
        replay_(replay),
        folder_(folder),
        state_(config),
        held_out_(options.held_out) {}

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
    const uint64_t labels_before = state_.buffer.num_pushed();
    interval_start_ = last_publication_ = Clock::now();
    while (step() < options_.steps && !Stopped() && DataStatus().ok()) QT_TRY(OneStep());
    updaters_.reset();
    QT_TRY(Save());
    if (!Stopped()) QT_TRY(EvaluateLast());
    held_out_.Cancel();
    folder_.DropCandidate();
    QT_TRY(DataStatus());
    summary_.last_step = step();
    summary_.interrupted = Stopped() && step() < options_.steps;
    summary_.labels = state_.buffer.num_pushed() - labels_before;
    summary_.seconds = Since_s(start);
    summary_.peak_bytes = ReadMemoryUse().peak_bytes;
    return summary_;
  }

 private:
  int64_t step() const { return state_.learner.step(); }
  bool Stopped() const { return options_.stop != nullptr && *options_.stop; }
  Status DataStatus() const { return options_.data_status ? options_.data_status() : Ok(); }
  replay::DrawRule Rule() const {
    return {config_.balance, OnlineShare(config_, step(), state_.online_since)};
  }

  Status Restore() {
    if (const Json best = folder_.Best(); best.is_object()) {
      best_low_ = best.value("success_low", -1.0);
    }
    if (!folder_.resumed()) return Ok();
    const std::optional<RunFolder::Checkpoint> checkpoint = folder_.NewestCheckpoint();
    if (!checkpoint) {
      LogInfo("no checkpoint yet in " + folder_.path() + ": starts at step 0");
      return Ok();
    }
    size_t num_dropped = 0;
    QT_TRY(LoadCheckpoint(checkpoint->path, replay_, state_, &num_dropped));
    LogInfo("goes on from step " + std::to_string(step()) + ", " + checkpoint->path);
    if (num_dropped > 0) {
      LogInfo(std::to_string(num_dropped) +
              " labelled states refer to episodes that are not in the input any more");
    }
    summary_.first_step = step();
    return Ok();
  }

  // Enough labelled states for a first batch that is not all the same.
  Status FillBuffer() {
    const auto wanted =
        std::min(static_cast<size_t>(4 * config_.batch_size), state_.buffer.capacity());
    while (state_.buffer.size() < wanted && !Stopped()) {
      if (updaters_) {
        QT_TRY(updaters_->status());
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      } else {
        QT_TRY(LabelInline(config_.labels_per_step));
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
    const uint64_t labelled = state_.buffer.capacity() * BytesOfState(config_);
    const uint64_t growth = replay - held + labelled + LearnerGrowth(state_.learner);
    summary_.announced_bytes = ReadMemoryUse().peak_bytes + growth;
    LogInfo("memory: " + MebibytesText(summary_.announced_bytes) + " expected, of which replay " +
            MebibytesText(replay) + ", labelled states " + MebibytesText(labelled));
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
    return sizeof(LabelledState) + static_cast<uint64_t>(config.actions) * sizeof(LabelledAction) +
           32;
  }

  Status LabelInline(int count) {
    const auto start = Clock::now();
    const double floor_weight = FloorWeight(config_, targets_.step);
    const replay::DrawRule rule = Rule();
    for (int i = 0; i < count; ++i) {
      QT_ASSIGN(LabelledState labelled, LabelState(replay_.Draw(rule, state_.label_rng), targets_,
                                                   config_, floor_weight, state_.label_rng));
      state_.buffer.Push(std::move(labelled));
    }
    times_.label_s += Since_s(start);
    return Ok();
  }

  Status OneStep() {
    QT_TRY(FollowReplay());
    if (state_.buffer.size() == 0) return Ok();  // stopped before there was anything to draw
    if (!updaters_) QT_TRY(LabelInline(config_.labels_per_step));
    const std::vector<LabelledState> states =
        state_.buffer.Draw(static_cast<size_t>(config_.batch_size), state_.batch_rng);
    QT_ASSIGN(const StepMetrics metrics, KeepIfBad(states, state_.batch_rng, state_.learner));
    averages_.Add(metrics, states, step());
    if (step() % config_.publish_steps == 0) QT_TRY(PublishTargets());
    if (step() % options_.log_steps == 0 || step() == options_.steps) QT_TRY(Log());
    const bool last = step() == options_.steps;
    const bool checkpoint = step() % options_.checkpoint_steps == 0;
    if (checkpoint && !last) QT_TRY(Save());
    if (!checkpoint && PolicyIsDue()) QT_TRY(PublishPolicy());
    return Evaluate();
  }

  // A gradient step; the batch that it fails on is kept.
  Result<StepMetrics> KeepIfBad(const std::vector<LabelledState>& states, RandomStream& rng,
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
    summary_.loss = averages_.loss();
    summary_.td_error = averages_.td_error();
    const auto num_steps = averages_.count();
    Scalars scalars = averages_.Take();
    const auto add = [&scalars](const char* name, double value) {
      scalars.emplace_back(name, static_cast<float>(value));
    };
    add("interval_s", Since_s(interval_start_));
    add("label_s", times_.label_s / num_steps);
    add("data_s", times_.batch_s / num_steps);
    add("step_s", times_.gradient_s / num_steps);
    add("train_buffer_states", static_cast<double>(state_.buffer.size()));
    AddReplay(scalars);
    add("lagged_age_steps", static_cast<double>(state_.learner.lagged_age()));
    AddHeldOut(scalars);
    TakeTimes();
    interval_start_ = Clock::now();
    if (options_.on_progress) {
      options_.on_progress({step(), summary_.loss, summary_.td_error, summary_.held_out});
    }
    return folder_.Log(step(), scalars);
  }

  void AddReplay(Scalars& scalars) const {
    const auto add = [&scalars](const char* name, double value) {
      scalars.emplace_back(name, static_cast<float>(value));
    };
    const auto success = [](const replay::BufferCounts& counts) {
      return static_cast<double>(counts.successes) /
             static_cast<double>(std::max<size_t>(1, counts.episodes));
    };
    const replay::BufferCounts online = replay_.counts(replay::Origin::kOnline);
    const replay::BufferCounts all = replay_.counts();
    add("replay_episodes", static_cast<double>(all.episodes));
    add("replay_mib", static_cast<double>(all.bytes) / (1 << 20));
    add("replay_success", success(all));
    add("online_episodes", static_cast<double>(online.episodes));
    add("online_share", replay_.OnlineShare(Rule()));
    if (online.episodes > 0) add("online_success", success(online));
  }

  // Each evaluation is logged once.
  void AddHeldOut(Scalars& scalars) {
    if (!unlogged_) return;
    const auto add = [&scalars](const char* name, double value) {
      scalars.emplace_back(name, static_cast<float>(value));
    };
    add("success", unlogged_->success);
    add("success_low", unlogged_->low);
    add("success_high", unlogged_->high);
    add("success_step", static_cast<double>(unlogged_->step));
    unlogged_.reset();
  }

  void TakeTimes() {
    summary_.label_seconds += times_.label_s;
    summary_.batch_seconds += times_.batch_s;
    summary_.gradient_seconds += times_.gradient_s;
    times_ = {};
  }

  Status Save() {
    TakeTimes();
    QT_TRY(SaveCheckpoint(folder_.CheckpointPath(step()), config_, state_));
    folder_.PruneCheckpoints(options_.keep);
    return PublishPolicy();
  }

  bool PolicyIsDue() const {
    const int64_t every = options_.publish_policy_steps;
    if (every > 0 && step() % every == 0) return true;
    return options_.publish_policy_s > 0 && Since_s(last_publication_) >= options_.publish_policy_s;
  }

  Status PublishPolicy() {
    QT_TRY(WritePolicy(folder_.PolicyPath()));
    last_publication_ = Clock::now();
    return folder_.LogPolicy(step());
  }

  Status WritePolicy(const std::string& path) const {
    const Json lineage = options_.lineage ? options_.lineage() : Json();
    return SavePolicy(path, config_, state_.learner,
                      {{"config", ToJson(config_)}, {"lineage", lineage}});
  }

  // Takes the result of the evaluation that runs, and starts the next one when it is due. If one
  // is still running then, the next multiple is waited for.
  Status Evaluate() {
    if (options_.held_out.every_steps <= 0) return Ok();
    if (const auto result = held_out_.Poll()) QT_TRY(TakeEvaluation(*result));
    if (held_out_.running() || step() % options_.held_out.every_steps != 0) return Ok();
    return StartEvaluation();
  }

  Status StartEvaluation() {
    QT_TRY(WritePolicy(folder_.CandidatePath()));
    last_evaluated_ = step();
    held_out_.Start(folder_.CandidatePath(), step());
    return Ok();
  }

  // The policy that is left at the end may be the best one.
  Status EvaluateLast() {
    if (options_.held_out.every_steps <= 0) return Ok();
    QT_TRY(AwaitEvaluation());
    if (last_evaluated_ != step() && !Stopped()) {
      QT_TRY(StartEvaluation());
      QT_TRY(AwaitEvaluation());
    }
    if (!unlogged_) return Ok();
    Scalars scalars;
    AddHeldOut(scalars);
    return folder_.Log(step(), scalars);
  }

  Status AwaitEvaluation() {
    while (held_out_.running() && !Stopped()) {
      if (const auto result = held_out_.Poll()) return TakeEvaluation(*result);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Ok();
  }

  // Compares lower ends of intervals: a few lucky scenes do not make a best policy.
  Status TakeEvaluation(const Result<HeldOutResult>& result) {
    if (!result.ok()) {
      LogWarning(result.status().ToString());
      return Ok();
    }
    summary_.held_out = unlogged_ = *result;
    if (result->low <= best_low_) return Ok();
    best_low_ = result->low;
    Json figures = ToJson(*result);
    figures["objects"] = options_.held_out.objects;
    figures["seed"] = kHeldOutSeed;
    return folder_.Promote(figures);
  }

  const TrainConfig& config_;
  const LoopOptions& options_;
  const replay::ReplayBuffer& replay_;
  RunFolder& folder_;
  TrainState state_;
  TargetNetworks targets_;
  std::optional<UpdaterThreads> updaters_;
  HeldOutEvaluation held_out_;
  std::optional<HeldOutResult> unlogged_;
  double best_low_ = -1;
  int64_t last_evaluated_ = -1;
  size_t num_evicted_ = 0;
  Averages averages_;
  Times times_;
  LoopSummary summary_;
  Clock::time_point interval_start_, last_publication_;
};

}  // namespace

Result<LoopSummary> RunTraining(const TrainConfig& config, const LoopOptions& options,
                                const replay::ReplayBuffer& replay, RunFolder& folder) {
  return TrainLoop(config, options, replay, folder).Run();
}

}  // namespace qt::train

#include "train/train_loop.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.h"
#include "train/checkpoint.h"
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

class TrainLoop {
 public:
  TrainLoop(const TrainConfig& config, const LoopOptions& options,
            const replay::ReplayBuffer& replay, RunFolder& folder)
      : config_(config), options_(options), replay_(replay), folder_(folder), state_(config) {}

  Result<LoopSummary> Run() {
    const auto start = Clock::now();
    QT_TRY(Restore());
    QT_TRY(folder_.OpenLogs(step()));
    targets_ = state_.learner.targets();
    if (config_.updaters > 0) updaters_.emplace(config_, replay_, state_.buffer, targets_);
    QT_TRY(FillBuffer());
    const uint64_t labels_before = state_.buffer.num_pushed();
    interval_start_ = Clock::now();
    while (step() < options_.steps && !Stopped()) QT_TRY(OneStep());
    updaters_.reset();
    QT_TRY(Save());
    summary_.last_step = step();
    summary_.interrupted = Stopped() && step() < options_.steps;
    summary_.labels = state_.buffer.num_pushed() - labels_before;
    summary_.seconds = Since_s(start);
    return summary_;
  }

 private:
  int64_t step() const { return state_.learner.step(); }
  bool Stopped() const { return options_.stop != nullptr && *options_.stop; }

  Status Restore() {
    const std::string checkpoint = folder_.NewestCheckpoint();
    if (checkpoint.empty()) return Ok();
    size_t num_dropped = 0;
    QT_TRY(LoadCheckpoint(checkpoint, replay_, state_, &num_dropped));
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

  Status LabelInline(int count) {
    const auto start = Clock::now();
    const double floor_weight = FloorWeight(config_, targets_.step);
    for (int i = 0; i < count; ++i) {
      QT_ASSIGN(LabelledState labelled,
                LabelState(replay_.Draw(config_.balance, state_.label_rng), targets_, config_,
                           floor_weight, state_.label_rng));
      state_.buffer.Push(std::move(labelled));
    }
    summary_.label_seconds += Since_s(start);
    return Ok();
  }

  Status OneStep() {
    if (!updaters_) QT_TRY(LabelInline(config_.labels_per_step));
    const auto batch_start = Clock::now();
    const std::vector<LabelledState> states =
        state_.buffer.Draw(static_cast<size_t>(config_.batch_size), state_.batch_rng);
    const Batch batch = MakeBatch(states, config_, state_.batch_rng);
    summary_.batch_seconds += Since_s(batch_start);
    const auto gradient_start = Clock::now();
    QT_ASSIGN(const StepMetrics metrics, state_.learner.Step(batch));
    summary_.gradient_seconds += Since_s(gradient_start);
    averages_.Add(metrics, states, step());
    if (step() % config_.publish_steps == 0) QT_TRY(Publish());
    if (step() % options_.log_steps == 0 || step() == options_.steps) QT_TRY(Log());
    if (step() % options_.checkpoint_steps == 0 && step() < options_.steps) QT_TRY(Save());
    return Ok();
  }

  Status Publish() {
    state_.learner.PublishTargets();
    targets_ = state_.learner.targets();
    if (!updaters_) return Ok();
    QT_TRY(updaters_->status());
    updaters_->Publish(targets_);
    return Ok();
  }

  Status Log() {
    summary_.loss = averages_.loss();
    summary_.td_error = averages_.td_error();
    Scalars scalars = averages_.Take();
    const double seconds = Since_s(interval_start_);
    scalars.emplace_back("interval_s", static_cast<float>(seconds));
    scalars.emplace_back("train_buffer_states", static_cast<float>(state_.buffer.size()));
    scalars.emplace_back("replay_episodes", static_cast<float>(replay_.size()));
    scalars.emplace_back("replay_mib", static_cast<float>(replay_.bytes()) / (1 << 20));
    scalars.emplace_back("lagged_age_steps", static_cast<float>(state_.learner.lagged_age()));
    interval_start_ = Clock::now();
    if (options_.on_progress) options_.on_progress(step(), summary_.loss, summary_.td_error);
    return folder_.Log(step(), scalars);
  }

  Status Save() {
    QT_TRY(SaveCheckpoint(folder_.CheckpointPath(step()), config_, state_));
    folder_.PruneCheckpoints(options_.keep);
    const Json training = {{"config", ToJson(config_)}, {"lineage", options_.lineage}};
    return SavePolicy(folder_.PolicyPath(), config_, state_.learner, training);
  }

  const TrainConfig& config_;
  const LoopOptions& options_;
  const replay::ReplayBuffer& replay_;
  RunFolder& folder_;
  TrainState state_;
  TargetNetworks targets_;
  std::optional<UpdaterThreads> updaters_;
  Averages averages_;
  LoopSummary summary_;
  Clock::time_point interval_start_;
};

}  // namespace

Result<LoopSummary> RunTraining(const TrainConfig& config, const LoopOptions& options,
                                const replay::ReplayBuffer& replay, RunFolder& folder) {
  return TrainLoop(config, options, replay, folder).Run();
}

}  // namespace qt::train

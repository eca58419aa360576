// SPDX-License-Identifier: Apache-2.0
#include "train/train_metrics.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>

#include "base/check.h"

namespace qt::train {
namespace {

template <typename Value>
double MeanOfStates(const StepFacts& facts, const Value& value) {
  double sum = 0;
  for (const TargetedState& state : facts.states) sum += value(state);
  return sum / static_cast<double>(facts.states.size());
}

double MeanAge(const StepFacts& s) {
  return MeanOfStates(s, [&s](const TargetedState& state) {
    return static_cast<double>(s.step - state.target_step);
  });
}

double SuccessOf(const replay::BufferCounts& counts) {
  return static_cast<double>(counts.successes) /
         static_cast<double>(std::max<size_t>(1, counts.episodes));
}

// Averaged over the steps between two lines.
struct Mean {
  const char* name;
  double (*of_step)(const StepFacts& facts);
};
constexpr Mean kMeans[] = {
    {"loss", [](const StepFacts& s) { return s.metrics.loss; }},
    {"q_mean", [](const StepFacts& s) { return s.metrics.q_mean; }},
    {"target_mean", [](const StepFacts& s) { return s.metrics.target_mean; }},
    {"td_error", [](const StepFacts& s) { return s.metrics.td_error; }},
    {"grad_norm", [](const StepFacts& s) { return s.metrics.grad_norm; }},
    {"next_value",
     [](const StepFacts& s) { return MeanOfStates(s, std::mem_fn(&TargetedState::value)); }},
    {"clipped_gap",
     [](const StepFacts& s) { return MeanOfStates(s, std::mem_fn(&TargetedState::clipped_gap)); }},
    {"target_age_steps", MeanAge},
    {"label_age_steps", MeanAge},  // its older name
};

// As it is when the line is written; left out where there is nothing to say.
struct Gauge {
  const char* name;
  std::optional<double> (*of_moment)(const Moment& moment);
};
using Value = std::optional<double>;
constexpr Gauge kGauges[] = {
    {"interval_s", [](const Moment& m) -> Value { return m.interval_s; }},
    {"target_s", [](const Moment& m) -> Value { return m.times.target_s / m.num_steps; }},
    {"label_s",
     [](const Moment& m) -> Value { return m.times.target_s / m.num_steps; }},  // its older name
    {"data_s", [](const Moment& m) -> Value { return m.times.batch_s / m.num_steps; }},
    {"step_s", [](const Moment& m) -> Value { return m.times.gradient_s / m.num_steps; }},
    {"train_buffer_states", [](const Moment& m) -> Value { return m.train_buffer_states; }},
    {"replay_episodes", [](const Moment& m) -> Value { return m.replay.episodes; }},
    {"replay_mib",
     [](const Moment& m) -> Value { return static_cast<double>(m.replay.bytes) / (1 << 20); }},
    {"replay_success", [](const Moment& m) -> Value { return SuccessOf(m.replay); }},
    {"online_episodes", [](const Moment& m) -> Value { return m.online.episodes; }},
    {"online_share", [](const Moment& m) -> Value { return m.online_share; }},
    {"online_success",
     [](const Moment& m) {
       return m.online.episodes > 0 ? Value(SuccessOf(m.online)) : std::nullopt;
     }},
    {"lagged_age_steps", [](const Moment& m) -> Value { return m.lagged_age_steps; }},
};

}  // namespace

TrainMetrics::TrainMetrics() : sums_(std::size(kMeans), 0.0) {}

void TrainMetrics::Add(const StepFacts& facts) {
  ++num_steps_;
  for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += kMeans[i].of_step(facts);
}

double TrainMetrics::MeanOf(std::string_view name) const {
  const auto* mean =
      std::ranges::find(kMeans, name, [](const Mean& m) { return std::string_view(m.name); });
  QT_CHECK(mean != std::end(kMeans), name);
  return sums_[static_cast<size_t>(mean - kMeans)] / num_steps_;
}

Scalars TrainMetrics::Take(const Moment& moment) {
  Scalars scalars;
  for (size_t i = 0; i < sums_.size(); ++i) {
    scalars.emplace_back(kMeans[i].name, static_cast<float>(sums_[i] / num_steps_));
  }
  for (const Gauge& gauge : kGauges) {
    const Value value = gauge.of_moment(moment);
    if (value) scalars.emplace_back(gauge.name, static_cast<float>(*value));
  }
  if (moment.held_out) {
    const Scalars held_out = HeldOutScalars(*moment.held_out);
    scalars.insert(scalars.end(), held_out.begin(), held_out.end());
  }
  *this = TrainMetrics();
  return scalars;
}

Scalars HeldOutScalars(const HeldOutResult& result) {
  return {{"success", static_cast<float>(result.success)},
          {"success_low", static_cast<float>(result.low)},
          {"success_high", static_cast<float>(result.high)},
          {"success_step", static_cast<float>(result.step)}};
}

}  // namespace qt::train

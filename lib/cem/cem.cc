// SPDX-License-Identifier: Apache-2.0
#include "cem/cem.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace qt {
namespace {

// Indices of the best `count` scores, best first; ties in order of index.
std::vector<size_t> Best(std::span<const float> q, size_t count) {
  std::vector<size_t> order(q.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t n = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(n), order.end(),
                    [q](size_t a, size_t b) { return q[a] != q[b] ? q[a] > q[b] : a < b; });
  order.resize(n);
  return order;
}

float StandardDeviation(std::span<const float> q, const std::vector<size_t>& elites) {
  double sum = 0, sum_squares = 0;
  for (size_t index : elites) sum += q[index];
  const double mean = sum / static_cast<double>(elites.size());
  for (size_t index : elites) sum_squares += (q[index] - mean) * (q[index] - mean);
  return static_cast<float>(std::sqrt(sum_squares / static_cast<double>(elites.size())));
}

}  // namespace

Result<CemConfig> CemConfig::Parse(std::string_view given) {
  const std::string text(given);
  CemConfig config;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d/%d/%d%c", &config.num_samples, &config.num_elites,
                  &config.num_iterations, &rest) != 3) {
    return Usage("wants SAMPLES/ELITES/ROUNDS, as in 64/6/2, not '" + text + "'");
  }
  if (config.num_samples < 4 || config.num_samples > 65536 || config.num_elites < 1 ||
      config.num_elites > config.num_samples || config.num_iterations < 1 ||
      config.num_iterations > 100) {
    return Usage("wants 4 to 65536 samples, 1 to as many elites and 1 to 100 rounds, not '" + text +
                 "'");
  }
  return config;
}

std::string CemConfig::ToString() const {
  return std::to_string(num_samples) + "/" + std::to_string(num_elites) + "/" +
         std::to_string(num_iterations);
}

MotionBox MotionBoxOf(const TaskConfig& task, const GripperState& gripper) {
  const auto axis = [](double at, double low, double high, double bound) {
    const double from = std::min(std::max(low - at, -bound), bound);
    return std::pair(from, std::max(std::min(high - at, bound), from));
  };
  const double reach = task.workspace_xy_m;
  const auto [x0, x1] = axis(gripper.x_m, -reach, reach, task.max_dxy_m);
  const auto [y0, y1] = axis(gripper.y_m, -reach, reach, task.max_dxy_m);
  const auto [z0, z1] = axis(gripper.height_m, task.min_height_m, task.max_height_m, task.max_dz_m);
  return {{x0, y0, z0, -task.max_dyaw_rad}, {x1, y1, z1, task.max_dyaw_rad}};
}

CemSearch::CemSearch(const TaskConfig& task, const GripperState& gripper, const CemConfig& config,
                     RandomStream& rng)
    : config_(config), box_(MotionBoxOf(task, gripper)) {
  QT_CHECK(config.num_samples >= 4 && config.num_elites >= 1 && config.num_iterations >= 1,
           config.num_samples, config.num_elites, config.num_iterations);
  std_.fill(config.initial_std);
  actions_ = {Action::Open(), Action::Close()};
  if (task.termination == Termination::kLearned) actions_.push_back(Action::Terminate());
  num_discrete_ = actions_.size();
  actions_.resize(static_cast<size_t>(config.num_samples), Action::Open());
  units_.resize(num_motions());
  noise_.resize(num_motions() * static_cast<size_t>(config.num_iterations));
  for (Unit& unit : noise_) {
    for (double& axis : unit) axis = rng.Normal();
  }
  Propose();
}

void CemSearch::Propose() {
  const Unit* noise = noise_.data() + static_cast<size_t>(round_) * num_motions();
  for (size_t m = 0; m < num_motions(); ++m) {
    std::array<double, kAxes> motion;
    for (size_t i = 0; i < kAxes; ++i) {
      units_[m][i] = std::clamp(mean_[i] + std_[i] * noise[m][i], -1.0, 1.0);
      const double half = (box_.high[i] - box_.low[i]) / 2;
      motion[i] = (box_.high[i] + box_.low[i]) / 2 + half * units_[m][i];
    }
    actions_[num_discrete_ + m] = Action::Move(motion[0], motion[1], motion[2], motion[3]);
  }
}

void CemSearch::Take(std::span<const float> q) {
  QT_CHECK(!done() && q.size() == actions_.size(), q.size(), actions_.size());
  const std::vector<size_t> elites = Best(q, static_cast<size_t>(config_.num_elites));
  result_ = {actions_[elites[0]], q[elites[0]], StandardDeviation(q, elites)};
  ++round_;
  if (done()) return;
  Refit(elites);
  Propose();
}

// To the motions among the elites; without any, the Gaussian stays as it is.
void CemSearch::Refit(std::span<const size_t> elites) {
  std::vector<Unit> motions;
  for (const size_t index : elites) {
    if (index >= num_discrete_) motions.push_back(units_[index - num_discrete_]);
  }
  if (motions.empty()) return;
  const auto n = static_cast<double>(motions.size());
  for (size_t i = 0; i < kAxes; ++i) {
    double sum = 0, sum_squares = 0;
    for (const Unit& unit : motions) sum += unit[i];
    mean_[i] = sum / n;
    for (const Unit& unit : motions) sum_squares += (unit[i] - mean_[i]) * (unit[i] - mean_[i]);
    std_[i] = std::sqrt(std::max(sum_squares / n, config_.min_variance));
  }
}

CemResult MaximizeCem(const TaskConfig& task, const GripperState& gripper, const CemConfig& config,
                      const BatchScore& score, RandomStream& rng) {
  CemSearch search(task, gripper, config, rng);
  std::vector<float> q(search.candidates().size());
  while (!search.done()) {
    score(search.candidates(), q);
    search.Take(q);
  }
  return search.result();
}

}  // namespace qt

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

constexpr int kAxes = 4;
using Unit = std::array<double, kAxes>;  // a motion in units of the box: [-1, 1] on each axis

struct Gaussian {
  Unit mean{};
  Unit std{};
};

Action ToAction(const Unit& unit, const MotionBox& box) {
  std::array<double, kAxes> motion;
  for (int i = 0; i < kAxes; ++i) {
    const double half = (box.high[i] - box.low[i]) / 2;
    motion[i] = (box.high[i] + box.low[i]) / 2 + half * unit[i];
  }
  return Action::Move(motion[0], motion[1], motion[2], motion[3]);
}

// One round's candidates: the discrete choices first, then the motions.
struct Candidates {
  std::vector<Action> actions;
  std::vector<Unit> units;  // of actions[num_discrete + i]
  size_t num_discrete = 0;
};

Candidates Sample(const TaskConfig& task, const CemConfig& config, const MotionBox& box,
                  const Gaussian& gaussian, RandomStream& rng) {
  Candidates candidates;
  candidates.actions = {Action::Open(), Action::Close()};
  if (task.termination == Termination::kLearned) candidates.actions.push_back(Action::Terminate());
  candidates.num_discrete = candidates.actions.size();
  while (candidates.actions.size() < static_cast<size_t>(config.num_samples)) {
    Unit unit;
    for (int i = 0; i < kAxes; ++i) {
      unit[i] = std::clamp(rng.Normal(gaussian.mean[i], gaussian.std[i]), -1.0, 1.0);
    }
    candidates.units.push_back(unit);
    candidates.actions.push_back(ToAction(unit, box));
  }
  return candidates;
}

// Indices of the best `count` scores, best first; ties in order of index.
std::vector<size_t> Best(const std::vector<float>& q, size_t count) {
  std::vector<size_t> order(q.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t n = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(n), order.end(),
                    [&q](size_t a, size_t b) { return q[a] != q[b] ? q[a] > q[b] : a < b; });
  order.resize(n);
  return order;
}

// Refits to the motions among the elites; without any, the Gaussian stays as it is.
void Refit(const Candidates& candidates, const std::vector<size_t>& elites, double min_variance,
           Gaussian& gaussian) {
  std::vector<Unit> motions;
  for (size_t index : elites) {
    if (index >= candidates.num_discrete) {
      motions.push_back(candidates.units[index - candidates.num_discrete]);
    }
  }
  if (motions.empty()) return;
  const double n = static_cast<double>(motions.size());
  for (int i = 0; i < kAxes; ++i) {
    double sum = 0, sum_squares = 0;
    for (const Unit& unit : motions) sum += unit[i];
    gaussian.mean[i] = sum / n;
    for (const Unit& unit : motions) {
      sum_squares += (unit[i] - gaussian.mean[i]) * (unit[i] - gaussian.mean[i]);
    }
    gaussian.std[i] = std::sqrt(std::max(sum_squares / n, min_variance));
  }
}

float StandardDeviation(const std::vector<float>& q, const std::vector<size_t>& elites) {
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

CemResult MaximizeCem(const TaskConfig& task, const GripperState& gripper, const CemConfig& config,
                      const BatchScore& score, RandomStream& rng) {
  QT_CHECK(config.num_samples >= 4 && config.num_elites >= 1 && config.num_iterations >= 1,
           config.num_samples, config.num_elites, config.num_iterations);
  const MotionBox box = MotionBoxOf(task, gripper);
  Gaussian gaussian;
  gaussian.std.fill(config.initial_std);
  CemResult result;
  for (int round = 0; round < config.num_iterations; ++round) {
    const Candidates candidates = Sample(task, config, box, gaussian, rng);
    std::vector<float> q(candidates.actions.size());
    score(candidates.actions, q);
    const std::vector<size_t> elites = Best(q, static_cast<size_t>(config.num_elites));
    Refit(candidates, elites, config.min_variance, gaussian);
    result = {candidates.actions[elites[0]], q[elites[0]], StandardDeviation(q, elites)};
  }
  return result;
}

}  // namespace qt

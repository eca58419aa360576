// SPDX-License-Identifier: Apache-2.0
#include "data/episode_numbers.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace qt::data {
namespace {}  // namespace

double ReturnOf(const Label& label) {
  return std::accumulate(label.reward.begin(), label.reward.end(), 0.0);
}

double MeanQValue(const Episode& episode) {
  double sum = 0;
  int known = 0;
  for (const Step& step : episode.steps) {
    if (std::isnan(step.q_value)) continue;
    sum += step.q_value;
    ++known;
  }
  return known > 0 ? sum / known : kUnknown;
}

double FirstQValue(const Episode& episode) {
  for (const Step& step : episode.steps) {
    if (!std::isnan(step.q_value)) return step.q_value;
  }
  return kUnknown;
}

double LastQValue(const Episode& episode) {
  double last = kUnknown;
  for (const Step& step : episode.steps) {
    if (!std::isnan(step.q_value)) last = step.q_value;
  }
  return last;
}

int FirstImageWidth(const Episode& episode) {
  return episode.steps.empty() ? 0 : episode.steps[0].observation.image.width_px;
}

int FirstImageHeight(const Episode& episode) {
  return episode.steps.empty() ? 0 : episode.steps[0].observation.image.height_px;
}

}  // namespace qt::data

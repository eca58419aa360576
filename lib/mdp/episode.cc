// SPDX-License-Identifier: Apache-2.0
#include "mdp/episode.h"

namespace qt {

const char* ToString(ActionSource source) {
  switch (source) {
    case ActionSource::kGreedy:
      return "greedy";
    case ActionSource::kNoise:
      return "noise";
    case ActionSource::kScripted:
      return "scripted";
    case ActionSource::kRandom:
      return "random";
    case ActionSource::kHuman:
      return "human";
    case ActionSource::kUnknown:
      break;
  }
  return "unknown";
}

const char* ToString(EndReason reason) {
  switch (reason) {
    case EndReason::kTerminated:
      return "terminated";
    case EndReason::kRule:
      return "rule";
    case EndReason::kLimit:
      return "limit";
    case EndReason::kAborted:
      return "aborted";
    case EndReason::kUnknown:
      break;
  }
  return "unknown";
}

bool IsSource(const std::string& source, const std::string& wanted) {
  if (wanted.empty() || source == wanted) return true;
  const char next = source.starts_with(wanted) ? source[wanted.size()] : '\0';
  return next == '/' || next == ':';
}

const Label* ChooseLabel(const Episode& episode, const std::string& source) {
  const Label* best = nullptr;
  for (const Label& label : episode.labels) {
    if (!IsSource(label.source, source)) continue;
    if (best == nullptr || label.revision >= best->revision) best = &label;
  }
  return best;
}

std::vector<float> Rewards(bool success, size_t num_steps, double step_reward) {
  std::vector<float> reward(num_steps, static_cast<float>(step_reward));
  if (num_steps > 0) reward.back() = success ? 1.0f : 0.0f;
  return reward;
}

}  // namespace qt

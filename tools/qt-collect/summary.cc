#include "summary.h"

#include <cstdio>

#include "base/number_text.h"

namespace qt::collect {

using rollout::CollectorConfig;
using rollout::CollectStats;

namespace {}  // namespace

Json Summary(const Options& options, const CollectorConfig& config, const CollectStats& stats) {
  Json success = {{"rate", nullptr}, {"count", stats.successes}, {"judged", stats.judged}};
  if (stats.judged > 0) success["rate"] = Ratio(stats.successes, stats.judged);
  return {{"episodes", stats.episodes},
          {"success", success},
          {"steps", stats.steps},
          {"policy", options.policy},
          {"objects", options.scene.objects},
          {"seed", config.seed},
          {"run_id", config.run_id},
          {"num_envs", config.num_envs},
          {"discarded_bins", stats.discarded_bins},
          {"robot", options.robot},
          {"robot_failures", stats.robot_failures},
          {"physics_steps", stats.sim.physics_steps},
          {"settle_steps", stats.sim.settle_steps},
          {"renders", stats.sim.renders},
          {"seconds", stats.seconds}};
}

std::string RateText(const CollectStats& stats) {
  if (stats.judged == 0) return "";
  char text[48];
  std::snprintf(text, sizeof text, "success %.1f %%", 100 * Ratio(stats.successes, stats.judged));
  return text;
}

std::string SummaryText(const CollectStats& stats) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", stats.seconds);
  const std::string rate = RateText(stats);
  std::string text = std::to_string(stats.episodes) + " episodes, ";
  if (!rate.empty()) text += rate + ", ";
  text += std::string(seconds) + ", " + std::to_string(stats.discarded_bins) + " discarded bins";
  if (stats.robot_failures > 0)
    text += ", " + std::to_string(stats.robot_failures) + " robot failures";
  return text;
}

}  // namespace qt::collect

// SPDX-License-Identifier: Apache-2.0
// Off-policy classification (Irpan et al. 2019): how well Q tells the actions of successful
// episodes from all others, without running the policy; bootstrap intervals, rank correlation.
// Plain types only.
#pragma once

#include <cstdint>
#include <vector>

#include "stats/interval.h"

namespace qt::stats {

// Q of every recorded action of one episode.
struct ScoredEpisode {
  bool success = false;
  std::vector<float> q;
};

// Positive-unlabelled, with the prior 1 of the public implementations: the actions of successes are
// feasible, those of failures may be.
//   soft_opc = mean of Q over the actions of successful episodes - mean of Q over all actions
//   opc      = the same of [Q > b], at the threshold b where it is largest (0 if it never is above)
// Both 0 if no episode succeeded.
struct OpcScores {
  double soft_opc = 0, opc = 0;
  double threshold = 0;  // b; halfway between the two values of Q that it parts
};
OpcScores ScoreOpc(const std::vector<ScoredEpisode>& episodes);

struct Estimate {
  double value = 0;
  Interval interval;          // quantiles of the draws
  std::vector<double> draws;  // one a resample
};
struct OpcEstimate {
  Estimate soft_opc, opc;
  double threshold = 0;
};
// Resamples whole episodes, since the actions of one depend on each other; OPC's threshold is
// chosen anew in each. A seed draws the same episodes for every policy over the same log, so that
// draws of two policies are pairs. REQUIRES: episodes not empty, num_resamples > 0.
OpcEstimate EstimateOpc(const std::vector<ScoredEpisode>& episodes, int num_resamples,
                        double confidence, uint64_t seed);

// Ranks from 1; equal values share the mean of theirs.
std::vector<double> RanksOf(const std::vector<double>& values);
// Spearman's rank correlation, and the square of Pearson's; 0 if either side is constant.
// REQUIRES: equal lengths.
double Spearman(const std::vector<double>& x, const std::vector<double>& y);
double RSquared(const std::vector<double>& x, const std::vector<double>& y);

// The (1 - confidence) / 2 and (1 + confidence) / 2 quantiles. REQUIRES: values not empty.
Interval PercentileInterval(std::vector<double> values, double confidence);

}  // namespace qt::stats

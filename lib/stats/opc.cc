// SPDX-License-Identifier: Apache-2.0
#include "stats/opc.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/random.h"

namespace qt::stats {
namespace {

struct Pair {
  float q;
  uint32_t episode;
};

// All pairs, the largest Q first.
std::vector<Pair> SortedPairs(const std::vector<ScoredEpisode>& episodes) {
  std::vector<Pair> pairs;
  for (size_t e = 0; e < episodes.size(); ++e) {
    for (float q : episodes[e].q) pairs.push_back({q, static_cast<uint32_t>(e)});
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.q > b.q; });
  return pairs;
}

// Episode e counts times[e] times.
OpcScores Score(const std::vector<ScoredEpisode>& episodes, const std::vector<Pair>& pairs,
                const std::vector<uint32_t>& times) {
  double positives = 0, all = 0, positive_sum = 0, sum = 0;
  for (const Pair& pair : pairs) {
    const double weight = times[pair.episode];
    const double positive = episodes[pair.episode].success ? weight : 0;
    all += weight;
    sum += weight * pair.q;
    positives += positive;
    positive_sum += positive * pair.q;
  }
  if (positives == 0) return {};
  OpcScores scores;
  scores.soft_opc = positive_sum / positives - sum / all;
  double positives_above = 0, above = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double weight = times[pairs[i].episode];
    above += weight;
    positives_above += episodes[pairs[i].episode].success ? weight : 0;
    if (i + 1 < pairs.size() && pairs[i + 1].q == pairs[i].q) continue;  // b cannot part them
    const double opc = positives_above / positives - above / all;
    if (opc <= scores.opc) continue;
    scores.opc = opc;
    scores.threshold = i + 1 < pairs.size() ? (pairs[i].q + pairs[i + 1].q) / 2 : pairs[i].q;
  }
  return scores;
}

double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  QT_CHECK(x.size() == y.size(), x.size(), y.size());
  const double n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace

OpcScores ScoreOpc(const std::vector<ScoredEpisode>& episodes) {
  return Score(episodes, SortedPairs(episodes), std::vector<uint32_t>(episodes.size(), 1));
}

OpcEstimate EstimateOpc(const std::vector<ScoredEpisode>& episodes, int num_resamples,
                        double confidence, uint64_t seed) {
  QT_CHECK(!episodes.empty() && num_resamples > 0, num_resamples);
  const std::vector<Pair> pairs = SortedPairs(episodes);
  const OpcScores scores = Score(episodes, pairs, std::vector<uint32_t>(episodes.size(), 1));
  OpcEstimate estimate{{scores.soft_opc, {}, {}}, {scores.opc, {}, {}}, scores.threshold};
  RandomStream rng(seed, "bootstrap");
  for (int i = 0; i < num_resamples; ++i) {
    std::vector<uint32_t> times(episodes.size(), 0);
    for (size_t k = 0; k < episodes.size(); ++k) ++times[rng.Below(episodes.size())];
    const OpcScores drawn = Score(episodes, pairs, times);
    estimate.soft_opc.draws.push_back(drawn.soft_opc);
    estimate.opc.draws.push_back(drawn.opc);
  }
  for (Estimate* e : {&estimate.soft_opc, &estimate.opc}) {
    e->interval = PercentileInterval(e->draws, confidence);
  }
  return estimate;
}

std::vector<double> RanksOf(const std::vector<double>& values) {
  std::vector<double> ranks;
  for (double value : values) {
    const auto less =
        std::count_if(values.begin(), values.end(), [&](double other) { return other < value; });
    const auto equal = std::count(values.begin(), values.end(), value);
    ranks.push_back(static_cast<double>(less) + (static_cast<double>(equal) + 1) / 2);
  }
  return ranks;
}

double Spearman(const std::vector<double>& x, const std::vector<double>& y) {
  return Correlation(RanksOf(x), RanksOf(y));
}

double RSquared(const std::vector<double>& x, const std::vector<double>& y) {
  const double r = Correlation(x, y);
  return r * r;
}

Interval PercentileInterval(std::vector<double> values, double confidence) {
  QT_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<size_t>(std::lround(share * double(values.size() - 1)))];
  };
  return {at((1 - confidence) / 2), at((1 + confidence) / 2)};
}

}  // namespace qt::stats

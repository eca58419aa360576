// SPDX-License-Identifier: Apache-2.0
#include "data/episode_stats.h"

#include <gmock/gmock.h>

#include <limits>

#include "json/json.h"
#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::HasSubstr;

TEST(DistributionTest, QuantilesLieBetweenTheValues) {
  Distribution values;
  for (double value : {4.0, 1.0, 3.0, 2.0, 5.0}) values.Add(value);
  values.Add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(values.count(), 5u);
  EXPECT_DOUBLE_EQ(values.mean(), 3);
  EXPECT_DOUBLE_EQ(values.Quantile(0), 1);
  EXPECT_DOUBLE_EQ(values.Quantile(0.5), 3);
  EXPECT_DOUBLE_EQ(values.Quantile(0.625), 3.5);
  EXPECT_DOUBLE_EQ(values.Quantile(1), 5);
}

// Three standard deviations of a sampled median: 3 * 0.5 / sqrt(20,000) of the range.
TEST(DistributionTest, ALongSeriesIsSampledEvenly) {
  Distribution values;
  constexpr int kCount = 10 * int(Distribution::kSampleSize);
  for (int i = 0; i < kCount; ++i) values.Add(double(i) / kCount);
  EXPECT_EQ(values.count(), uint64_t(kCount));
  EXPECT_NEAR(values.Quantile(0.5), 0.5, 0.011);
  EXPECT_NEAR(values.Quantile(0.95), 0.95, 0.005);
}

TEST(DistributionTest, AnEmptySeriesHasNoNumbers) {
  EXPECT_EQ(Distribution().ToJson(), Json({{"count", 0}}));
  EXPECT_THAT(Distribution().ToText(), HasSubstr("-"));
}

TEST(EpisodeStatsTest, CountsActionsRewardsAndQValues) {
  EpisodeStats stats;
  Episode episode = MakeEpisode("a", 3);
  episode.steps[2].action = Action::Close();
  episode.labels = {MakeLabel("sim", true, 3)};
  stats.Add(episode, &episode.labels[0]);
  stats.Add(MakeEpisode("b", 1), nullptr);
  const Json json = stats.ToJson();
  EXPECT_EQ(json["episodes"], 2);
  EXPECT_EQ(json["success"]["labelled"], 1);
  EXPECT_EQ(json["success"]["rate"], 1.0);
  EXPECT_EQ(json["steps"]["mean"], 2.0);
  EXPECT_NEAR(json["return"]["mean"].get<double>(), 0.9, 1e-6);
  EXPECT_EQ(json["action_kinds"]["close"], 1);
  EXPECT_EQ(json["action_kinds"]["move"], 3);
  EXPECT_EQ(json["action"]["dx_m"]["count"], 4);
  EXPECT_NEAR(json["q_value"]["max"].get<double>(), 0.3, 1e-6);
  EXPECT_EQ(json["image_bytes"]["mean"], 48.0);
}

TEST(EpisodeStatsTest, ComparesTheNewestLabelsOfEachPairOfSources) {
  EpisodeStats stats;
  Episode agree = MakeEpisode("a", 1), differ = MakeEpisode("b", 1), alone = MakeEpisode("c", 1);
  agree.labels = {MakeLabel("sim", true, 1), MakeLabel("image", false, 1, 0),
                  MakeLabel("image", true, 1, 1)};
  differ.labels = {MakeLabel("sim", true, 1), MakeLabel("image", false, 1)};
  alone.labels = {MakeLabel("sim", true, 1)};
  for (const Episode* episode : {&agree, &differ, &alone}) stats.Add(*episode, nullptr);
  const Json json = stats.ToJson()["agreement"];
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["first"], "image");
  EXPECT_EQ(json[0]["second"], "sim");
  EXPECT_EQ(json[0]["episodes"], 2);
  EXPECT_EQ(json[0]["rate"], 0.5);
  EXPECT_EQ(json[0]["both"], 1);
  EXPECT_EQ(json[0]["only_first"], 0);
  EXPECT_EQ(json[0]["only_second"], 1);
}

}  // namespace
}  // namespace qt::data

// SPDX-License-Identifier: Apache-2.0
#include "data/episode_filter.h"

#include <gmock/gmock.h>

#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::HasSubstr;

using Settings = std::vector<std::pair<const char*, const char*>>;

EpisodeFilter Filter(const Settings& settings) {
  EpisodeFilter filter;
  for (const auto& [name, text] : settings) EXPECT_TRUE(Set(filter, name, text).ok()) << text;
  EXPECT_TRUE(CheckFilter(filter).ok());
  return filter;
}

TEST(EpisodeFilterTest, WithoutOptionsEverythingMatches) {
  EXPECT_TRUE(Filter({}).Matches(MakeEpisode("a", 1), 7));
  EXPECT_FALSE(Filter({}).Selects());
  EXPECT_FALSE(Filter({{"label", "sim"}}).Selects());
}

TEST(EpisodeFilterTest, AnUnlabelledEpisodeIsNeitherSuccessNorFailure) {
  Episode episode = MakeEpisode("a", 1);
  EXPECT_FALSE(Filter({{"success", "true"}}).Matches(episode, 0));
  EXPECT_FALSE(Filter({{"failure", "true"}}).Matches(episode, 0));
  episode.labels.push_back(MakeLabel("sim", true, 1));
  EXPECT_TRUE(Filter({{"success", "true"}}).Matches(episode, 0));
  EXPECT_FALSE(Filter({{"failure", "true"}}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, TheSourceDecidesWhichLabelCounts) {
  Episode episode = MakeEpisode("a", 1);
  episode.labels = {MakeLabel("sim", true, 1), MakeLabel("image_diff/1", false, 1, 1)};
  EXPECT_TRUE(Filter({{"failure", "true"}}).Matches(episode, 0));
  EXPECT_TRUE(Filter({{"success", "true"}, {"label", "sim"}}).Matches(episode, 0));
  EXPECT_TRUE(Filter({{"failure", "true"}, {"label", "image_diff"}}).Matches(episode, 0));
  EXPECT_FALSE(Filter({{"failure", "true"}, {"label", "human"}}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, APolicyIsAPrefixOrAPattern) {
  Episode episode = MakeEpisode("a", 1);
  episode.policy = "model:step-000100";
  EXPECT_TRUE(Filter({{"policy", "model"}}).Matches(episode, 0));
  EXPECT_FALSE(Filter({{"policy", "step"}}).Matches(episode, 0));
  EXPECT_TRUE(Filter({{"policy", "*step-*"}}).Matches(episode, 0));
  EXPECT_FALSE(Filter({{"policy", "mode?"}}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, PositionsAreNumbersAndRanges) {
  const EpisodeFilter filter = Filter({{"episodes", "3,7-9"}});
  const Episode episode = MakeEpisode("a", 1);
  std::vector<uint64_t> matching;
  for (uint64_t i = 0; i < 12; ++i) {
    if (filter.Matches(episode, i)) matching.push_back(i);
  }
  EXPECT_EQ(matching, (std::vector<uint64_t>{3, 7, 8, 9}));
  EXPECT_FALSE(filter.EndsBefore(9));
  EXPECT_TRUE(filter.EndsBefore(10));
  EXPECT_TRUE(Filter({{"episodes", "20-"}}).Matches(episode, 1000));
  EXPECT_FALSE(Filter({{"episodes", "20-"}}).EndsBefore(1000));
  EXPECT_FALSE(Filter({}).EndsBefore(1000));
}

TEST(EpisodeFilterTest, ErrorsNameTheFlag) {
  EXPECT_THAT(CheckFilter({.success = true, .failure = true}).message(),
              HasSubstr("--success and --failure"));
  EpisodeFilter filter;
  EXPECT_THAT(Set(filter, "where", "x=1").message(), HasSubstr("where: unknown field 'x'"));
  for (const char* text : {"x", "3,", "3;4", "9-7", "-3", "3-x"}) {
    EXPECT_THAT(Set(filter, "episodes", text).message(), HasSubstr("episodes takes numbers"))
        << text;
  }
}

}  // namespace
}  // namespace qt::data

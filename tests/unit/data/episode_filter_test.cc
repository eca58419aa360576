#include "data/episode_filter.h"

#include <gmock/gmock.h>

#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::HasSubstr;

EpisodeFilter Filter(FilterOptions options) {
  Result<EpisodeFilter> filter = EpisodeFilter::Make(std::move(options));
  EXPECT_TRUE(filter.ok()) << filter.status().ToString();
  return filter.ok() ? *filter : EpisodeFilter();
}

TEST(EpisodeFilterTest, WithoutOptionsEverythingMatches) {
  EXPECT_TRUE(Filter({}).Matches(MakeEpisode("a", 1), 7));
  EXPECT_FALSE(Filter({}).Selects());
  EXPECT_FALSE(Filter({.label = "sim"}).Selects());
}

TEST(EpisodeFilterTest, AnUnlabelledEpisodeIsNeitherSuccessNorFailure) {
  Episode episode = MakeEpisode("a", 1);
  EXPECT_FALSE(Filter({.success = true}).Matches(episode, 0));
  EXPECT_FALSE(Filter({.failure = true}).Matches(episode, 0));
  episode.labels.push_back(MakeLabel("sim", true, 1));
  EXPECT_TRUE(Filter({.success = true}).Matches(episode, 0));
  EXPECT_FALSE(Filter({.failure = true}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, TheSourceDecidesWhichLabelCounts) {
  Episode episode = MakeEpisode("a", 1);
  episode.labels = {MakeLabel("sim", true, 1), MakeLabel("image_diff/1", false, 1, 1)};
  EXPECT_TRUE(Filter({.failure = true}).Matches(episode, 0));
  EXPECT_TRUE(Filter({.success = true, .label = "sim"}).Matches(episode, 0));
  EXPECT_TRUE(Filter({.failure = true, .label = "image_diff"}).Matches(episode, 0));
  EXPECT_FALSE(Filter({.failure = true, .label = "human"}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, APolicyIsAPrefixOrAPattern) {
  Episode episode = MakeEpisode("a", 1);
  episode.policy = "model:step-000100";
  EXPECT_TRUE(Filter({.policy = "model"}).Matches(episode, 0));
  EXPECT_FALSE(Filter({.policy = "step"}).Matches(episode, 0));
  EXPECT_TRUE(Filter({.policy = "*step-*"}).Matches(episode, 0));
  EXPECT_FALSE(Filter({.policy = "mode?"}).Matches(episode, 0));
}

TEST(EpisodeFilterTest, PositionsAreNumbersAndRanges) {
  const EpisodeFilter filter = Filter({.episodes = "3,7-9"});
  const Episode episode = MakeEpisode("a", 1);
  std::vector<uint64_t> matching;
  for (uint64_t i = 0; i < 12; ++i) {
    if (filter.Matches(episode, i)) matching.push_back(i);
  }
  EXPECT_EQ(matching, (std::vector<uint64_t>{3, 7, 8, 9}));
  EXPECT_FALSE(filter.EndsBefore(9));
  EXPECT_TRUE(filter.EndsBefore(10));
  EXPECT_TRUE(Filter({.episodes = "20-"}).Matches(episode, 1000));
  EXPECT_FALSE(Filter({.episodes = "20-"}).EndsBefore(1000));
  EXPECT_FALSE(Filter({}).EndsBefore(1000));
}

TEST(EpisodeFilterTest, ErrorsNameTheFlag) {
  const auto error = [](FilterOptions options) {
    const auto filter = EpisodeFilter::Make(std::move(options));
    EXPECT_EQ(filter.status().code(), Code::kUsage);
    return filter.status().message();
  };
  EXPECT_THAT(error({.success = true, .failure = true}), HasSubstr("--success and --failure"));
  EXPECT_THAT(error({.where = "x=1"}), HasSubstr("--where: unknown field 'x'"));
  for (const char* text : {"x", "3,", "3;4", "9-7", "-3", "3-x"}) {
    EXPECT_THAT(error({.episodes = text}), HasSubstr("--episodes takes numbers")) << text;
  }
}

}  // namespace
}  // namespace qt::data

// SPDX-License-Identifier: Apache-2.0
// What a name stands for where episodes go.
#include "episodes/episode_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "episodes/episode_source.h"
#include "support/sample_episode.h"
#include "support/temp_dir.h"
#include "unit/episodes/episode_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

SinkOptions Into(const std::string& name) {
  return {.open =
              [name](const std::string& file_id) {
                return NamesFolder(name) ? CreateInSpool(name, "episodes", file_id, ".mcap")
                                         : CreateFile(name, Overwrite::kNo);
              },
          .file_id = "run"};
}

size_t CountIn(const std::string& name) {
  EpisodeStream stream({name});
  size_t count = 0;
  while ((*stream.Next()).has_value()) ++count;
  return count;
}

TEST(EpisodeSink, AFileAppearsWhenItIsFinished) {
  const TempDir dir;
  auto sink = OpenSink(dir.File("a.mcap"), Into(dir.File("a.mcap")));
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write(SampleEpisode(0)).ok());
  EXPECT_FALSE(std::filesystem::exists(dir.File("a.mcap")));
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ(CountIn(dir.File("a.mcap")), 1u);
  EXPECT_EQ(OpenSink(dir.File("a.mcap"), Into(dir.File("a.mcap"))).status().code(), Code::kFailed);
}

TEST(EpisodeSink, AFolderGetsOneFileARun) {
  const TempDir dir;
  auto sink = OpenSink(dir.File("new/"), Into(dir.File("new/")));
  ASSERT_TRUE(sink.ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE((*sink)->Write(SampleEpisode(i)).ok());
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ((*sink)->num_episodes(), 3u);
  EXPECT_THAT(*ListFiles({dir.File("new")}), ElementsAre(EndsWith("-run.mcap")));
  EXPECT_EQ(CountIn(dir.File("new")), 3u);
}

TEST(EpisodeSink, AFolderGetsAFileAfterSoManyEpisodes) {
  const TempDir dir;
  SinkOptions options = Into(dir.path());
  options.episodes_per_file = 2;
  auto sink = OpenSink(dir.path(), options);
  ASSERT_TRUE(sink.ok());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE((*sink)->Write(SampleEpisode(i)).ok());
    EXPECT_EQ(CountIn(dir.path()), size_t(i + 1) / 2 * 2) << "the finished ones can be read";
  }
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ((*sink)->num_episodes(), 5u);
  EXPECT_THAT(*ListFiles({dir.path()}),
              ElementsAre(EndsWith("-run-000000.mcap"), EndsWith("-run-000001.mcap"),
                          EndsWith("-run-000002.mcap")));
}

TEST(EpisodeSink, OnlyAFileMustEnd) {
  const TempDir dir;
  EXPECT_TRUE(CanBeEndless("-"));
  EXPECT_TRUE(CanBeEndless(dir.path()));
  EXPECT_TRUE(CanBeEndless("new/"));
  EXPECT_FALSE(CanBeEndless(dir.File("a.mcap")));
}

}  // namespace
}  // namespace qt::episodes

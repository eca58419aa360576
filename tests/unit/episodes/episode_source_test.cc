// SPDX-License-Identifier: Apache-2.0
// What a name stands for, and how several sources are read as one.
#include "episodes/episode_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "support/sample_episode.h"
#include "support/temp_dir.h"
#include "unit/episodes/episode_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EpisodeSourceTest : public ::testing::Test {
 protected:
  void Save(const std::string& name, const Bytes& bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    ASSERT_TRUE(WriteWholeFile(dir_.File(name), text, Overwrite::kNo).ok());
  }
  void SaveEpisode(const std::string& name, int index) {
    Save(name, WriteAll({SampleEpisode(index)}));
  }
  std::string MakeSpool(const std::string& name) {
    std::filesystem::create_directory(dir_.File(name));
    return dir_.File(name);
  }
  // The indices of what is there, without waiting.
  static std::vector<uint32_t> Stored(EpisodeSource& source) {
    std::vector<uint32_t> order;
    for (;;) {
      const auto next = source.NextStored();
      EXPECT_TRUE(next.ok()) << next.status().ToString();
      if (!next.ok() || !next->has_value()) return order;
      order.push_back((*next)->episode.index);
    }
  }

  TempDir dir_;
};

TEST_F(EpisodeSourceTest, AFileIsItsEpisodes) {
  SaveEpisode("a.mcap", 3);
  const auto source = OpenSource(dir_.File("a.mcap"));
  ASSERT_TRUE(source.ok());
  EXPECT_THAT(Stored(**source), ElementsAre(3));
  EXPECT_GT((*source)->bytes_read(), 0u);
  EXPECT_FALSE(CanFollow(dir_.File("a.mcap")));
  EXPECT_EQ(OpenSource(dir_.File("none.mcap")).status().code(), Code::kNotFound);
}

TEST_F(EpisodeSourceTest, AFolderIsItsFinishedFilesByName) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/b.mcap", 1);
  SaveEpisode("spool/a.mcap", 0);
  Save("spool/.c.mcap.1.tmp", {});
  Save("spool/notes.txt", {});
  Save("spool/bad.mcap", Bytes(20, 'x'));
  const auto source = OpenSource(spool);
  ASSERT_TRUE(source.ok());
  EXPECT_THAT(Stored(**source), ElementsAre(0, 1));
  ASSERT_EQ((*source)->damage().size(), 1u);
  EXPECT_THAT((*source)->damage()[0].status.ToString(), HasSubstr("bad.mcap: is no episode file"));
  EXPECT_TRUE(CanFollow(spool));
}

// Anybody may put anything into a folder that is read.
TEST_F(EpisodeSourceTest, WhatIsNoFileInAFolderCostsNoOther) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/a.mcap", 0);
  SaveEpisode("spool/z.mcap", 1);
  ASSERT_EQ(::mkfifo((spool + "/fifo.mcap").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere.mcap", spool + "/gone.mcap");
  std::filesystem::create_symlink("loop.mcap", spool + "/loop.mcap");
  std::filesystem::create_symlink("/dev/zero", spool + "/zero.mcap");
  const auto source = OpenSource(spool);
  ASSERT_TRUE(source.ok());
  EXPECT_THAT(Stored(**source), ElementsAre(0, 1));
  std::vector<std::string> named;
  for (const Damage& damage : (*source)->damage()) named.push_back(damage.status.ToString());
  EXPECT_THAT(named, ElementsAre(HasSubstr("fifo.mcap: is not a regular file"),
                                 HasSubstr("gone.mcap: no such file"),
                                 HasSubstr("loop.mcap: Too many levels of symbolic links"),
                                 HasSubstr("zero.mcap: is not a regular file")));
}

TEST_F(EpisodeSourceTest, AFollowedFolderWaitsUntilItIsGivenUp) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/a.mcap", 0);
  std::atomic<bool> enough = false;
  const auto source =
      OpenSource(spool, {.follow = Follow::kYes, .give_up = [&] { return enough.load(); }});
  ASSERT_TRUE(source.ok());
  EXPECT_THAT(Stored(**source), ElementsAre(0));
  EXPECT_THAT(Stored(**source), IsEmpty());
  SaveEpisode("b.mcap", 1);
  std::filesystem::rename(dir_.File("b.mcap"), spool + "/b.mcap");
  EXPECT_EQ((**(*source)->Next()).episode.index, 1u);
  enough = true;
  EXPECT_EQ((*source)->Next().status().code(), Code::kInterrupted);
}

TEST_F(EpisodeSourceTest, FilesAreListedInTheOrderOfTheNames) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/b.mcap", 1);
  SaveEpisode("spool/a.mcap", 0);
  const auto files = ListFiles({"-", spool, "x.mcap"});
  ASSERT_TRUE(files.ok());
  EXPECT_THAT(*files, ElementsAre("-", spool + "/a.mcap", spool + "/b.mcap", "x.mcap"));
}

TEST_F(EpisodeSourceTest, AStreamGoesOnAfterASourceThatFails) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/a.mcap", 0);
  SaveEpisode("z.mcap", 2);
  EpisodeStream stream({spool, dir_.File("none.mcap"), dir_.File("z.mcap")});
  std::vector<uint32_t> order;
  std::vector<std::string> errors;
  for (;;) {
    const auto next = stream.Next();
    if (!next.ok()) {
      errors.push_back(next.status().ToString());
      continue;
    }
    if (!next->has_value()) break;
    order.push_back((*next)->episode.index);
  }
  EXPECT_THAT(order, ElementsAre(0, 2));
  EXPECT_THAT(errors, ElementsAre(HasSubstr("none.mcap: no such file")));
}

// While the folder is read its files are made one, as qt-data compact does.
TEST_F(EpisodeSourceTest, AFileThatWasTakenAwayIsFoundInWhatCame) {
  const std::string spool = MakeSpool("spool");
  SaveEpisode("spool/a.mcap", 0);
  SaveEpisode("spool/b.mcap", 1);
  std::filesystem::create_symlink("nowhere.mcap", spool + "/c.mcap");
  const auto source = OpenSource(spool);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((**(*source)->Next()).episode.index, 0u);
  Save("spool/all.mcap", WriteAll({SampleEpisode(1), SampleEpisode(2)}));
  std::filesystem::remove(spool + "/b.mcap");
  EXPECT_THAT(Stored(**source), ElementsAre(1, 2));
  ASSERT_EQ((*source)->damage().size(), 1u);  // what was a name all the time, and no file
  EXPECT_THAT((*source)->damage()[0].status.ToString(), HasSubstr("c.mcap: no such file"));
}

TEST_F(EpisodeSourceTest, AStreamReadsWhatEndsFirstAndThenAllThatIsFollowed) {
  const std::string one = MakeSpool("one"), two = MakeSpool("two");
  SaveEpisode("one/a.mcap", 1);
  SaveEpisode("two/a.mcap", 2);
  SaveEpisode("z.mcap", 0);
  std::atomic<bool> enough = false;
  EpisodeStream stream({one, two, dir_.File("z.mcap")},
                       {.follow = Follow::kYes, .give_up = [&] { return enough.load(); }});
  for (const uint32_t index : {0, 1, 2}) EXPECT_EQ((**stream.Next()).episode.index, index);
  SaveEpisode("b.mcap", 3);
  std::filesystem::rename(dir_.File("b.mcap"), one + "/b.mcap");
  EXPECT_EQ((**stream.Next()).episode.index, 3u);
  enough = true;
  EXPECT_EQ(stream.Next().status().code(), Code::kInterrupted);
}

}  // namespace
}  // namespace qt::episodes

// SPDX-License-Identifier: Apache-2.0
#include "data/compact.h"

#include <gmock/gmock.h>

#include "episodes/episode_source.h"
#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CompactTest : public testing::Test {
 protected:
  Status Run(CompactOptions options) {
    options.files = *episodes::ListFiles({folder_.path()});
    if (options.output.empty()) options.output = folder_.File("one.mcap");
    options.lineage.tool = "test";
    options.lineage.command_line = "compact";
    summary_ = {};
    return Compact(
        options, stop_, [&](const Status& status) { notes_.push_back(status.ToString()); },
        &summary_);
  }

  TempDir folder_;
  std::atomic<bool> stop_ = false;
  CompactSummary summary_;
  std::vector<std::string> notes_;
};

TEST_F(CompactTest, MakesOneFileAndRemovesTheOriginals) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2), MakeEpisode("2", 3)}, "make a");
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("3", 1)}, "make b");
  WriteFile(folder_.File(".c.mcap"), {MakeEpisode("4", 1)});
  ASSERT_TRUE(Run({}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre(".c.mcap", "one.mcap"));
  const Contents contents = ReadContents({folder_.File("one.mcap")});
  EXPECT_THAT(contents.ids, ElementsAre("1", "2", "3"));
  EXPECT_THAT(contents.commands, ElementsAre("make a", "make b", "compact"));
  EXPECT_EQ(contents.damage, 0u);
  EXPECT_EQ(summary_.files, 2u);
  EXPECT_EQ(summary_.episodes, 3u);
  EXPECT_EQ(summary_.removed, 2u);
}

TEST_F(CompactTest, ADamagedFileStaysAndIsNotCopied) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2)});
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("2", 2)});
  WriteFile(folder_.File("c.mcap"), {MakeEpisode("3", 2), MakeEpisode("4", 2)});
  std::filesystem::resize_file(folder_.File("c.mcap"),
                               std::filesystem::file_size(folder_.File("c.mcap")) - 50);
  ASSERT_TRUE(Run({}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("c.mcap", "one.mcap"));
  EXPECT_THAT(ReadContents({folder_.File("one.mcap")}).ids, ElementsAre("1", "2"));
  EXPECT_EQ(summary_.left_alone, 1u);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], HasSubstr("c.mcap"));
  EXPECT_THAT(notes_[0], HasSubstr("left alone"));
}

TEST_F(CompactTest, CopiesAreWrittenOnce) {
  const Episode one = MakeEpisode("1", 2);
  Episode labelled = one;
  labelled.labels.push_back(MakeLabel("sim", true, 2));
  WriteFile(folder_.File("a.mcap"), {one, MakeEpisode("2", 2)});
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("3", 2), one, labelled});
  ASSERT_TRUE(Run({}).ok());
  EXPECT_THAT(ReadContents({folder_.File("one.mcap")}).ids, ElementsAre("1", "2", "3", "1"));
  EXPECT_EQ(summary_.duplicates, 1u);
}

// A crash between publishing and removing leaves the new file and originals.
TEST_F(CompactTest, TheNextRunMendsACrashBeforeTheOriginalsWereRemoved) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2), MakeEpisode("2", 2)});
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("3", 2)});
  std::filesystem::copy(folder_.File("a.mcap"), folder_.File("kept.copy"));
  ASSERT_TRUE(Run({}).ok());
  std::filesystem::rename(folder_.File("kept.copy"), folder_.File("a.mcap"));
  ASSERT_TRUE(Run({.output = folder_.File("two.mcap")}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("two.mcap"));
  EXPECT_THAT(ReadContents({folder_.File("two.mcap")}).ids, ElementsAre("1", "2", "3"));
}

TEST_F(CompactTest, OneFileIsNotWrittenAgain) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2)});
  ASSERT_TRUE(Run({}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("a.mcap"));
  EXPECT_FALSE(summary_.published);
}

TEST_F(CompactTest, LargeFilesCanBeLeftAsTheyAre) {
  std::vector<Episode> many;
  for (int i = 0; i < 40; ++i) many.push_back(MakeEpisode("many" + std::to_string(i), 2));
  WriteFile(folder_.File("large.mcap"), many);
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 1)});
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("2", 1)});
  const uint64_t limit = std::filesystem::file_size(folder_.File("large.mcap")) - 1;
  ASSERT_TRUE(Run({.max_file_bytes = limit}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("large.mcap", "one.mcap"));
  EXPECT_EQ(summary_.left_alone, 0u);
}

TEST_F(CompactTest, AFilterDiscards) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2), MakeEpisode("2", 5)});
  CompactOptions options;
  ASSERT_TRUE(Set(options.filter, "where", "steps>3").ok());
  ASSERT_TRUE(Run(options).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("one.mcap"));
  EXPECT_THAT(ReadContents({folder_.path()}).ids, ElementsAre("2"));
  EXPECT_EQ(summary_.discarded, 1u);
}

TEST_F(CompactTest, NothingIsReplacedUnlessItMayBe) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2)});
  WriteFile(folder_.File("one.mcap"), {MakeEpisode("2", 2)});
  EXPECT_THAT(Run({}).message(), HasSubstr("exists already"));
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("a.mcap", "one.mcap"));
  ASSERT_TRUE(Run({.overwrite = Overwrite::kYes}).ok());
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("one.mcap"));
  EXPECT_THAT(ReadContents({folder_.path()}).ids, ElementsAre("1", "2"));
}

TEST_F(CompactTest, ADryRunAndAnInterruptedRunChangeNothing) {
  WriteFile(folder_.File("a.mcap"), {MakeEpisode("1", 2)});
  WriteFile(folder_.File("b.mcap"), {MakeEpisode("2", 2)});
  ASSERT_TRUE(Run({.dry_run = true}).ok());
  EXPECT_EQ(summary_.episodes, 2u);
  stop_ = true;
  EXPECT_EQ(Run({}).code(), Code::kInterrupted);
  EXPECT_THAT(folder_.Names(), UnorderedElementsAre("a.mcap", "b.mcap"));
}

}  // namespace
}  // namespace qt::data

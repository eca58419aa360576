// SPDX-License-Identifier: Apache-2.0
// Copies of episodes: what is copied as it is, what counts as a copy, and whose lineage it has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "episodes/episode_source.h"
#include "mcap/mcap.h"
#include "support/sample_episode.h"
#include "support/temp_dir.h"
#include "unit/episodes/episode_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<StoredEpisode> ReadForCopying(const Bytes& bytes) {
  std::vector<StoredEpisode> episodes;
  EpisodeReader reader(std::make_unique<MemorySource>(bytes), {.keep_compressed = true});
  for (;;) {
    auto next = reader.Next();
    EXPECT_TRUE(next.ok());
    if (!next.ok() || !next->has_value()) return episodes;
    episodes.push_back(std::move(**next));
  }
}

Episode StartingAt(int64_t start_ns) {
  Episode episode = SampleEpisode(0);
  const int64_t shift_ns = start_ns - episode.stamp_ns;
  episode.stamp_ns += shift_ns;
  for (Step& step : episode.steps) step.stamp_ns += shift_ns;
  for (EvidenceFrame& frame : episode.evidence) frame.stamp_ns += shift_ns;
  return episode;
}

constexpr int64_t kHour_ns = 3'600'000'000'000;

TEST(EpisodeCopy, ChunksAreCopiedAsTheyAreUnlessTimesMustBeShifted) {
  const std::vector<StoredEpisode> source =
      ReadForCopying(WriteAll({StartingAt(kHour_ns), StartingAt(2 * kHour_ns)}));
  ASSERT_EQ(source.size(), 2u);
  ASSERT_FALSE(source[0].compressed.empty());
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  for (size_t i : {0, 1, 0}) ASSERT_TRUE(writer.WriteCopy(source[i], {}).ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(writer.num_verbatim(), 2u);  // the third would start before the second ends

  const std::vector<StoredEpisode> copy = ReadForCopying(bytes);
  ASSERT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy[0].compressed, source[0].compressed);
  EXPECT_EQ(copy[1].records, source[1].records);
  EXPECT_NE(copy[2].records, source[0].records);
  EXPECT_EQ(DigestOf(copy[2]), DigestOf(source[0]));
  EXPECT_NE(DigestOf(copy[1]), DigestOf(source[0]));
}

TEST(EpisodeCopy, WithoutTheOptionNothingIsKept) {
  EXPECT_TRUE(ReadAll(WriteAll({StartingAt(0)})).episodes[0].compressed.empty());
}

TEST(EpisodeCopy, ALabelWithoutAHashGetsThatOfItsEpisode) {
  Episode episode = SampleEpisode(0);
  const Label label = {0, "sim", "", 0, true, 1, std::vector<float>(episode.steps.size())};
  episode.labels = {label, label};
  episode.labels[1].content_hash = 7;
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  ASSERT_TRUE(writer.Write(episode).ok());
  ASSERT_TRUE(
      writer.WriteCopy(ReadAll(WriteAll({SampleEpisode(0)})).episodes[0], {&label, 1}).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const ReadResult read = ReadAll(bytes);
  ASSERT_EQ(read.episodes.size(), 2u);
  const uint64_t hash = ComputeContentHash(SampleEpisode(0));
  EXPECT_EQ(read.episodes[0].episode.labels[0].content_hash, hash);
  EXPECT_EQ(read.episodes[0].episode.labels[1].content_hash, 7u);
  EXPECT_EQ(read.episodes[1].episode.labels[0].content_hash, hash);
}

bool LiesIn(const SharedBytes& part, const SharedBytes& whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

TEST(EpisodeCopy, PicturesAreParts) {
  const StoredEpisode stored = ReadAll(WriteAll({SampleEpisode(0)})).episodes[0];
  ASSERT_FALSE(stored.records.empty());
  for (const Step& step : stored.episode.steps) {
    EXPECT_TRUE(LiesIn(step.observation.image.bytes, stored.records));
  }
  for (const EvidenceFrame& frame : stored.episode.evidence) {
    EXPECT_TRUE(LiesIn(frame.image.bytes, stored.records));
  }
}

TEST(EpisodeCopy, APictureOutlivesTheChunkItCameIn) {
  EncodedImage image;
  {
    const StoredEpisode stored = ReadAll(WriteAll({SampleEpisode(0)})).episodes[0];
    image = stored.episode.steps[1].observation.image;
  }
  ExpectSameImage(image, SampleEpisode(0).steps[1].observation.image);
}

TEST(EpisodeCopy, ALabelMoreIsNoCopy) {
  const StoredEpisode plain = ReadAll(WriteAll({StartingAt(0)})).episodes[0];
  Episode labelled = StartingAt(0);
  labelled.labels.push_back({0, "sim", "", 0, true, 1, std::vector<float>(labelled.steps.size())});
  const StoredEpisode with_label = ReadAll(WriteAll({labelled})).episodes[0];
  EXPECT_EQ(DigestOf(plain).content_hash, DigestOf(with_label).content_hash);
  EXPECT_NE(DigestOf(plain), DigestOf(with_label));
}

// From another layout the episode is encoded again, and then has the digest that it had before.
TEST(EpisodeCopy, TheDigestDoesNotDependOnTheLayout) {
  Episode labelled = StartingAt(kHour_ns);
  labelled.labels.push_back({0, "sim", "", 0, true, 1, std::vector<float>(labelled.steps.size())});
  const StoredEpisode ours = ReadAll(WriteAll({labelled})).episodes[0];
  StoredEpisode foreign = ours;
  foreign.records = {};
  EXPECT_EQ(DigestOf(foreign), DigestOf(ours));
}

TEST(EpisodeCopy, ProgramsOfLaterInputsAreInheritedOnce) {
  const TempDir folder;
  const auto write = [&](const std::string& name, const std::string& command) {
    Lineage lineage;
    lineage.command_line = command;
    const Bytes bytes = WriteAll({StartingAt(0)}, lineage);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    ASSERT_TRUE(WriteWholeFile(folder.File(name), text, Overwrite::kNo).ok());
  };
  write("a.mcap", "first");
  write("b.mcap", "second");
  write("c.mcap", "first");
  EpisodeStream stream({folder.File("a.mcap"), folder.File("b.mcap"), folder.File("c.mcap")});
  Bytes bytes;
  Lineage lineage;
  lineage.command_line = "copy";
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), lineage);
  std::vector<size_t> known;
  for (auto next = stream.Next(); next.ok() && next->has_value(); next = stream.Next()) {
    known.push_back((*next)->num_programs);
    ASSERT_TRUE(writer.Inherit(stream.programs()).ok());
    ASSERT_TRUE(writer.WriteCopy(**next, {}).ok());
  }
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_THAT(known, ElementsAre(1, 2, 2));
  const ReadResult copy = ReadAll(bytes);
  EXPECT_THAT(copy.damage, IsEmpty());
  std::vector<std::string> commands;
  for (const Program& program : copy.programs) commands.push_back(program.at("command_line"));
  EXPECT_THAT(commands, ElementsAre("first", "copy", "second"));
}

}  // namespace
}  // namespace qt::episodes

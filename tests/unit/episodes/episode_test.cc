// SPDX-License-Identifier: Apache-2.0
// Episodes through writer and reader: everything comes back, nothing damaged does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/check.h"
#include "episodes/cdr.h"
#include "episodes/episode_messages.h"
#include "mcap/mcap.h"
#include "mcap/mcap_writer.h"
#include "support/sample_episode.h"
#include "support/temp_dir.h"
#include "unit/episodes/episode_test_util.h"
#include "unit/episodes/mcap_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// From another implementation (@foxglove/rosmsg2-serialization).
TEST(Cdr, GoldenCompressedImage) {
  EncodedImage image;
  image.bytes = {0xFF, 0xD8, 0xFF, 0xD9};
  Bytes body;
  EncodeImage(image, 1'500'000'000, "camera", &body);
  EXPECT_EQ(body, BytesFromHex("00010000 01000000 0065cd1d 07000000 63616d65726100 00 05000000"
                               "6a70656700 000000 04000000 ffd8ffd9"));
}

TEST(Cdr, GoldenMixedFields) {
  Bytes body;
  CdrWriter cdr(&body);
  cdr.Put(std::string_view("hi"));
  cdr.Put(1.0);
  cdr.Put(uint8_t{1});
  cdr.PutAll<float>(std::array<float, 3>{1, 2, 3});
  cdr.PutCount(1);
  cdr.Put(4.0f);
  cdr.Put(uint16_t{7});
  EXPECT_EQ(body, BytesFromHex("00010000 03000000 686900 00 000000000000f03f 01 000000 0000803f"
                               "00000040 00004040 01000000 00008040 0700"));
}

TEST(Cdr, NegativeTimesRoundDown) {
  Bytes body;
  CdrWriter(&body).PutTime(-1);
  CdrReader reader(body);
  EXPECT_EQ(reader.GetTime(), -1);
  EXPECT_EQ(reader.error(), "");
}

TEST(Cdr, CountsAreCheckedAgainstWhatIsLeft) {
  Bytes body;
  CdrWriter(&body).PutCount(0x7FFFFFFF);
  CdrReader reader(body);
  EXPECT_EQ(reader.GetCount(4), 0u);
  EXPECT_NE(reader.error(), "");
}

TEST(McapWriter, SmallestFile) {
  Bytes bytes;
  mcap::Writer writer(std::make_unique<BytesSink>(&bytes), {.statistics = false});
  ASSERT_TRUE(writer.Start("", "").ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(bytes, BytesFromHex("894d434150300d0a 01 0800000000000000 00000000 00000000"
                                "0f 0400000000000000 73c3faeb 02 1400000000000000"
                                "0000000000000000 0000000000000000 b0c9c46f 894d434150300d0a"));
}

TEST(Episode, RoundTrip) {
  Episode episode = SampleEpisode(3);
  episode.labels = {SampleLabel(episode, "sim", true), SampleLabel(episode, "image_diff/1", false)};
  const ReadResult read = ReadAll(WriteAll({episode}));
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.damage, IsEmpty());
  ASSERT_EQ(read.episodes.size(), 1u);
  ExpectSameEpisode(read.episodes[0].episode, episode);
  EXPECT_EQ(read.episodes[0].episode.content_hash, ComputeContentHash(episode));
}

TEST(Episode, RoundTripOfUnusualNumbers) {
  Episode episode = SampleEpisode(0, 2);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  episode.steps[0].q_value = nan;
  episode.steps[1].q_value = -std::numeric_limits<float>::infinity();
  episode.steps[0].action.dx_m = -0.0f;
  episode.steps[0].observation.gripper.yaw_rad = -3.1415925f;
  episode.steps[1].observation.camera.X_WC.p_m[0] = std::numeric_limits<double>::quiet_NaN();
  episode.final_gripper.measured_opening_m = nan;
  episode.env_config = std::string("a\0b", 3);
  episode.steps[1].observation.step = 77;
  const ReadResult read = ReadAll(WriteAll({episode}));
  ASSERT_EQ(read.episodes.size(), 1u);
  ExpectSameEpisode(read.episodes[0].episode, episode);
}

TEST(Episode, RoundTripWithoutSteps) {
  const Episode episode = SampleEpisode(0, 0);
  const ReadResult read = ReadAll(WriteAll({episode}));
  ASSERT_EQ(read.episodes.size(), 1u);
  ExpectSameEpisode(read.episodes[0].episode, episode);
}

TEST(Episode, RoundTripOfRawPictures) {
  Episode episode = SampleEpisode(0, 2);
  for (Step& step : episode.steps)
    step.observation.image = SampleRaw(uint8_t(step.stamp_ns / 500'000'000));
  episode.evidence[0].image = SampleRaw(9);
  const ReadResult read = ReadAll(WriteAll({SampleEpisode(0), episode}));
  ASSERT_EQ(read.episodes.size(), 2u);
  ExpectSameEpisode(read.episodes[1].episode, episode);
}

TEST(Episode, RoundTripOfAMovingCamera) {
  Episode episode = SampleEpisode(0, 3);
  episode.steps[1].observation.camera.X_WC.p_m[2] += 0.01;
  episode.steps[2].observation.camera.fx_px += 1;
  const ReadResult read = ReadAll(WriteAll({SampleEpisode(0), episode, SampleEpisode(1)}));
  ASSERT_EQ(read.episodes.size(), 3u);
  ExpectSameEpisode(read.episodes[1].episode, episode);
  ExpectSameEpisode(read.episodes[2].episode, SampleEpisode(1));
}

TEST(Episode, ReadsInPiecesOfAnySize) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1)});
  for (size_t piece : {1, 7, 1000}) {
    const ReadResult read = ReadAll(file, piece);
    EXPECT_EQ(read.episodes.size(), 2u) << piece;
    EXPECT_THAT(read.damage, IsEmpty());
  }
}

TEST(Episode, TheSameInputGivesTheSameBytes) {
  EXPECT_EQ(WriteAll({SampleEpisode(0), SampleEpisode(1)}),
            WriteAll({SampleEpisode(0), SampleEpisode(1)}));
}

TEST(Episode, RefusesWhatCouldNotBeRead) {
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  Episode episode = SampleEpisode(0);
  episode.steps[1].stamp_ns = episode.steps[0].stamp_ns;
  EXPECT_THROW((void)writer.Write(episode), ContractError);
  episode = SampleEpisode(0);
  episode.labels = {SampleLabel(episode, "sim", true)};
  episode.labels[0].reward.pop_back();
  EXPECT_THROW((void)writer.Write(episode), ContractError);
}

std::vector<uint64_t> LogTimes(const StoredEpisode& stored) {
  std::vector<uint64_t> times;
  EXPECT_TRUE(mcap::ForEachRecord(stored.records, [&](const mcap::RecordView& record) {
                times.push_back(mcap::ParseMessage(record.body)->log_time);
                return Ok();
              }).ok());
  return times;
}

TEST(Episode, LogTimesGrowEvenIfTheClockStartsAgain) {
  const Episode first = SampleEpisode(1), again = SampleEpisode(0);
  const ReadResult read = ReadAll(WriteAll({first, again, again}));
  ASSERT_EQ(read.episodes.size(), 3u);
  std::vector<uint64_t> times;
  for (const StoredEpisode& stored : read.episodes) {
    const auto more = LogTimes(stored);
    times.insert(times.end(), more.begin(), more.end());
  }
  for (size_t i = 1; i < times.size(); ++i) EXPECT_GT(times[i], times[i - 1]);
  ExpectSameEpisode(read.episodes[2].episode, again);
}

TEST(Episode, CopyKeepsTheRecordsAndAppendsLabels) {
  Episode episode = SampleEpisode(0);
  episode.labels = {SampleLabel(episode, "sim", true)};
  const ReadResult source = ReadAll(WriteAll({episode}));
  const Label label = SampleLabel(episode, "image_diff/1", false);
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  ASSERT_TRUE(writer.WriteCopy(source.episodes[0], {&label, 1}).ok());
  ASSERT_TRUE(writer.WriteCopy(source.episodes[0], {}).ok());  // its clock starts again
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(writer.num_episodes(), 2u);

  const ReadResult copy = ReadAll(bytes);
  EXPECT_THAT(copy.damage, IsEmpty());
  ASSERT_EQ(copy.episodes.size(), 2u);
  const SharedBytes& before = source.episodes[0].records;
  const SharedBytes& after = copy.episodes[0].records;
  ASSERT_GT(after.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  ASSERT_EQ(copy.episodes[0].episode.labels.size(), 2u);
  ExpectSameLabel(copy.episodes[0].episode.labels[1], label);
  EXPECT_GT(LogTimes(copy.episodes[1]).front(), LogTimes(copy.episodes[0]).back());
  EXPECT_EQ(copy.episodes[1].episode.content_hash, source.episodes[0].episode.content_hash);
}

TEST(Episode, ContentHashSeesObservationsAndActionsOnly) {
  const Episode episode = SampleEpisode(0);
  Episode other = episode;
  other.labels = {SampleLabel(episode, "sim", true)};
  other.policy = "another";
  other.content_hash = 5;
  EXPECT_EQ(ComputeContentHash(other), ComputeContentHash(episode));
  other = episode;
  Touch(100, &other.steps[1].observation.image);
  EXPECT_NE(ComputeContentHash(other), ComputeContentHash(episode));
  other = episode;
  other.steps[1].action.dx_m += 0.001f;
  EXPECT_NE(ComputeContentHash(other), ComputeContentHash(episode));
  other = episode;
  other.evidence.pop_back();
  EXPECT_NE(ComputeContentHash(other), ComputeContentHash(episode));
}

TEST(Episode, LineageIsInheritedInOrder) {
  Lineage lineage;
  lineage.run_id = "run";
  lineage.tool = "qt-collect 1";
  lineage.command_line = "qt-collect -n 2";
  const ReadResult first = ReadAll(WriteAll({SampleEpisode(0)}, lineage));
  ASSERT_EQ(first.programs.size(), 1u);
  Lineage next;
  next.tool = "qt-label 1";
  next.extra = {{"key", "value"}};
  next.inherited = first.programs;
  const ReadResult second = ReadAll(WriteAll({SampleEpisode(0)}, next));
  ASSERT_EQ(second.programs.size(), 2u);
  EXPECT_EQ(second.programs[0].at("command_line"), "qt-collect -n 2");
  EXPECT_EQ(second.programs[0].at("run_id"), "run");
  EXPECT_EQ(second.programs[1].at("tool"), "qt-label 1");
  EXPECT_EQ(second.programs[1].at("key"), "value");
}

TEST(Damage, EveryTruncationGivesOnlyWholeEpisodes) {
  const Episode a = SampleEpisode(0, 1), b = SampleEpisode(1, 1);
  const Bytes one = WriteAll({a}), file = WriteAll({a, b});
  size_t last = 0;
  for (size_t n = 0; n < file.size(); ++n) {
    const ReadResult read = ReadAll(Bytes(file.begin(), file.begin() + n));
    EXPECT_GE(read.episodes.size(), last) << n;
    last = read.episodes.size();
    EXPECT_TRUE(!read.error.empty() || read.damage.size() == 1) << n;
    if (last > 0) ExpectSameEpisode(read.episodes[0].episode, a);
    if (last > 1) ExpectSameEpisode(read.episodes[1].episode, b);
  }
  EXPECT_EQ(last, 2u);
}

TEST(Damage, AFlippedBitNeverGivesAWrongEpisode) {
  const std::vector<Episode> episodes = {SampleEpisode(0, 1), SampleEpisode(1, 1),
                                         SampleEpisode(2, 1)};
  const Bytes file = WriteAll(episodes);
  for (size_t at = 0; at < file.size(); at += 3) {
    Bytes bad = file;
    bad[at] ^= 0x10;
    const ReadResult read = ReadAll(bad);
    for (const StoredEpisode& stored : read.episodes) {
      ASSERT_LT(stored.episode.index, 3u) << at;
      ExpectSameEpisode(stored.episode, episodes[stored.episode.index]);
    }
  }
}

TEST(Damage, ADamagedChunkIsSkippedAndNamed) {
  Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1)});
  const size_t chunk = FindRecord(file, mcap::kChunk, 0);
  file[chunk + 200] ^= 1;
  const ReadResult read = ReadAll(file);
  ASSERT_EQ(read.episodes.size(), 1u);
  EXPECT_EQ(read.episodes[0].episode.index, 1u);
  EXPECT_THAT(read.damage,
              ElementsAre(AllOf(HasSubstr("memory: a chunk"),
                                HasSubstr("(at byte " + std::to_string(chunk) + ")"))));
}

TEST(Damage, DamageOutsideOfChunksIsNoticed) {
  Lineage lineage;
  lineage.tool = "original";
  Bytes file = WriteAll({SampleEpisode(0)}, lineage);
  const std::string text(file.begin(), file.end());
  file[text.find("original", FindRecord(file, mcap::kChunk, 0) - 100)] ^= 1;
  EXPECT_THAT(ReadAll(file).damage, ElementsAre(HasSubstr("checksum of the file")));
}

TEST(Damage, JoinedFilesReadOn) {
  const Bytes a = WriteAll({SampleEpisode(0), SampleEpisode(1)}), b = WriteAll({SampleEpisode(2)});
  const ReadResult read = ReadAll(Joined(a, b));
  EXPECT_EQ(read.episodes.size(), 3u);
  EXPECT_THAT(read.damage, IsEmpty());
  const ReadResult cut = ReadAll(Joined(a, Bytes(10, 'x')));
  EXPECT_EQ(cut.episodes.size(), 2u);
  EXPECT_EQ(cut.damage.size(), 1u);
}

TEST(Damage, OtherFilesGiveOneClearError) {
  const auto error = [](std::string_view text) {
    return ReadAll(Bytes(text.begin(), text.end())).error;
  };
  EXPECT_EQ(error(""), "memory: is empty, not an episode file (at byte 0)");
  EXPECT_THAT(error("hello, world\n"), AllOf(HasSubstr("text file"), HasSubstr("(at byte 0)")));
  EXPECT_THAT(error("\x28\xB5\x2F\xFD----"), HasSubstr("zstd"));
  EXPECT_THAT(error("\x89MCAP"), HasSubstr("cut short"));
}

TEST(Damage, LargeNumbersAreNotBelieved) {
  Bytes file = WriteAll({SampleEpisode(0)});
  const size_t chunk = FindRecord(file, mcap::kChunk, 0);
  const uint64_t huge = uint64_t{1} << 40;
  Bytes bad = file;
  std::memcpy(bad.data() + chunk + mcap::kFramingBytes + 16, &huge, 8);  // uncompressed size
  EXPECT_THAT(ReadAll(bad).damage, ElementsAre(HasSubstr("the limit is")));
  bad = file;
  std::memcpy(bad.data() + chunk + 1, &huge, 8);  // length of the record
  EXPECT_THAT(ReadAll(bad).damage, ElementsAre(HasSubstr("no record")));
}

// A file whose chunk has a good checksum, but whose messages lie.
Bytes FileOfMessages(const std::function<void(Bytes*)>& change_records) {
  StoredEpisode stored = ReadAll(WriteAll({SampleEpisode(0, 1)})).episodes[0];
  Bytes records = stored.records.ToBytes();
  change_records(&records);
  stored.records = std::move(records);
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  EXPECT_TRUE(writer.WriteCopy(stored, {}).ok());
  EXPECT_TRUE(writer.Finish().ok());
  return bytes;
}

TEST(Damage, MessagesThatLieAreRejected) {
  const ReadResult good = ReadAll(FileOfMessages([](Bytes*) {}));
  EXPECT_EQ(good.episodes.size(), 1u);
  // Every byte of the records in turn: never a crash, never an endless allocation.
  const SharedBytes records = good.episodes[0].records;
  for (size_t at = 9 + 22; at < records.size(); at += 2) {
    const ReadResult read = ReadAll(FileOfMessages([at](Bytes* bytes) {
      // Framing and message heads belong to the writer's contract.
      uint64_t start = 0, length = 0;
      for (;; start += 9 + length) {
        std::memcpy(&length, bytes->data() + start + 1, 8);
        if (at < start + 9 + length) break;
      }
      if (at >= start + 9 + 22) (*bytes)[at] = 0xFF;
    }));
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.episodes.size() + read.damage.size(), 1u) << at;
  }
}

TEST(ForeignFiles, RecordsMayGrow) {
  const Bytes file = WriteAll({SampleEpisode(0)});
  Bytes longer(mcap::kMagic.begin(), mcap::kMagic.end());
  ForEachTopLevel(file, [&](uint8_t op, size_t start, size_t length) {
    Bytes body(file.begin() + start, file.begin() + start + length);
    const bool fixed = op == mcap::kDataEnd || op == mcap::kFooter;
    if (fixed) std::fill(body.begin(), body.end(), 0);  // no checksums, no summary
    if (!fixed) body.insert(body.end(), {1, 2, 3});
    AppendRecord(op, body, &longer);
    if (op == mcap::kMetadata) AppendRecord(0x99, body, &longer);  // private: skipped
  });
  longer.insert(longer.end(), mcap::kMagic.begin(), mcap::kMagic.end());
  const ReadResult read = ReadAll(longer);
  EXPECT_THAT(read.damage, IsEmpty());
  ASSERT_EQ(read.episodes.size(), 1u);
  ExpectSameEpisode(read.episodes[0].episode, SampleEpisode(0));
}

// Other tools cut files into other chunks, or store them without any.
TEST(ForeignFiles, EpisodesWithoutChunks) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1)});
  Bytes loose(mcap::kMagic.begin(), mcap::kMagic.end());
  ForEachTopLevel(file, [&](uint8_t op, size_t start, size_t length) {
    const ByteSpan body = ByteSpan(file).subspan(start, length);
    if (op == mcap::kHeader || op == mcap::kSchema || op == mcap::kChannel) {
      AppendRecord(op, body, &loose);
    } else if (op == mcap::kChunk) {
      Bytes records;
      ASSERT_TRUE(mcap::UnpackChunk(*mcap::ParseChunk(body), &records).ok());
      loose.insert(loose.end(), records.begin(), records.end());
    }
  });
  AppendRecord(mcap::kDataEnd, Bytes(4, 0), &loose);
  AppendRecord(mcap::kFooter, Bytes(20, 0), &loose);
  loose.insert(loose.end(), mcap::kMagic.begin(), mcap::kMagic.end());
  const ReadResult read = ReadAll(loose);
  EXPECT_THAT(read.damage, IsEmpty());
  ASSERT_EQ(read.episodes.size(), 2u);
  ExpectSameEpisode(read.episodes[1].episode, SampleEpisode(1));
}

TEST(IndexedReader, ReadsAnyEpisode) {
  const TempDir dir;
  const Bytes bytes = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  const std::string path = dir.File("a.mcap");
  ASSERT_TRUE(WriteWholeFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                             Overwrite::kNo)
                  .ok());
  const auto reader = IndexedEpisodeReader::Open(path);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  ASSERT_EQ((*reader)->size(), 3u);
  ExpectSameEpisode((*reader)->Read(1)->episode, SampleEpisode(1));
  EXPECT_FALSE((*reader)->Read(3).ok());
}

TEST(IndexedReader, ScansWhereTheIndexDoesNotFit) {
  const TempDir dir;
  const Bytes a = WriteAll({SampleEpisode(0), SampleEpisode(1)}), b = WriteAll({SampleEpisode(2)});
  const auto open = [&](const Bytes& bytes) {
    const std::string path = dir.File("a.mcap");
    EXPECT_TRUE(WriteWholeFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                               Overwrite::kYes)
                    .ok());
    return IndexedEpisodeReader::Open(path);
  };
  auto joined = open(Joined(a, b));
  ASSERT_TRUE(joined.ok());
  ASSERT_EQ((*joined)->size(), 3u);
  ExpectSameEpisode((*joined)->Read(2)->episode, SampleEpisode(2));
  auto cut = open(Bytes(a.begin(), a.end() - 20));
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ((*cut)->size(), 2u);
  EXPECT_FALSE(open(Bytes(100, 'x')).ok());
}

}  // namespace
}  // namespace qt::episodes

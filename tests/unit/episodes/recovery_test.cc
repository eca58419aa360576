// SPDX-License-Identifier: Apache-2.0
// What is left of a damaged file: a table of damage to 50 episodes, and the search for the place
// where reading can go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "mcap/mcap.h"
#include "mcap/mcap_resync.h"
#include "support/sample_episode.h"
#include "unit/episodes/episode_test_util.h"
#include "unit/episodes/mcap_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kNumEpisodes = 50;

// Pictures as hard to compress as real ones: about 17 kB an episode.
Episode BusyEpisode(uint32_t index) {
  Episode episode = SampleEpisode(index, 20);
  std::mt19937 random(index);
  for (Step& step : episode.steps) {
    Bytes bytes = step.observation.image.bytes.ToBytes();
    for (int i = 0; i < 750; ++i) {
      bytes.insert(bytes.end() - 2, static_cast<uint8_t>(random() & 0x7F));
    }
    step.observation.image.bytes = std::move(bytes);
  }
  return episode;
}

const Bytes& File() {
  static const Bytes file = [] {
    std::vector<Episode> episodes;
    for (uint32_t i = 0; i < kNumEpisodes; ++i) episodes.push_back(BusyEpisode(i));
    return WriteAll(episodes);
  }();
  return file;
}

// Every episode that comes back is one that was written, and the damage is told.
size_t Recovered(const Bytes& bytes) {
  const ReadResult read = ReadAll(bytes);
  EXPECT_EQ(read.error, "");
  for (const StoredEpisode& stored : read.episodes) {
    ExpectSameEpisode(stored.episode, BusyEpisode(stored.episode.index));
  }
  EXPECT_EQ(read.episodes.size() % kNumEpisodes == 0 || !read.damage.empty(), true);
  for (const std::string& line : read.damage) EXPECT_THAT(line, HasSubstr("(at byte "));
  return read.episodes.size();
}

TEST(DamageTable, None) { EXPECT_EQ(Recovered(File()), 50u); }

TEST(DamageTable, OneBitInTheMiddle) {
  Bytes file = File();
  file[file.size() / 2] ^= 1;
  EXPECT_GE(Recovered(file), 49u);
}

TEST(DamageTable, FourKibibytesOfZeros) {
  Bytes file = File();
  std::fill_n(file.begin() + static_cast<ptrdiff_t>(file.size() / 2), 4096, 0);
  EXPECT_GE(Recovered(file), 49u);
}

TEST(DamageTable, TheLengthOfChunk20) {
  Bytes file = File();
  const size_t chunk = FindRecord(file, mcap::kChunk, 20);
  for (const uint64_t length : {uint64_t{0}, uint64_t{100}, uint64_t{20'000}, uint64_t{700'000},
                                uint64_t{1} << 40, ~uint64_t{0}}) {
    std::memcpy(file.data() + chunk + 1, &length, sizeof length);
    EXPECT_GE(Recovered(file), 49u) << length;
  }
}

TEST(DamageTable, AHundredBytesDeleted) {
  Bytes file = File();
  const auto at = file.begin() + static_cast<ptrdiff_t>(file.size() * 3 / 10);
  file.erase(at, at + 100);
  EXPECT_GE(Recovered(file), 49u);
}

TEST(DamageTable, CutAt70Percent) {
  Bytes file = File();
  file.resize(file.size() * 7 / 10);
  EXPECT_GE(Recovered(file), 35u);
}

TEST(DamageTable, TheFirst64KibibytesAreLost) {
  const Bytes file(File().begin() + (64 << 10), File().end());
  EXPECT_GE(Recovered(file), 46u);
}

TEST(DamageTable, FiveBits) {
  Bytes file = File();
  for (size_t i = 0; i < 5; ++i) file[file.size() * (2 * i + 1) / 10] ^= 0x10;
  EXPECT_GE(Recovered(file), 45u);
}

TEST(DamageTable, JoinedToItself) {
  const ReadResult read = ReadAll(Joined(File(), File()));
  EXPECT_THAT(read.damage, IsEmpty());
  EXPECT_EQ(read.episodes.size(), 100u);
}

// Wherever one byte is wrong or missing, at most the episode around it is lost.
TEST(Damage, NeverCostsMoreThanWhatItTouches) {
  const std::vector<Episode> episodes = {SampleEpisode(0, 1), SampleEpisode(1, 1),
                                         SampleEpisode(2, 1)};
  const Bytes file = WriteAll(episodes);
  const auto end = file.begin() + static_cast<ptrdiff_t>(FindRecord(file, mcap::kDataEnd, 0));
  for (auto at = file.begin() + 8; at < end; at += 3) {
    Bytes changed = file, shorter = file;
    changed[static_cast<size_t>(at - file.begin())] ^= 0x50;
    shorter.erase(shorter.begin() + (at - file.begin()));
    for (const Bytes& bad : {changed, shorter}) {
      const ReadResult read = ReadAll(bad);
      ASSERT_EQ(read.error, "");
      ASSERT_GE(read.episodes.size(), 2u) << "byte " << at - file.begin();
      for (const StoredEpisode& stored : read.episodes) {
        ExpectSameEpisode(stored.episode, episodes.at(stored.episode.index));
      }
    }
  }
}

TEST(Damage, OnePieceOneLineAndItsBytes) {
  Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  const size_t second = FindRecord(file, mcap::kChunk, 1),
               third = FindRecord(file, mcap::kChunk, 2);
  std::fill(file.begin() + static_cast<ptrdiff_t>(second) + 5,
            file.begin() + static_cast<ptrdiff_t>(third), 0);
  EpisodeReader reader(std::make_unique<MemorySource>(file));
  size_t episodes = 0;
  while ((*reader.Next()).has_value()) ++episodes;
  EXPECT_EQ(episodes, 2u);
  ASSERT_THAT(reader.damage(), SizeIs(1));
  EXPECT_EQ(reader.damage()[0].offset_bytes, second);
  EXPECT_EQ(reader.damage()[0].lost_bytes, third - second);
  EXPECT_THAT(reader.damage()[0].status.ToString(),
              HasSubstr(std::to_string(third - second) + " bytes lost"));
}

TEST(Damage, AHeadIsRestoredFromTheDataBehindIt) {
  Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1)});
  const size_t second = FindRecord(file, mcap::kChunk, 1);
  std::fill_n(file.begin() + static_cast<ptrdiff_t>(second), 9, 0xEE);
  const ReadResult read = ReadAll(file);
  EXPECT_THAT(read.episodes, SizeIs(2));
  EXPECT_THAT(read.damage, ElementsAre(HasSubstr("no record")));
}

TEST(Damage, ReadsTheSameInPieces) {
  Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  file[FindRecord(file, mcap::kChunk, 1) + 2] = 0xFF;
  const ReadResult whole = ReadAll(file), pieces = ReadAll(file, 13);
  EXPECT_EQ(whole.episodes.size(), pieces.episodes.size());
  EXPECT_EQ(whole.damage, pieces.damage);
}

// Wherever the start was cut off before the first chunk, also within the text of a schema.
TEST(Damage, ALostStartCostsNoEpisodeBehindIt) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1)});
  for (size_t cut = 1; cut < FindRecord(file, mcap::kChunk, 0); cut += 53) {
    const ReadResult read = ReadAll(Bytes(file.begin() + static_cast<ptrdiff_t>(cut), file.end()));
    EXPECT_EQ(read.error, "");
    ASSERT_THAT(read.episodes, SizeIs(2)) << cut;
    EXPECT_THAT(read.damage, ElementsAre(HasSubstr("the start of the file is missing"))) << cut;
  }
}

// A file that ends early, and another one behind it.
TEST(Damage, ACutFileDoesNotHurtTheNext) {
  const Bytes a = WriteAll({SampleEpisode(0), SampleEpisode(1)}), b = WriteAll({SampleEpisode(2)});
  for (size_t cut = 100; cut < a.size(); cut += 97) {
    const ReadResult read =
        ReadAll(Joined(Bytes(a.begin(), a.begin() + static_cast<ptrdiff_t>(cut)), b));
    ASSERT_THAT(read.damage, SizeIs(1)) << cut;
    ASSERT_FALSE(read.episodes.empty()) << cut;
    EXPECT_EQ(read.episodes.back().episode.index, 2u) << cut;
  }
}

size_t StartOf(const Bytes& file, int chunk) { return FindRecord(file, mcap::kChunk, chunk); }

// The head of a chunk whose first byte is gone looks like a short record of a private kind.
TEST(Damage, BytesLostBeforeAChunkCostNoEpisode) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  for (int chunk = 1; chunk < 3; ++chunk) {
    for (ptrdiff_t lost = 1; lost < 31; ++lost) {
      Bytes shorter = file;
      const auto end = shorter.begin() + static_cast<ptrdiff_t>(StartOf(file, chunk));
      shorter.erase(end - lost, end);
      EXPECT_THAT(ReadAll(shorter).episodes, SizeIs(3)) << lost << " before " << chunk;
    }
  }
}

// The head of a chunk of 0x40F bytes then looks like a DataEnd.
TEST(Damage, AChunkThatLooksLikeTheEndOfTheDataIsNotLost) {
  Episode episode = SampleEpisode(1, 0);
  std::mt19937 random(1);
  Bytes file;
  for (uint64_t length = 0; length != 0x40F;) {
    if (length > 0x40F) episode.policy.clear();  // one letter more may make it two bytes longer
    episode.policy += static_cast<char>('a' + random() % 26);
    file = WriteAll({SampleEpisode(0), episode, SampleEpisode(2)});
    std::memcpy(&length, file.data() + StartOf(file, 1) + 1, sizeof length);
  }
  const auto chunk = file.begin() + static_cast<ptrdiff_t>(StartOf(file, 1));
  file.erase(chunk - 1, chunk);
  EXPECT_THAT(ReadAll(file).episodes, SizeIs(3));
}

// One byte more behind a chunk: what follows is read with the length of something else. As a Header
// it would begin another file, without channels.
TEST(Damage, AByteMoreBehindAChunkCostsNoEpisode) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  const size_t behind = FindRecord(file, mcap::kMessageIndex, 0);
  for (int value = 0; value < 256; ++value) {
    Bytes longer = file;
    longer.insert(longer.begin() + static_cast<ptrdiff_t>(behind), static_cast<uint8_t>(value));
    EXPECT_THAT(ReadAll(longer).episodes, SizeIs(3)) << value;
  }
}

// After a damaged chunk something looks like a record that ends where another one begins.
TEST(Damage, ARecordThatSwallowsAChunkIsNone) {
  Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  const size_t index = FindRecord(file, mcap::kMessageIndex, 0);
  const uint64_t length = StartOf(file, 2) - index - mcap::kFramingBytes;
  file[StartOf(file, 0) + 200] ^= 1;
  file[index] = 0x99;
  std::memcpy(file.data() + index + 1, &length, sizeof length);
  const ReadResult read = ReadAll(file);
  ASSERT_THAT(read.episodes, SizeIs(2));
  EXPECT_EQ(read.episodes[0].episode.index, 1u);
  EXPECT_EQ(read.episodes[1].episode.index, 2u);
}

// The data of a chunk begin as a file does that is compressed with zstd.
TEST(Damage, AFileThatWasCutWithinAChunkIsNoCompressedFile) {
  const Bytes file = WriteAll({SampleEpisode(0), SampleEpisode(1), SampleEpisode(2)});
  const size_t data = StartOf(file, 0) + mcap::kFramingBytes + 44;
  const ReadResult read = ReadAll(Bytes(file.begin() + static_cast<ptrdiff_t>(data), file.end()));
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.episodes, SizeIs(2));
}

TEST(Damage, GarbageBetweenFilesIsSkipped) {
  const Bytes a = WriteAll({SampleEpisode(0)}), b = WriteAll({SampleEpisode(1)});
  const ReadResult read = ReadAll(Joined(Joined(a, Bytes(1000, 0x06)), b));
  EXPECT_THAT(read.episodes, SizeIs(2));
  EXPECT_THAT(read.damage, ElementsAre(AllOf(HasSubstr("no MCAP"), HasSubstr("1000 bytes lost"))));
}

}  // namespace
}  // namespace qt::episodes

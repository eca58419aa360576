// SPDX-License-Identifier: Apache-2.0
// Episode files that other MCAP tools have written or rewritten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "episodes/cdr.h"
#include "episodes/episode_messages.h"
#include "mcap/mcap.h"
#include "support/foreign_mcap.h"
#include "support/temp_dir.h"
#include "unit/episodes/episode_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Episode> Labelled(uint32_t count) {
  std::vector<Episode> episodes;
  for (uint32_t i = 0; i < count; ++i) {
    episodes.push_back(SampleEpisode(i));
    episodes.back().labels = {SampleLabel(episodes.back(), "sim", i % 2 == 0)};
  }
  return episodes;
}

void ExpectEpisodes(const Bytes& file, const std::vector<Episode>& episodes) {
  const ReadResult read = ReadAll(file);
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.damage, IsEmpty());
  ASSERT_EQ(read.episodes.size(), episodes.size());
  for (size_t i = 0; i < episodes.size(); ++i) {
    ExpectSameEpisode(read.episodes[i].episode, episodes[i]);
  }
}

// Labels of episodes that are long over are forgotten: what a reader remembers does not grow with
// the stream.
TEST(ForeignFiles, ALateLabelIsNamedOnlyForTheLastEpisodes) {
  constexpr size_t kEpisodes = 30;
  const Contents all = ContentsOf(WriteAll(Labelled(kEpisodes)));
  const size_t per_episode = all.messages.size() / kEpisodes;  // the label is the last of them
  const auto damage_with_late_label_of = [&](size_t episode) {
    Contents late = all;
    const auto label = late.messages.begin() + ptrdiff_t((episode + 1) * per_episode - 1);
    std::rotate(label, label + 1, late.messages.end());
    return ReadAll(Rechunked(late, per_episode, "")).damage;
  };
  EXPECT_THAT(damage_with_late_label_of(kEpisodes - 10), ElementsAre(HasSubstr("too late")));
  EXPECT_THAT(damage_with_late_label_of(0), IsEmpty());
}

TEST(ForeignChunks, AnyCompressionAndAnyCut) {
  const std::vector<Episode> episodes = Labelled(3);
  const Contents contents = ContentsOf(WriteAll(episodes));
  for (const char* compression : {"", "lz4", "zstd"}) {
    for (const size_t per_chunk : {1, 7, 13, 1000}) {
      ExpectEpisodes(Rechunked(contents, per_chunk, compression), episodes);
    }
  }
  ExpectEpisodes(Rechunked(contents, 0, ""), episodes);
}

TEST(ForeignChunks, RecordsAreKeptWhereTheChannelsAreOurs) {
  const Bytes file = WriteAll(Labelled(1));
  const ReadResult ours = ReadAll(file);
  const ReadResult cut = ReadAll(Rechunked(ContentsOf(file), 4, "lz4"));
  ASSERT_THAT(cut.episodes, SizeIs(1));
  EXPECT_EQ(cut.episodes[0].records, ours.episodes[0].records);
}

TEST(ForeignChunks, MixedEpisodesAreToldApart) {
  const std::vector<Episode> episodes = Labelled(2);
  const Contents mixed =
      Mixed(ContentsOf(WriteAll({episodes[0]})), ContentsOf(WriteAll({episodes[1]})));
  ExpectEpisodes(Rechunked(mixed, 5, "zstd"), episodes);
}

// The clock of the second run is that of the first: pictures of two episodes have the same stamp.
TEST(ForeignChunks, WhatCannotBeToldApartIsNotGuessed) {
  Episode a = SampleEpisode(0), b = SampleEpisode(0);
  b.id = "another";
  Touch(200, &b.steps[0].observation.image);
  b.steps[1].observation.camera.fx_px += 1;
  const Contents mixed = Mixed(ContentsOf(WriteAll({a})), ContentsOf(WriteAll({b})));
  const ReadResult read = ReadAll(Rechunked(mixed, 5, ""));
  EXPECT_THAT(read.episodes, IsEmpty());
  EXPECT_THAT(read.damage, ElementsAre(HasSubstr("told apart"), HasSubstr("told apart")));
}

TEST(ForeignChunks, AnEpisodeWithoutEndIsDroppedAlone) {
  const std::vector<Episode> episodes = Labelled(3);
  Contents contents = ContentsOf(WriteAll(episodes));
  const size_t each = contents.messages.size() / 3;
  contents.messages.erase(contents.messages.begin() + static_cast<ptrdiff_t>(each) + 4,
                          contents.messages.begin() + static_cast<ptrdiff_t>(2 * each));
  const ReadResult read = ReadAll(Rechunked(contents, 9, "zstd"));
  ASSERT_THAT(read.episodes, SizeIs(2));
  ExpectSameEpisode(read.episodes[1].episode, episodes[2]);
  EXPECT_THAT(read.damage, ElementsAre(HasSubstr("sample-run/1 is lost")));
}

TEST(ForeignChunks, ByIndex) {
  const TempDir dir;
  const std::vector<Episode> episodes = Labelled(3);
  const Contents contents = ContentsOf(WriteAll(episodes));
  for (const size_t per_chunk : {0, 7, 1000}) {
    const Bytes bytes = Rechunked(contents, per_chunk, "");
    const std::string path = dir.File("a.mcap");
    ASSERT_TRUE(WriteWholeFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                               Overwrite::kYes)
                    .ok());
    const auto reader = IndexedEpisodeReader::Open(path);
    ASSERT_TRUE(reader.ok()) << reader.status().ToString();
    ASSERT_EQ((*reader)->size(), 3u);
    for (const size_t k : {2, 0, 1}) {
      const auto episode = (*reader)->Read(k);
      ASSERT_TRUE(episode.ok()) << episode.status().ToString();
      ExpectSameEpisode(episode->episode, episodes[k]);
    }
  }
}

TEST(Bag, BecomesOneUnlabelledEpisode) {
  EpisodeReader reader(std::make_unique<MemorySource>(SampleBag(/*raw=*/false)),
                       {.camera_topic = "/cam/image_raw"});
  const auto next = reader.Next();
  ASSERT_TRUE(next.ok() && next->has_value());
  const Episode& episode = (*next)->episode;
  ASSERT_THAT(episode.steps, SizeIs(3));
  EXPECT_EQ(episode.steps[1].stamp_ns, 6'000'000'000);
  ExpectSameImage(episode.steps[1].observation.image, SampleJpeg());
  EXPECT_TRUE(std::isnan(episode.steps[1].action.dx_m));
  EXPECT_TRUE(std::isnan(episode.steps[1].observation.gripper.height_m));
  EXPECT_THAT(episode.labels, IsEmpty());
  EXPECT_THAT(reader.damage(), IsEmpty());
  EXPECT_FALSE((*reader.Next()).has_value());
  // What was made of it can be written and read like any other.
  const ReadResult copy = ReadAll(WriteAll({episode}));
  ASSERT_THAT(copy.episodes, SizeIs(1));
  EXPECT_EQ(copy.episodes[0].episode.content_hash, episode.content_hash);
}

TEST(Bag, RawPicturesBecomeRgbAndStampsAreMadeUp) {
  EpisodeReader reader(std::make_unique<MemorySource>(SampleBag(/*raw=*/true)),
                       {.camera_topic = "/cam/image_raw"});
  const auto next = reader.Next();
  ASSERT_TRUE(next.ok() && next->has_value());
  const Step& step = (*next)->episode.steps.at(2);
  EXPECT_EQ(step.stamp_ns, 1020);
  EXPECT_EQ(step.observation.image.bytes[21], 2);  // blue, green, red in the bag
}

TEST(Bag, SaysWhichTopicsThereAre) {
  const ReadResult without = ReadAll(SampleBag(false));
  EXPECT_THAT(without.damage, ElementsAre(HasSubstr("pictures on /cam/image_raw")));
  EpisodeReader reader(std::make_unique<MemorySource>(SampleBag(false)), {.camera_topic = "/eye"});
  EXPECT_FALSE((*reader.Next()).has_value());
  ASSERT_THAT(reader.damage(), SizeIs(1));
  EXPECT_THAT(reader.damage()[0].status.ToString(), HasSubstr("camera topics: /cam/image_raw"));
}

Bytes CompressedPicture(std::string_view format, ByteSpan bytes) {
  Bytes body;
  CdrWriter cdr(&body);
  cdr.PutTime(0);
  cdr.Put(std::string_view("lens"));
  cdr.Put(format);
  cdr.PutBytes(bytes);
  return body;
}

struct ReadBag {
  size_t num_pictures = 0;
  std::vector<std::string> damage;
};

ReadBag ReadPictures(const char* type, const std::vector<Bytes>& pictures) {
  ReadBag read;
  EpisodeReader reader(std::make_unique<MemorySource>(BagOf(type, pictures)),
                       {.camera_topic = "/cam/image_raw"});
  for (;;) {
    const auto next = reader.Next();
    EXPECT_TRUE(next.ok()) << next.status().ToString();
    if (!next.ok() || !*next) break;
    read.num_pictures += (*next)->episode.steps.size();
  }
  for (const auto& damage : reader.damage()) read.damage.push_back(damage.status.message());
  return read;
}

constexpr char kCompressed[] = "sensor_msgs/msg/CompressedImage";

TEST(Bag, AJpegIsToldByItsBytes) {
  const SharedBytes jpeg = SampleJpeg().bytes;
  std::vector<Bytes> pictures;
  for (const char* format : {"jpeg", "JPEG", "jpg", "", "bgr8; jpeg compressed bgr8", "png"}) {
    pictures.push_back(CompressedPicture(format, jpeg));
  }
  const ReadBag read = ReadPictures(kCompressed, pictures);
  EXPECT_EQ(read.num_pictures, pictures.size());
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST(Bag, WhatIsNoPictureIsLeftOutAndCounted) {
  const Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13};
  const Bytes good = CompressedPicture("jpeg", SampleJpeg().bytes);
  ReadBag read =
      ReadPictures(kCompressed, {CompressedPicture("jpeg", png), good,
                                 CompressedPicture("jpeg", {}), CompressedPicture("png", png)});
  EXPECT_EQ(read.num_pictures, 1u);
  EXPECT_THAT(
      read.damage,
      ::testing::UnorderedElementsAre(
          "CompressedImage: what it holds is no picture that can be read; 2 pictures left out",
          "CompressedImage: the format \"png\" is not JPEG; 1 picture left out"));
  Bytes empty, raw;
  EncodeImage({ImageEncoding::kRgb8, 0, 0, {}}, 0, "lens", &empty);
  EncodeImage(SampleRaw(1), 0, "lens", &raw);
  read = ReadPictures("sensor_msgs/msg/Image", {empty, raw, empty});
  EXPECT_EQ(read.num_pictures, 1u);
  EXPECT_THAT(
      read.damage,
      ElementsAre("Image: what it holds is no picture that can be read; 2 pictures left out"));
}

TEST(Bag, ATopicWithoutAMessageIsNamedAsThat) {
  EXPECT_THAT(ReadPictures(kCompressed, {}).damage,
              ElementsAre("has no CDR message on /cam/image_raw"));
}

TEST(Bag, TheFlagChangesNothingForEpisodes) {
  const Bytes file = WriteAll({SampleEpisode(0)});
  EpisodeReader reader(std::make_unique<MemorySource>(file),
                       {.camera_topic = "/camera/image/compressed"});
  const auto next = reader.Next();
  ASSERT_TRUE(next.ok() && next->has_value());
  ExpectSameEpisode((*next)->episode, SampleEpisode(0));
}

// lz4 and its limits.
TEST(Lz4, UnpacksExactlyWhatIsStated) {
  const Bytes records(100'000, 7);
  mcap::Chunk chunk;
  chunk.compression = "lz4";
  const Bytes packed = mcap::CompressLz4(records);
  chunk.records = packed;
  Bytes out;
  chunk.uncompressed_bytes = records.size();
  ASSERT_TRUE(mcap::UnpackChunk(chunk, &out).ok());
  EXPECT_EQ(out, records);
  for (const uint64_t wrong : {records.size() - 1, records.size() + 1, size_t{0}}) {
    chunk.uncompressed_bytes = wrong;
    EXPECT_FALSE(mcap::UnpackChunk(chunk, &out).ok()) << wrong;
  }
  chunk.uncompressed_bytes = records.size();
  chunk.records = ByteSpan(packed).first(packed.size() - 5);
  EXPECT_FALSE(mcap::UnpackChunk(chunk, &out).ok());
}

}  // namespace
}  // namespace qt::episodes

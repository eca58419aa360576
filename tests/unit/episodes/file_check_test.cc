// SPDX-License-Identifier: Apache-2.0
// Every rule of formats/episode/SPEC.md, section 7, broken once: the finding names it.
#include "episodes/file_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "episodes/episode_writer.h"
#include "mcap/mcap.h"
#include "support/foreign_mcap.h"
#include "unit/episodes/episode_test_util.h"
#include "unit/episodes/mcap_test_util.h"

namespace qt::episodes {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Rules = std::vector<std::pair<std::string, uint64_t>>;  // and where

Rules Check(const Bytes& file, CheckTotals* totals = nullptr) {
  Rules rules;
  CheckTotals own;
  const Status status = CheckFile(
      std::make_unique<MemorySource>(file), {}, 100,
      [&](const Finding& finding) { rules.emplace_back(finding.rule, finding.offset_bytes); },
      totals != nullptr ? totals : &own);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return rules;
}

// A small file of another writer, record by record, with an index of everything and no checksums.
class Draft {
 public:
  Draft() { Start("ros2", "another writer"); }
  Draft(const std::string& profile, const std::string& library) { Start(profile, library); }

  uint64_t at() const { return bytes_.size(); }
  uint64_t Add(uint8_t op, ByteSpan body) {
    const uint64_t place = at();
    AppendRecord(op, body, &bytes_);
    return place;
  }
  template <typename Record>
  uint64_t Put(const Record& record) {
    mcap::Builder builder;
    builder.Put(record);
    const uint64_t place = at();
    AppendTo(builder.bytes(), &bytes_);
    return place;
  }
  // A chunk of these records, with times as stated; its index is kept for the summary.
  uint64_t Chunk(ByteSpan records, uint64_t start, uint64_t end) {
    Bytes chunk = ChunkOf(records, "");
    std::memcpy(chunk.data() + 9, &start, 8);
    std::memcpy(chunk.data() + 17, &end, 8);
    index_ = {start, end, at(), chunk.size(), {}, 0, "", records.size(), records.size()};
    AppendTo(chunk, &bytes_);
    return index_.offset;
  }
  mcap::ChunkIndex& index() { return index_; }
  // DataEnd, the records of `summary`, and the end.
  Bytes Finish(const std::function<void()>& summary = nullptr) {
    Add(mcap::kDataEnd, Bytes(4, 0));
    const uint64_t start = at();
    if (summary) summary();
    mcap::Builder footer;
    footer.Put(at() > start ? start : uint64_t{0});
    footer.Put(uint64_t{0});
    footer.Put(uint32_t{0});
    Add(mcap::kFooter, footer.bytes());
    AppendTo(mcap::kMagic, &bytes_);
    return bytes_;
  }

 private:
  void Start(const std::string& profile, const std::string& library) {
    AppendTo(mcap::kMagic, &bytes_);
    mcap::Builder header;
    header.Put(std::string_view(profile));
    header.Put(std::string_view(library));
    Add(mcap::kHeader, header.bytes());
  }
  Bytes bytes_;
  mcap::ChunkIndex index_;
};

const mcap::Schema kSchema = {1, "a/msg/B", "ros2msg", "int32 x"};
const mcap::Channel kChannel = {1, 1, "/b", "cdr", {}};

mcap::Message MessageAt(uint64_t time) { return {1, 0, time, time, {}}; }

Bytes Messages(std::initializer_list<uint64_t> times) {
  mcap::Builder builder;
  for (const uint64_t time : times) builder.Put(MessageAt(time));
  return builder.bytes();
}

// None of these files has episodes, which is a finding of its own.
void ExpectFinding(const Bytes& file, const std::string& rule, uint64_t offset) {
  EXPECT_THAT(Check(file), Contains(Pair(rule, offset))) << rule;
}

TEST(FileCheck, GoodFilesHaveNoFindings) {
  CheckTotals totals;
  EXPECT_THAT(Check(WriteAll({SampleEpisode(0), SampleEpisode(1)}), &totals), IsEmpty());
  EXPECT_EQ(totals.episodes, 2u);
  EXPECT_EQ(totals.chunks, 2u);
  Draft draft;
  draft.Put(kSchema);
  draft.Put(kChannel);
  draft.Chunk(Messages({3, 5}), 3, 5);
  const Rules rules = Check(draft.Finish([&] {
    draft.Put(kSchema);
    draft.Put(kChannel);
    draft.Put(draft.index());
  }));
  EXPECT_THAT(rules, ElementsAre(Pair("damage", 8)));  // no episodes
}

TEST(FileCheck, TextThatIsNoUtf8) {
  const std::string latin1 = "caf\xe9";
  ExpectFinding(Draft(latin1, "library").Finish(), "utf-8", 8);
  Draft draft;
  const uint64_t schema = draft.Put(mcap::Schema{1, latin1, "ros2msg", "\xff is data"});
  const uint64_t topic = draft.Put(mcap::Channel{1, 1, latin1, "cdr", {}});
  const uint64_t map = draft.Put(mcap::Channel{2, 1, "/b", "cdr", {{"key", latin1}}});
  const uint64_t metadata = draft.Put(mcap::Metadata{"name", {{latin1, "value"}}});
  const Bytes file = draft.Finish();
  for (const uint64_t at : {schema, topic, map, metadata}) ExpectFinding(file, "utf-8", at);
}

// Whatever a command line or another program named, our own files keep the rule.
TEST(FileCheck, OurOwnFilesHoldValidTextOnly) {
  Episode episode = SampleEpisode(0);
  episode.policy = "caf\xe9.safetensors";
  episode.labels = {SampleLabel(episode,
                                "l\xe9"
                                "o",
                                true)};
  episode.labels[0].content_hash = ComputeContentHash(episode);
  const Bytes file = WriteAll({episode}, {"", "t", "qt-collect caf\xe9", {}, {}});
  EXPECT_THAT(Check(file), IsEmpty());
}

TEST(FileCheck, Declarations) {
  Draft a("ros3", "");
  ExpectFinding(a.Finish(), "library", 8);
  ExpectFinding(a.Finish(), "profile", 8);
  Draft b;
  const uint64_t zero = b.Put(mcap::Schema{0, "x", "ros2msg", "y"});
  const uint64_t no_encoding = b.Put(mcap::Schema{2, "x", "", "y"});
  const uint64_t unknown = b.Put(mcap::Channel{5, 9, "/t", "cdr", {}});
  b.Put(kSchema);
  const uint64_t again = b.Put(kSchema);
  const uint64_t differs = b.Put(mcap::Schema{1, "other", "ros2msg", "z"});
  b.Put(kChannel);
  const uint64_t channel_again = b.Put(kChannel);
  const uint64_t channel_differs = b.Put(mcap::Channel{1, 1, "/other", "cdr", {}});
  uint64_t only_schema = 0, only_channel = 0;
  const Bytes file = b.Finish([&] {
    only_schema = b.Put(mcap::Schema{7, "late", "ros2msg", "z"});
    only_channel = b.Put(mcap::Channel{7, 7, "/late", "cdr", {}});
  });
  ExpectFinding(file, "schema-id", zero);
  ExpectFinding(file, "schema-encoding", no_encoding);
  ExpectFinding(file, "channel-schema", unknown);
  ExpectFinding(file, "repeated-schema", again);
  ExpectFinding(file, "schema-differs", differs);
  ExpectFinding(file, "repeated-channel", channel_again);
  ExpectFinding(file, "channel-differs", channel_differs);
  ExpectFinding(file, "summary-schema", only_schema);
  ExpectFinding(file, "summary-channel", only_channel);
}

TEST(FileCheck, Messages) {
  Draft draft;
  const uint64_t early = draft.Put(MessageAt(7));
  draft.Put(kSchema);
  draft.Put(kChannel);
  const uint64_t back = draft.Put(MessageAt(5));
  const uint64_t private_record = draft.Add(0x90, Bytes(3, 1));
  draft.Chunk(Messages({8}), 8, 8);
  const Bytes file = draft.Finish([&] { draft.Put(draft.index()); });
  ExpectFinding(file, "message-channel", early);
  ExpectFinding(file, "log-time", back);
  ExpectFinding(file, "unknown-record", private_record);
  ExpectFinding(file, "loose-messages", early);
}

TEST(FileCheck, ChunksAndTheirIndexes) {
  Draft draft;
  draft.Put(kSchema);
  draft.Put(kChannel);
  Bytes records = Messages({3, 5});
  AppendRecord(mcap::kMetadata, Bytes(8, 0), &records);
  const uint64_t chunk = draft.Chunk(records, 3, 6);
  const mcap::ChunkIndex index = draft.index();
  mcap::Builder wrong;
  wrong.Put(uint16_t{1});
  wrong.Put(uint32_t{16});
  wrong.Put(uint64_t{3});
  wrong.Put(uint64_t{77});
  const uint64_t message_index = draft.Add(mcap::kMessageIndex, wrong.bytes());
  const uint64_t forgotten = draft.Chunk(Messages({9}), 9, 9);
  uint64_t elsewhere = 0, disagrees = 0;
  const Bytes file = draft.Finish([&] {
    mcap::ChunkIndex other = index;
    other.offset = 12345;
    elsewhere = draft.Put(other);
    disagrees = draft.Put(index);
  });
  ExpectFinding(file, "illegal-record", chunk);
  ExpectFinding(file, "chunk-times", chunk);
  ExpectFinding(file, "message-index", message_index);
  ExpectFinding(file, "chunk-index", forgotten);
  ExpectFinding(file, "chunk-index", elsewhere);
  ExpectFinding(file, "chunk-index", disagrees);  // it does not know of the message index
}

TEST(FileCheck, SummaryAndFooter) {
  Draft draft;
  draft.Put(mcap::Metadata{"m", {}});
  uint64_t statistics = 0, metadata = 0, offset = 0, torn = 0;
  const Bytes file = draft.Finish([&] {
    mcap::Builder body;
    body.Put(uint64_t{3});  // messages that are not there
    for (int i = 0; i < 38; ++i) body.Put(uint8_t{0});
    statistics = draft.Add(mcap::kStatistics, body.bytes());
    mcap::Builder index;
    index.Put(uint64_t{1});
    index.Put(uint64_t{2});
    index.Put(std::string_view("m"));
    metadata = draft.Add(mcap::kMetadataIndex, index.bytes());
    torn = draft.Add(mcap::kStatistics, body.bytes());
    mcap::Builder group;
    group.Put(uint8_t{mcap::kStatistics});
    group.Put(uint64_t{4});
    group.Put(uint64_t{4});
    offset = draft.Add(mcap::kSummaryOffset, group.bytes());
  });
  ExpectFinding(file, "statistics", statistics);
  ExpectFinding(file, "metadata-index", metadata);
  ExpectFinding(file, "summary-order", torn);
  ExpectFinding(file, "statistics", torn);
  ExpectFinding(file, "summary-offset", offset);
  ExpectFinding(file, "footer", file.size() - 8 - mcap::kFooterBytes);  // offsets, but none stated

  Bytes sum = WriteAll({SampleEpisode(0)});
  sum[sum.size() - 8 - 1] ^= 1;
  EXPECT_THAT(Check(sum), ElementsAre(Pair("summary-crc", sum.size() - 8 - mcap::kFooterBytes)));
}

TEST(FileCheck, Attachments) {
  Draft draft;
  mcap::Builder body;
  body.Put(uint64_t{1});
  body.Put(uint64_t{1});
  body.Put(std::string_view("n"));
  body.Put(std::string_view("t"));
  body.Put(uint64_t{0});
  body.Put(uint32_t{5});
  const uint64_t attachment = draft.Add(mcap::kAttachment, body.bytes());
  uint64_t index = 0;
  const Bytes file = draft.Finish([&] {
    mcap::Builder wrong;
    for (int i = 0; i < 5; ++i) wrong.Put(uint64_t{7});
    wrong.Put(std::string_view("n"));
    wrong.Put(std::string_view("t"));
    index = draft.Add(mcap::kAttachmentIndex, wrong.bytes());
  });
  ExpectFinding(file, "attachment-crc", attachment);
  ExpectFinding(file, "attachment-index", index);
}

TEST(FileCheck, FilesThatEndOtherwise) {
  Draft draft;
  Bytes file = draft.Finish();
  const size_t end = FindRecord(file, mcap::kDataEnd, 0);
  file.erase(file.begin() + static_cast<ptrdiff_t>(end),
             file.begin() + static_cast<ptrdiff_t>(end + 13));
  ExpectFinding(file, "no-data-end", end);
  Bytes cut = WriteAll({SampleEpisode(0)});
  cut.resize(cut.size() - 20);
  EXPECT_THAT(Check(cut), ElementsAre(Pair("damage", ::testing::_)));
}

TEST(FileCheck, WhatOurWriterPromises) {
  const Contents contents = ContentsOf(WriteAll({SampleEpisode(0), SampleEpisode(1)}));
  Bytes file = Rechunked(contents, 1000, "lz4");
  EXPECT_THAT(Check(file), ::testing::Not(Contains(Pair("own-chunk", ::testing::_))));
  const std::string_view theirs = "another writer", ours = "qt-tools 0.0.0";
  std::copy(ours.begin(), ours.end(),
            std::search(file.begin(), file.end(), theirs.begin(), theirs.end()));
  EXPECT_THAT(Check(file), Contains(Pair("own-chunk", ::testing::_)));
  const Bytes joined = Joined(WriteAll({SampleEpisode(0)}), WriteAll({SampleEpisode(0)}));
  const size_t second = joined.size() / 2;
  EXPECT_THAT(Check(joined), ElementsAre(Pair("joined-files", second + 8),
                                         Pair("duplicate-episode", ::testing::_)));
}

TEST(FileCheck, EpisodesAreLookedInto) {
  Episode episode = SampleEpisode(0);
  episode.labels = {SampleLabel(episode, "sim", true)};
  episode.steps[1].action.dx_m = std::numeric_limits<float>::quiet_NaN();
  episode.steps[2].observation.image.bytes = {1, 2, 3};
  const Rules rules = Check(WriteAll({episode}));
  std::vector<std::string> names;
  for (const auto& [rule, offset] : rules) names.push_back(rule);
  EXPECT_THAT(names, ElementsAre("label-hash", "action"));

  StoredEpisode stored = ReadAll(WriteAll({SampleEpisode(0)})).episodes[0];
  const SharedBytes jpeg = SampleJpeg().bytes;
  const auto picture =
      std::search(stored.records.begin(), stored.records.end(), jpeg.begin(), jpeg.end());
  ASSERT_NE(picture, stored.records.end());
  Bytes touched = stored.records.ToBytes();
  touched[size_t(picture - stored.records.begin()) + 300] ^= 1;
  stored.records = std::move(touched);
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  ASSERT_TRUE(writer.WriteCopy(stored, {}).ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_THAT(Check(bytes), ElementsAre(Pair("content-hash", ::testing::_)));
}

}  // namespace
}  // namespace qt::episodes

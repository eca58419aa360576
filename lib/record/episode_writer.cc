#include "record/episode_writer.h"

#include <algorithm>
#include <cstring>

#include "base/build_info.h"
#include "base/check.h"
#include "record/episode_encoder.h"
#include "record/episode_layout.h"
#include "record/mcap_writer.h"

namespace qt::record {
namespace {

constexpr int kZstdLevel = 1;
constexpr int kZstdLevelForRaw = 3;  // JPEG does not compress further; raw pictures do

using StringMap = std::map<std::string, std::string>;

StringMap ProgramRecord(const Lineage& lineage) {
  StringMap record = lineage.extra;
  record["tool"] = lineage.tool;
  record["command_line"] = lineage.command_line;
  if (!lineage.run_id.empty()) record["run_id"] = lineage.run_id;
  return record;
}

struct CopyRange {
  uint64_t first = 0, last = 0;
  bool any = false;
};

// Collects topics and the range of log times of copied records; adds `shift` to their log times.
CopyRange ScanCopy(uint64_t shift, EncodedEpisode* encoded) {
  CopyRange range;
  const Status walked =
      mcap::ForEachRecord(encoded->records, [&](const mcap::RecordView& record) -> Status {
        QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
        const uint64_t time = message.log_time + shift;
        range.first = range.any ? std::min(range.first, time) : time;
        range.last = range.any ? std::max(range.last, time) : time;
        range.any = true;
        encoded->topics.insert(static_cast<Topic>(message.channel_id));
        const size_t field = record.offset + mcap::kFramingBytes + 6;  // after channel and sequence
        std::memcpy(encoded->records.data() + field, &time, sizeof time);
        return Ok();
      });
  QT_CHECK(walked.ok(), walked.message());
  return range;
}

}  // namespace

struct EpisodeWriter::Impl {
  Impl(std::unique_ptr<ByteSink> sink, Lineage the_lineage)
      : writer(std::move(sink)), lineage(std::move(the_lineage)) {}

  // What stands before the first episode.
  Status Start() {
    if (started) return Ok();
    started = true;
    QT_TRY(writer.Start("ros2", std::string(kLibraryPrefix) + Version()));
    for (uint16_t id = 1; id <= kNumCommonTopics; ++id) QT_TRY(Declare(static_cast<Topic>(id)));
    return WriteLineage();
  }

  Status WriteLineage() {
    if (!lineage.run_id.empty())
      QT_TRY(writer.Add(mcap::Metadata{"qt.run", {{"run_id", lineage.run_id}}}));
    std::vector<StringMap> programs = lineage.inherited;
    programs.push_back(ProgramRecord(lineage));
    for (size_t i = 0; i < programs.size(); ++i) {
      QT_TRY(writer.Add(mcap::Metadata{"qt.program." + std::to_string(i + 1), programs[i]}));
    }
    return Ok();
  }

  Status Declare(Topic topic) {
    const mcap::Channel channel = ChannelFor(topic);
    if (writer.HasChannel(channel.id)) return Ok();
    if (!declared_schemas.contains(channel.schema_id)) {
      declared_schemas.insert(channel.schema_id);
      QT_TRY(writer.Add(SchemaFor(topic)));
    }
    return writer.Add(channel);
  }

  Status WriteChunk(const EncodedEpisode& encoded) {
    QT_TRY(Start());
    for (Topic topic : encoded.topics) QT_TRY(Declare(topic));
    const bool raw =
        encoded.topics.contains(Topic::kRawImage) || encoded.topics.contains(Topic::kRawCheck);
    if (encoded.records.size() > mcap::kMaxChunkBytes) {
      return Failed("an episode of " + std::to_string(encoded.records.size()) +
                    " bytes is too large for one chunk");
    }
    QT_TRY(writer.AddChunk(encoded.records, raw ? kZstdLevelForRaw : kZstdLevel));
    ++num_episodes;
    return Ok();
  }

  mcap::Writer writer;
  Lineage lineage;
  LogClock clock;
  std::set<uint16_t> declared_schemas;
  bool started = false;
  uint64_t num_episodes = 0;
};

EpisodeWriter::EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage)
    : impl_(std::make_unique<Impl>(std::move(sink), std::move(lineage))) {}

EpisodeWriter::~EpisodeWriter() = default;

Status EpisodeWriter::Write(const Episode& episode) {
  return impl_->WriteChunk(EncodeRecords(episode, &impl_->clock));
}

Status EpisodeWriter::WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) {
  if (stored.records.empty()) {
    Episode episode = stored.episode;
    episode.labels.insert(episode.labels.end(), new_labels.begin(), new_labels.end());
    return Write(episode);
  }
  EncodedEpisode encoded;
  encoded.records = stored.records;
  const CopyRange as_is = ScanCopy(0, &encoded);
  const uint64_t shift = impl_->clock.ShiftFor(as_is.first);
  if (shift > 0) ScanCopy(shift, &encoded);
  impl_->clock.Advance(as_is.last + shift);
  AppendLabels(stored.episode, new_labels, stored.episode.labels.size(), &impl_->clock, &encoded);
  return impl_->WriteChunk(encoded);
}

Status EpisodeWriter::Finish() {
  QT_TRY(impl_->Start());
  return impl_->writer.Finish();
}

void EpisodeWriter::Discard() { impl_->writer.Discard(); }

uint64_t EpisodeWriter::num_episodes() const { return impl_->num_episodes; }

}  // namespace qt::record

#include "episodes/episode_writer.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/build_info.h"
#include "base/check.h"
#include "base/digest.h"
#include "episodes/episode_encoder.h"
#include "episodes/episode_layout.h"
#include "mcap/mcap_writer.h"

namespace qt::episodes {
namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kRoomForLabels_bytes = 4096;  // usually enough: no second copy for their sake
constexpr int kZstdLevelForRaw = 3;            // JPEG does not compress further; raw pictures do

Program ProgramRecord(const Lineage& lineage) {
  Program record = lineage.extra;
  record["tool"] = lineage.tool;
  record["command_line"] = lineage.command_line;
  if (!lineage.run_id.empty()) record["run_id"] = lineage.run_id;
  return record;
}

struct CopyRange {
  uint64_t first = 0, last = 0;
  bool any = false;
};

// Visits copied records, which were parsed when they were read.
void ForEachMessage(ByteSpan records,
                    const std::function<void(const mcap::Message&, uint64_t offset)>& visit) {
  const Status walked = mcap::ForEachRecord(records, [&](const mcap::RecordView& record) -> Status {
    QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
    visit(message, record.offset);
    return Ok();
  });
  QT_CHECK(walked.ok(), walked.message());
}

// The topics and the range of log times of copied records.
CopyRange ScanCopy(ByteSpan records, std::set<Topic>* topics) {
  CopyRange range;
  ForEachMessage(records, [&](const mcap::Message& message, uint64_t) {
    const uint64_t time = message.log_time;
    range.first = range.any ? std::min(range.first, time) : time;
    range.last = range.any ? std::max(range.last, time) : time;
    range.any = true;
    topics->insert(static_cast<Topic>(message.channel_id));
  });
  return range;
}

void ShiftTimes(uint64_t shift, Bytes* records) {
  ForEachMessage(*records, [&](const mcap::Message& message, uint64_t offset) {
    const uint64_t time = message.log_time + shift;
    const size_t field = offset + mcap::kFramingBytes + 6;  // after channel and sequence
    std::memcpy(records->data() + field, &time, sizeof time);
  });
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
    for (const Program& program : lineage.inherited) QT_TRY(WriteProgram(program));
    num_inherited = lineage.inherited.size();
    return WriteProgram(ProgramRecord(lineage));
  }

  Status WriteProgram(const Program& program) {
    return writer.Add(mcap::Metadata{"qt.program." + std::to_string(++num_programs), program});
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

  Status Begin(const std::set<Topic>& topics) {
    QT_TRY(Start());
    for (Topic topic : topics) QT_TRY(Declare(topic));
    return Ok();
  }

  Status WriteChunk(ByteSpan records, const std::set<Topic>& topics) {
    QT_TRY(Begin(topics));
    const bool raw = topics.contains(Topic::kRawImage) || topics.contains(Topic::kRawCheck);
    if (records.size() > mcap::kMaxChunkBytes) {
      return Failed("an episode of " + std::to_string(records.size()) +
                    " bytes is too large for one chunk");
    }
    QT_TRY(writer.AddChunk(records, raw ? kZstdLevelForRaw : kZstdLevel));
    ++num_episodes;
    return Ok();
  }

  mcap::Writer writer;
  Lineage lineage;
  LogClock clock;
  std::set<uint16_t> declared_schemas;
  bool started = false;
  size_t num_inherited = 0, num_programs = 0;
  uint64_t num_episodes = 0, num_verbatim = 0;
};

EpisodeWriter::EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage)
    : impl_(std::make_unique<Impl>(std::move(sink), std::move(lineage))) {}

EpisodeWriter::~EpisodeWriter() = default;

Status EpisodeWriter::Write(const Episode& episode) {
  const EncodedEpisode encoded = EncodeRecords(episode, &impl_->clock);
  return impl_->WriteChunk(encoded.records, encoded.topics);
}

Status EpisodeWriter::WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) {
  if (stored.records.empty()) {
    Episode episode = stored.episode;
    episode.labels.insert(episode.labels.end(), new_labels.begin(), new_labels.end());
    return Write(episode);
  }
  EncodedEpisode encoded;
  encoded.content_hash = stored.episode.content_hash;
  const CopyRange as_is = ScanCopy(stored.records, &encoded.topics);
  const uint64_t shift = impl_->clock.ShiftFor(as_is.first);
  impl_->clock.Advance(as_is.last + shift);
  if (shift == 0 && new_labels.empty() && !stored.compressed.empty()) {
    QT_TRY(impl_->Begin(encoded.topics));
    ++impl_->num_episodes;
    ++impl_->num_verbatim;
    return impl_->writer.AddCompressedChunk(stored.records, stored.compressed);
  }
  if (shift == 0 && new_labels.empty()) {
    return impl_->WriteChunk(stored.records, encoded.topics);
  }
  encoded.records.reserve(stored.records.size() + kRoomForLabels_bytes);
  encoded.records.assign(stored.records.begin(), stored.records.end());
  if (shift > 0) ShiftTimes(shift, &encoded.records);
  AppendLabels(stored.episode, new_labels, stored.episode.labels.size(), &impl_->clock, &encoded);
  return impl_->WriteChunk(encoded.records, encoded.topics);
}

Status EpisodeWriter::Finish() {
  QT_TRY(impl_->Start());
  return impl_->writer.Finish();
}

void EpisodeWriter::Discard() { impl_->writer.Discard(); }

uint64_t EpisodeWriter::num_episodes() const { return impl_->num_episodes; }
uint64_t EpisodeWriter::num_verbatim() const { return impl_->num_verbatim; }

Status EpisodeWriter::Inherit(std::span<const Program> programs) {
  if (!impl_->started) {
    if (programs.size() > impl_->lineage.inherited.size()) {
      impl_->lineage.inherited.assign(programs.begin(), programs.end());
    }
    return Ok();
  }
  for (; impl_->num_inherited < programs.size(); ++impl_->num_inherited) {
    QT_TRY(impl_->WriteProgram(programs[impl_->num_inherited]));
  }
  return Ok();
}

EpisodeDigest DigestOf(const StoredEpisode& stored) {
  LogClock clock;
  Bytes encoded;
  if (stored.records.empty()) encoded = EncodeRecords(stored.episode, &clock).records;
  ContentHash hash;
  ForEachMessage(stored.records.empty() ? ByteSpan(encoded) : ByteSpan(stored.records),
                 [&](const mcap::Message& message, uint64_t) {
                   constexpr size_t kStampEnd = 12;  // of a Label: CDR header and stamp
                   const bool label = message.channel_id == uint16_t(Topic::kLabel);
                   const uint64_t length = message.data.size();
                   mcap::Builder head;
                   head.Put(message.channel_id);
                   head.Put(length);
                   hash.Update(head.bytes());
                   hash.Update(message.data.subspan(label ? std::min(length, kStampEnd) : 0));
                 });
  return {stored.episode.content_hash, hash.Value()};
}

}  // namespace qt::episodes

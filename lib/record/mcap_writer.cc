#include "record/mcap_writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"

namespace qt::record::mcap {
namespace {

struct Span {
  uint8_t op;
  uint64_t start, length;
};

// (log time, offset in the chunk) of every message, by channel.
using MessageIndexes = std::map<uint16_t, std::vector<std::pair<uint64_t, uint64_t>>>;

MessageIndexes IndexMessages(ByteSpan messages) {
  MessageIndexes indexes;
  const Status walked = ForEachRecord(messages, [&](const RecordView& record) {
    QT_CHECK(record.op == kMessage, "opcode", int{record.op});
    const Result<Message> message = ParseMessage(record.body);
    if (message.ok()) indexes[message->channel_id].emplace_back(message->log_time, record.offset);
    return message.status();
  });
  QT_CHECK(walked.ok(), walked.message());
  return indexes;
}

void SetTimeRange(const MessageIndexes& indexes, ChunkIndex* chunk) {
  bool first = true;
  for (const auto& [id, entries] : indexes) {
    for (const auto& [log_time, offset] : entries) {
      chunk->start_time = first ? log_time : std::min(chunk->start_time, log_time);
      chunk->end_time = first ? log_time : std::max(chunk->end_time, log_time);
      first = false;
    }
  }
}

void PutChunk(const ChunkIndex& index, uint32_t crc, ByteSpan stored, Builder* builder) {
  builder->Begin(kChunk);
  builder->Put(index.start_time);
  builder->Put(index.end_time);
  builder->Put(index.uncompressed_bytes);
  builder->Put(crc);
  builder->Put(std::string_view(index.compression));
  builder->Put(uint64_t{stored.size()});
  builder->PutRaw(stored);
  builder->End();
}

void PutMessageIndex(uint16_t id, const std::vector<std::pair<uint64_t, uint64_t>>& entries,
                     Builder* builder) {
  builder->Begin(kMessageIndex);
  builder->Put(id);
  builder->Put(static_cast<uint32_t>(16 * entries.size()));
  for (const auto& [log_time, offset] : entries) {
    builder->Put(log_time);
    builder->Put(offset);
  }
  builder->End();
}

}  // namespace

Status Writer::Emit(Builder& builder) {
  data_crc_ = Crc32(data_crc_, builder.bytes());
  QT_TRY(sink_->Write(builder.bytes()));
  offset_ += builder.size();
  return Ok();
}

Status Writer::Start(const std::string& profile, const std::string& library) {
  Builder builder;
  builder.PutRaw(kMagic);
  builder.Begin(kHeader);
  builder.Put(std::string_view(profile));
  builder.Put(std::string_view(library));
  builder.End();
  return Emit(builder);
}

Status Writer::Add(Schema schema) {
  QT_CHECK(schema.id != 0);
  Builder builder;
  builder.Put(schema);
  schemas_.push_back(std::move(schema));
  return Emit(builder);
}

Status Writer::Add(Channel channel) {
  QT_CHECK(!HasChannel(channel.id), "channel", channel.id);
  Builder builder;
  builder.Put(channel);
  channels_.push_back(std::move(channel));
  return Emit(builder);
}

Status Writer::Add(const Metadata& metadata) {
  Builder builder;
  builder.Put(metadata);
  metadata_.push_back({offset_, builder.size(), metadata.name});
  return Emit(builder);
}

Status Writer::AddChunk(ByteSpan messages, int zstd_level) {
  const MessageIndexes indexes = IndexMessages(messages);
  ChunkIndex chunk;
  SetTimeRange(indexes, &chunk);
  chunk.offset = offset_;
  chunk.uncompressed_bytes = messages.size();
  chunk.compression = zstd_level > 0 ? "zstd" : "";
  Bytes compressed;
  if (zstd_level > 0) compressed = CompressZstd(messages, zstd_level);
  const ByteSpan stored = zstd_level > 0 ? ByteSpan(compressed) : messages;
  chunk.compressed_bytes = stored.size();

  Builder record;
  PutChunk(chunk, Crc32(0, messages), stored, &record);
  chunk.length = record.size();
  QT_TRY(Emit(record));
  QT_TRY(sink_->Flush());
  sink_->KeepIfAbandoned();

  Builder index;
  for (const auto& [id, entries] : indexes) {
    QT_CHECK(HasChannel(id), "channel", id);
    chunk.message_index_offsets[id] = offset_ + index.size();
    PutMessageIndex(id, entries, &index);
    message_counts_[id] += entries.size();
  }
  chunk.message_index_bytes = index.size();
  chunks_.push_back(std::move(chunk));
  QT_TRY(Emit(index));
  return sink_->Flush();
}

bool Writer::HasChannel(uint16_t id) const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [id](const Channel& channel) { return channel.id == id; });
}

void Writer::PutStatistics(Builder* summary) const {
  uint64_t messages = 0;
  for (const auto& [id, count] : message_counts_) messages += count;
  uint64_t start = chunks_.empty() ? 0 : UINT64_MAX, end = 0;
  for (const ChunkIndex& chunk : chunks_) {
    start = std::min(start, chunk.start_time);
    end = std::max(end, chunk.end_time);
  }
  summary->Begin(kStatistics);
  summary->Put(messages);
  summary->Put(static_cast<uint16_t>(schemas_.size()));
  summary->Put(static_cast<uint32_t>(channels_.size()));
  summary->Put(uint32_t{0});  // attachments
  summary->Put(static_cast<uint32_t>(metadata_.size()));
  summary->Put(static_cast<uint32_t>(chunks_.size()));
  summary->Put(start);
  summary->Put(end);
  summary->Put(static_cast<uint32_t>(10 * message_counts_.size()));
  for (const auto& [id, count] : message_counts_) {
    summary->Put(id);
    summary->Put(count);
  }
  summary->End();
}

// The summary, its offset section and the footer. A file without any schema needs none of it.
Status Writer::EmitSummary(uint64_t summary_start, Builder* summary) {
  std::vector<Span> groups;
  const auto close_group = [&](uint8_t op, size_t start) {
    if (summary->size() > start)
      groups.push_back({op, summary_start + start, summary->size() - start});
  };
  size_t start = 0;
  for (const Schema& schema : schemas_) summary->Put(schema);
  close_group(kSchema, start);
  start = summary->size();
  for (const Channel& channel : channels_) summary->Put(channel);
  close_group(kChannel, start);
  start = summary->size();
  if (!schemas_.empty()) PutStatistics(summary);
  close_group(kStatistics, start);
  start = summary->size();
  for (const ChunkIndex& chunk : chunks_) summary->Put(chunk);
  close_group(kChunkIndex, start);
  start = summary->size();
  for (const MetadataIndex& index : metadata_) {
    summary->Begin(kMetadataIndex);
    summary->Put(index.offset);
    summary->Put(index.length);
    summary->Put(std::string_view(index.name));
    summary->End();
  }
  close_group(kMetadataIndex, start);

  const uint64_t offsets_start = groups.empty() ? 0 : summary_start + summary->size();
  for (const Span& group : groups) {
    summary->Begin(kSummaryOffset);
    summary->Put(group.op);
    summary->Put(group.start);
    summary->Put(group.length);
    summary->End();
  }
  summary->Begin(kFooter);
  summary->Put(groups.empty() ? uint64_t{0} : summary_start);
  summary->Put(offsets_start);
  summary->Put(uint32_t{0});
  summary->End();
  // The checksum covers everything before itself.
  summary->bytes().resize(summary->size() - sizeof(uint32_t));
  summary->Put(Crc32(0, summary->bytes()));
  summary->PutRaw(kMagic);
  return sink_->Write(summary->bytes());
}

Status Writer::Finish() {
  Builder end;
  end.Begin(kDataEnd);
  end.Put(data_crc_);
  end.End();
  QT_TRY(Emit(end));
  Builder summary;
  QT_TRY(EmitSummary(offset_, &summary));
  return sink_->Commit();
}

}  // namespace qt::record::mcap

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

Status Writer::Add(const Attachment& attachment) {
  Builder builder;
  builder.Begin(kAttachment);
  builder.Put(attachment.log_time);
  builder.Put(attachment.create_time);
  builder.Put(std::string_view(attachment.name));
  builder.Put(std::string_view(attachment.media_type));
  builder.Put(uint64_t{attachment.data.size()});
  builder.PutRaw(attachment.data);
  builder.Put(Crc32(0, ByteSpan(builder.bytes()).subspan(kFramingBytes)));
  builder.End();
  attachments_.push_back({offset_, builder.size(), attachment.log_time, attachment.create_time,
                          attachment.data.size(), attachment.name, attachment.media_type});
  return Emit(builder);
}

Status Writer::Add(const Message& message) {
  QT_CHECK(HasChannel(message.channel_id), "channel", message.channel_id);
  Builder builder;
  builder.Put(message);
  Count(message.channel_id, message.log_time);
  return Emit(builder);
}

void Writer::Count(uint16_t channel_id, uint64_t log_time) {
  ++message_counts_[channel_id];
  start_time_ = std::min(start_time_, log_time);
  end_time_ = std::max(end_time_, log_time);
}

Status Writer::AddChunk(ByteSpan records, int zstd_level) {
  if (zstd_level == 0) return EmitChunk(records, "", records);
  return EmitChunk(records, "zstd", CompressZstd(records, zstd_level));
}

Status Writer::AddCompressedChunk(ByteSpan records, ByteSpan zstd) {
  return EmitChunk(records, "zstd", zstd);
}

Status Writer::EmitChunk(ByteSpan records, const std::string& compression, ByteSpan stored) {
  MessageIndexes indexes;
  const Status walked = ForEachRecord(records, [&](const RecordView& record) -> Status {
    if (record.op == kSchema) {
      QT_ASSIGN(Schema schema, ParseSchema(record.body));
      schemas_.push_back(std::move(schema));
    } else if (record.op == kChannel) {
      QT_ASSIGN(Channel channel, ParseChannel(record.body));
      channels_.push_back(std::move(channel));
    } else {
      QT_CHECK(record.op == kMessage, "opcode", int{record.op});
      QT_ASSIGN(const Message message, ParseMessage(record.body));
      QT_CHECK(HasChannel(message.channel_id), "channel", message.channel_id);
      indexes[message.channel_id].emplace_back(message.log_time, record.offset);
      Count(message.channel_id, message.log_time);
    }
    return Ok();
  });
  QT_CHECK(walked.ok(), walked.message());
  ChunkIndex chunk;
  SetTimeRange(indexes, &chunk);
  chunk.offset = offset_;
  chunk.uncompressed_bytes = records.size();
  chunk.compression = compression;
  chunk.compressed_bytes = stored.size();

  Builder record;
  PutChunk(chunk, Crc32(0, records), stored, &record);
  chunk.length = record.size();
  QT_TRY(Emit(record));
  QT_TRY(sink_->Flush());
  sink_->KeepIfAbandoned();

  Builder index;
  for (const auto& [id, entries] : indexes) {
    if (!options_.message_indexes) break;
    chunk.message_index_offsets[id] = offset_ + index.size();
    PutMessageIndex(id, entries, &index);
  }
  chunk.message_index_bytes = index.size();
  chunk_indexes_.Put(chunk);
  ++num_chunks_;
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
  summary->Begin(kStatistics);
  summary->Put(messages);
  summary->Put(static_cast<uint16_t>(schemas_.size()));
  summary->Put(static_cast<uint32_t>(channels_.size()));
  summary->Put(static_cast<uint32_t>(attachments_.size()));
  summary->Put(static_cast<uint32_t>(metadata_.size()));
  summary->Put(num_chunks_);
  summary->Put(messages > 0 ? start_time_ : 0);
  summary->Put(end_time_);
  summary->Put(static_cast<uint32_t>(10 * message_counts_.size()));
  for (const auto& [id, count] : message_counts_) {
    summary->Put(id);
    summary->Put(count);
  }
  summary->End();
}

void Writer::PutMetadataIndexes(Builder* summary) const {
  for (const MetadataIndex& index : metadata_) {
    summary->Begin(kMetadataIndex);
    summary->Put(index.offset);
    summary->Put(index.length);
    summary->Put(std::string_view(index.name));
    summary->End();
  }
}

void Writer::PutAttachmentIndexes(Builder* summary) const {
  for (const AttachmentIndex& index : attachments_) {
    summary->Begin(kAttachmentIndex);
    summary->Put(index.offset);
    summary->Put(index.length);
    summary->Put(index.log_time);
    summary->Put(index.create_time);
    summary->Put(index.data_bytes);
    summary->Put(std::string_view(index.name));
    summary->Put(std::string_view(index.media_type));
    summary->End();
  }
}

// The summary, its offset section and the footer.
Status Writer::EmitSummary(uint64_t summary_start, Builder* summary) {
  std::vector<Span> groups;
  const auto put_group = [&](bool wanted, uint8_t op, const auto& put) {
    const size_t start = summary->size();
    if (wanted) put();
    if (summary->size() == start) return;
    groups.push_back({op, summary_start + start, summary->size() - start});
  };
  const auto put_all = [&](const auto& records) {
    return [&] {
      for (const auto& record : records) summary->Put(record);
    };
  };
  put_group(options_.repeated_schemas, kSchema, put_all(schemas_));
  put_group(options_.repeated_channels, kChannel, put_all(channels_));
  put_group(options_.statistics, kStatistics, [&] { PutStatistics(summary); });
  put_group(options_.chunk_indexes, kChunkIndex, [&] { summary->PutRaw(chunk_indexes_.bytes()); });
  put_group(options_.attachment_indexes, kAttachmentIndex, [&] { PutAttachmentIndexes(summary); });
  put_group(options_.metadata_indexes, kMetadataIndex, [&] { PutMetadataIndexes(summary); });
  const bool any = !groups.empty();
  if (!options_.summary_offsets) groups.clear();

  const uint64_t offsets_start = groups.empty() ? 0 : summary_start + summary->size();
  for (const Span& group : groups) {
    summary->Begin(kSummaryOffset);
    summary->Put(group.op);
    summary->Put(group.start);
    summary->Put(group.length);
    summary->End();
  }
  summary->Begin(kFooter);
  summary->Put(any ? summary_start : uint64_t{0});
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

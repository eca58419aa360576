// SPDX-License-Identifier: Apache-2.0
#include "mcap/mcap_writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "base/text.h"

namespace qt::mcap {
namespace {

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

// All of the record but `stored`, with which it ends.
void PutChunkHead(const ChunkIndex& index, uint32_t crc, ByteSpan stored, Builder* builder) {
  builder->Begin(kChunk);
  builder->Put(index.start_time);
  builder->Put(index.end_time);
  builder->Put(index.uncompressed_bytes);
  builder->Put(crc);
  builder->Put(std::string_view(index.compression));
  builder->Put(uint64_t{stored.size()});
  builder->End(stored.size());
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

void PutMetadataIndex(const MetadataIndex& index, SpillBuffer* indexes) {
  Builder builder;
  builder.Begin(kMetadataIndex);
  builder.Put(index.offset);
  builder.Put(index.length);
  builder.Put(std::string_view(index.name));
  builder.End();
  indexes->Append(builder.bytes());
}

void PutAttachmentIndex(const AttachmentIndex& index, SpillBuffer* indexes) {
  Builder builder;
  builder.Begin(kAttachmentIndex);
  builder.Put(index.offset);
  builder.Put(index.length);
  builder.Put(index.log_time);
  builder.Put(index.create_time);
  builder.Put(index.data_bytes);
  builder.Put(std::string_view(index.name));
  builder.Put(std::string_view(index.media_type));
  builder.End();
  indexes->Append(builder.bytes());
}

StringMap ValidUtf8(const StringMap& map) {
  StringMap valid;
  for (const auto& [key, value] : map) valid[qt::ValidUtf8(key)] = qt::ValidUtf8(value);
  return valid;
}

// What stands behind DataEnd, group by group as it is put, and its checksum.
class Summary {
 public:
  Summary(ByteSink* sink, uint64_t start) : sink_(sink), start_(start), end_(start) {}

  // All records of one kind.
  Status PutGroup(Op op, Builder& records) {
    Note(op, records.size());
    return Write(records.bytes());
  }
  Status PutGroup(Op op, const SpillBuffer& records) {
    Note(op, records.size());
    return records.Read([this](ByteSpan bytes) { return Write(bytes); });
  }

  // Offset section, footer and magic.
  Status End(bool with_offsets) {
    const bool any = !groups_.empty();
    const uint64_t offsets_start = any && with_offsets ? end_ : 0;
    Builder tail;
    if (with_offsets) PutOffsets(&tail);
    tail.Begin(kFooter);
    tail.Put(any ? start_ : uint64_t{0});
    tail.Put(offsets_start);
    tail.Put(uint32_t{0});
    tail.End();
    // The checksum covers everything before itself.
    tail.bytes().resize(tail.size() - sizeof(uint32_t));
    tail.Put(Crc32(crc_, tail.bytes()));
    tail.PutRaw(kMagic);
    return sink_->Write(tail.bytes());
  }

 private:
  void Note(Op op, uint64_t length) {
    if (length > 0) groups_.push_back({op, end_, length});
    end_ += length;
  }

  Status Write(ByteSpan bytes) {
    crc_ = Crc32(crc_, bytes);
    return sink_->Write(bytes);
  }

  void PutOffsets(Builder* tail) const {
    for (const SummaryOffset& group : groups_) {
      tail->Begin(kSummaryOffset);
      tail->Put(group.group);
      tail->Put(group.start);
      tail->Put(group.length);
      tail->End();
    }
  }

  ByteSink* sink_;
  const uint64_t start_;
  uint64_t end_;
  uint32_t crc_ = 0;
  std::vector<SummaryOffset> groups_;
};

}  // namespace

Status Writer::Emit(ByteSpan bytes) {
  data_crc_ = Crc32(data_crc_, bytes);
  QT_TRY(sink_->Write(bytes));
  offset_ += bytes.size();
  return Ok();
}

Status Writer::Start(const std::string& profile, const std::string& library) {
  Builder builder;
  builder.PutRaw(kMagic);
  builder.Begin(kHeader);
  builder.Put(std::string_view(qt::ValidUtf8(profile)));
  builder.Put(std::string_view(qt::ValidUtf8(library)));
  builder.End();
  return Emit(builder.bytes());
}

Status Writer::Add(Schema schema) {
  QT_CHECK(schema.id != 0);
  schema.name = qt::ValidUtf8(schema.name);
  schema.encoding = qt::ValidUtf8(schema.encoding);
  Builder builder;
  builder.Put(schema);
  schemas_.push_back(std::move(schema));
  return Emit(builder.bytes());
}

Status Writer::Add(Channel channel) {
  QT_CHECK(!HasChannel(channel.id), "channel", channel.id);
  channel.topic = qt::ValidUtf8(channel.topic);
  channel.message_encoding = qt::ValidUtf8(channel.message_encoding);
  channel.metadata = ValidUtf8(channel.metadata);
  Builder builder;
  builder.Put(channel);
  channels_.push_back(std::move(channel));
  return Emit(builder.bytes());
}

Status Writer::Add(const Metadata& metadata) {
  const Metadata valid = {qt::ValidUtf8(metadata.name), ValidUtf8(metadata.values)};
  Builder builder;
  builder.Put(valid);
  PutMetadataIndex({offset_, builder.size(), valid.name}, &metadata_indexes_);
  ++num_metadata_;
  return Emit(builder.bytes());
}

Status Writer::Add(const Attachment& attachment) {
  const std::string name = qt::ValidUtf8(attachment.name);
  const std::string media_type = qt::ValidUtf8(attachment.media_type);
  Builder builder;
  builder.Begin(kAttachment);
  builder.Put(attachment.log_time);
  builder.Put(attachment.create_time);
  builder.Put(std::string_view(name));
  builder.Put(std::string_view(media_type));
  builder.Put(uint64_t{attachment.data.size()});
  builder.PutRaw(attachment.data);
  builder.Put(Crc32(0, ByteSpan(builder.bytes()).subspan(kFramingBytes)));
  builder.End();
  PutAttachmentIndex({offset_, builder.size(), attachment.log_time, attachment.create_time,
                      attachment.data.size(), name, media_type},
                     &attachment_indexes_);
  ++num_attachments_;
  return Emit(builder.bytes());
}

Status Writer::Add(const Message& message) {
  QT_CHECK(HasChannel(message.channel_id), "channel", message.channel_id);
  Builder builder;
  builder.Put(message);
  Count(message.channel_id, message.log_time);
  return Emit(builder.bytes());
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

  Builder head;
  PutChunkHead(chunk, Crc32(0, records), stored, &head);
  chunk.length = head.size() + stored.size();
  QT_TRY(Emit(head.bytes()));
  QT_TRY(Emit(stored));
  QT_TRY(sink_->Flush());
  sink_->KeepIfAbandoned();

  Builder index;
  for (const auto& [id, entries] : indexes) {
    if (!options_.message_indexes) break;
    chunk.message_index_offsets[id] = offset_ + index.size();
    PutMessageIndex(id, entries, &index);
  }
  chunk.message_index_bytes = index.size();
  Builder chunk_index;
  chunk_index.Put(chunk);
  chunk_indexes_.Append(chunk_index.bytes());
  ++num_chunks_;
  QT_TRY(Emit(index.bytes()));
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
  summary->Put(num_attachments_);
  summary->Put(num_metadata_);
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

Status Writer::EmitSummary() {
  Summary summary(sink_.get(), offset_);
  const auto put_all = [&](bool wanted, Op op, const auto& records) -> Status {
    Builder group;
    for (const auto& record : records) group.Put(record);
    return wanted ? summary.PutGroup(op, group) : Ok();
  };
  const auto put_index = [&](bool wanted, Op op, const SpillBuffer& records) -> Status {
    return wanted ? summary.PutGroup(op, records) : Ok();
  };
  QT_TRY(put_all(options_.repeated_schemas, kSchema, schemas_));
  QT_TRY(put_all(options_.repeated_channels, kChannel, channels_));
  Builder statistics;
  if (options_.statistics) PutStatistics(&statistics);
  QT_TRY(summary.PutGroup(kStatistics, statistics));
  QT_TRY(put_index(options_.chunk_indexes, kChunkIndex, chunk_indexes_));
  QT_TRY(put_index(options_.attachment_indexes, kAttachmentIndex, attachment_indexes_));
  QT_TRY(put_index(options_.metadata_indexes, kMetadataIndex, metadata_indexes_));
  return summary.End(options_.summary_offsets);
}

Status Writer::Finish() {
  Builder end;
  end.Begin(kDataEnd);
  end.Put(data_crc_);
  end.End();
  QT_TRY(Emit(end.bytes()));
  QT_TRY(EmitSummary());
  return sink_->Commit();
}

}  // namespace qt::mcap

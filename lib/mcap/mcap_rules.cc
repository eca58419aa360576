// SPDX-License-Identifier: Apache-2.0
#include "mcap/mcap_rules.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/digest.h"
#include "base/text.h"

namespace qt::mcap {
namespace {

std::string Number(uint64_t value) { return std::to_string(value); }

// A digest that does not depend on the order in which pairs are added.
uint64_t PairDigest(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

uint64_t TextDigest(const std::string& text) { return Crc32(0, AsBytes(text)); }

uint8_t CompressionNumber(const std::string& name) {
  return name.empty() ? 0 : name == "lz4" ? 1 : name == "zstd" ? 2 : 3;
}

std::string Differs(const char* what, uint64_t is, uint64_t should) {
  return std::string(what) + " is " + Number(is) + ", but should be " + Number(should);
}

// The record with its framing; the scanner keeps them together.
ByteSpan WholeRecord(const ScannedRecord& record) {
  return {record.body.data() - kFramingBytes, record.body.size() + kFramingBytes};
}

}  // namespace

void Rules::Error(const char* rule, std::string message, uint64_t offset) {
  report_(Severity::kError, rule, std::move(message), offset);
}

void Rules::Warn(const char* rule, std::string message, uint64_t offset) {
  report_(Severity::kWarning, rule, std::move(message), offset);
}

template <typename Record>
bool Rules::Parsed(const Result<Record>& parsed, uint64_t offset) {
  if (!parsed.ok()) Error("malformed-record", parsed.status().message(), offset);
  return parsed.ok();
}

// MCAP's own readers give up on a file with other text.
void Rules::CheckText(const std::string& text, const char* where, uint64_t offset) {
  if (IsValidUtf8(text)) return;
  constexpr size_t kMostShown = 80;
  Error("utf-8", "the text \"" + text.substr(0, kMostShown) + "\" of a " + where + " is not UTF-8",
        offset);
}

void Rules::CheckText(const StringMap& map, const char* where, uint64_t offset) {
  for (const auto& [key, value] : map) {
    CheckText(key, where, offset);
    CheckText(value, where, offset);
  }
}

void Rules::Add(const ScannedRecord& record) {
  if (record.op != kMessageIndex) EndOfMessageIndexes();
  if (record.in_summary) return AddSummaryRecord(record);
  switch (record.op) {
    case kHeader:
      return AddHeader(record);
    case kSchema:
      return AddSchema(record.body, record.offset, false);
    case kChannel:
      return AddChannel(record.body, record.offset, false);
    case kMessage:
      if (const auto message = ParseMessage(record.body); Parsed(message, record.offset)) {
        if (loose_messages_++ == 0) first_loose_ = record.offset;
        AddMessage(*message, record.offset);
      }
      return;
    case kChunk:
      return AddChunk(record);
    case kMessageIndex:
      return AddMessageIndex(record);
    case kAttachment:
      return AddAttachment(record);
    case kMetadata:
      return AddMetadata(record);
    case kDataEnd:
      data_end_ = record.offset;
      ended_ = true;
      return;
    case kFooter:
      Error("no-data-end", "the data section has no DataEnd record", record.offset);
      return AddFooter(record);
    default:
      Warn("unknown-record", "a record has the opcode " + Number(record.op), record.offset);
  }
}

void Rules::AddHeader(const ScannedRecord& record) {
  const auto header = ParseHeader(record.body);
  if (!Parsed(header, record.offset)) return;
  CheckText(header->profile, "header", record.offset);
  CheckText(header->library, "header", record.offset);
  if (header->library.empty()) Warn("library", "the header names no library", record.offset);
  if (!header->profile.empty() && header->profile != "ros1" && header->profile != "ros2") {
    Warn("profile", "the profile \"" + header->profile + "\" is not well-known", record.offset);
  }
}

void Rules::AddSchema(ByteSpan body, uint64_t offset, bool in_summary) {
  auto schema = ParseSchema(body);
  if (!Parsed(schema, offset)) return;
  CheckText(schema->name, "schema", offset);
  CheckText(schema->encoding, "schema", offset);
  const uint16_t id = schema->id;
  const std::string name = "the schema " + Number(id);
  if (id == 0) return Error("schema-id", "a schema has the id 0", offset);
  if (schema->encoding.empty() && !schema->data.empty()) {
    Error("schema-encoding", name + " has data, but no encoding", offset);
  }
  const auto known = schemas_.find(id);
  if (known == schemas_.end()) {
    if (in_summary && !damaged_) Error("summary-schema", name + " is in the summary only", offset);
    schemas_.emplace(id, std::move(*schema));
  } else if (known->second != *schema) {
    Error("schema-differs", name + " differs from the one before", offset);
  } else if (!in_summary && repeated_schemas_.insert(id).second) {
    Warn("repeated-schema", name + " is repeated", offset);
  }
}

void Rules::AddChannel(ByteSpan body, uint64_t offset, bool in_summary) {
  auto channel = ParseChannel(body);
  if (!Parsed(channel, offset)) return;
  CheckText(channel->topic, "channel", offset);
  CheckText(channel->message_encoding, "channel", offset);
  CheckText(channel->metadata, "channel", offset);
  const uint16_t id = channel->id;
  const std::string name = "the channel " + Number(id);
  if (channel->schema_id != 0 && !schemas_.contains(channel->schema_id) && !damaged_) {
    Error("channel-schema", name + " has the unknown schema " + Number(channel->schema_id), offset);
  }
  if (in_summary) summary_channels_.insert(id);
  const auto known = channels_.find(id);
  if (known == channels_.end()) {
    if (in_summary && !damaged_) Error("summary-channel", name + " is in the summary only", offset);
    channels_.emplace(id, std::move(*channel));
  } else if (!(known->second == *channel)) {
    Error("channel-differs", name + " differs from the one before", offset);
  } else if (!in_summary && repeated_channels_.insert(id).second) {
    Warn("repeated-channel", name + " is repeated", offset);
  }
}

void Rules::AddMessage(const Message& message, uint64_t offset) {
  const uint16_t id = message.channel_id;
  if (channel_messages_[id]++ == 0 && !channels_.contains(id) && !damaged_) {
    Error("message-channel", "a message comes before its channel " + Number(id), offset);
  }
  if (messages_++ > 0 && message.log_time < last_log_time_ && !std::exchange(backwards_, true)) {
    Warn(
        "log-time",
        "the log time goes back from " + Number(last_log_time_) + " to " + Number(message.log_time),
        offset);
  }
  last_log_time_ = message.log_time;
  start_time_ = std::min(start_time_, message.log_time);
  end_time_ = std::max(end_time_, message.log_time);
}

void Rules::AddChunk(const ScannedRecord& record) {
  const auto chunk = ParseChunk(record.body);
  if (!chunk.ok()) return;  // told as damage
  ChunkSeen& seen = chunks_[record.offset];
  seen = {chunk->start_time,     chunk->end_time,           kFramingBytes + record.length,
          chunk->records.size(), chunk->uncompressed_bytes, CompressionNumber(chunk->compression)};
  last_chunk_ = record.offset;
  last_entries_.clear();
  content_seen_ = false;
}

void Rules::AddChunkContent(const ScannedRecord& record, ByteSpan records) {
  const uint64_t at = record.offset;
  uint64_t start = UINT64_MAX, end = 0, count = 0;
  content_seen_ = true;
  const Status walked = ForEachRecord(records, [&](const RecordView& view) {
    if (view.op == kSchema) AddSchema(view.body, at, false);
    if (view.op == kChannel) AddChannel(view.body, at, false);
    if (view.op != kSchema && view.op != kChannel && view.op != kMessage) {
      Error("illegal-record", std::string("a chunk holds a record of the kind ") + OpName(view.op),
            at);
    }
    if (view.op != kMessage) return Ok();
    const auto message = ParseMessage(view.body);
    if (!Parsed(message, at)) return Ok();
    AddMessage(*message, at);
    Entries& entries = last_entries_[message->channel_id];
    ++entries.count;
    entries.digest += PairDigest(message->log_time, view.offset);
    start = std::min(start, message->log_time);
    end = std::max(end, message->log_time);
    ++count;
    return Ok();
  });
  if (!walked.ok()) Error("malformed-record", walked.message(), at);
  if (count == 0) start = 0;
  const ChunkSeen& seen = chunks_[at];
  if (seen.start_time != start || seen.end_time != end) {
    Error("chunk-times",
          "a chunk of the times " + Number(start) + " to " + Number(end) + " states " +
              Number(seen.start_time) + " to " + Number(seen.end_time),
          at);
  }
}

void Rules::AddMessageIndex(const ScannedRecord& record) {
  const auto index = ParseMessageIndex(record.body);
  if (!Parsed(index, record.offset)) return;
  if (!last_chunk_ && damaged_) return;
  if (!last_chunk_) {
    return Error("message-index", "a message index does not follow a chunk", record.offset);
  }
  ChunkSeen& chunk = chunks_[*last_chunk_];
  chunk.index_bytes += kFramingBytes + record.length;
  chunk.indexes += PairDigest(index->channel_id, record.offset);
  if (!content_seen_) return;
  Entries found;
  for (const auto& [time, offset] : index->entries) {
    ++found.count;
    found.digest += PairDigest(time, offset);
  }
  if (found.count == 0 && !last_entries_.contains(index->channel_id)) return;
  Entries& expected = last_entries_[index->channel_id];
  if (expected.indexed) {
    Error("message-index", "a channel has two message indexes for one chunk", record.offset);
  } else if (expected.count != found.count || expected.digest != found.digest) {
    Error("message-index", "a message index does not fit the messages of its chunk", record.offset);
  }
  expected.indexed = true;
}

void Rules::EndOfMessageIndexes() {
  if (!last_chunk_) return;
  damaged_ = damaged_ || !content_seen_;
  const bool any = chunks_[*last_chunk_].index_bytes > 0;
  for (const auto& [id, entries] : last_entries_) {
    if (any && content_seen_ && !entries.indexed && entries.count > 0) {
      Error("message-index", "the channel " + Number(id) + " has no message index for a chunk",
            *last_chunk_);
    }
  }
  last_chunk_.reset();
}

void Rules::AddAttachment(const ScannedRecord& record) {
  if (record.body.size() < record.length) {  // too large to be kept
    attachments_[record.offset] = {kFramingBytes + record.length, 0, false};
    return;
  }
  const auto attachment = ParseAttachment(record.body);
  if (!Parsed(attachment, record.offset)) return;
  CheckText(attachment->name, "attachment", record.offset);
  CheckText(attachment->media_type, "attachment", record.offset);
  attachments_[record.offset] = {kFramingBytes + record.length, TextDigest(attachment->name),
                                 false};
  const ByteSpan covered = record.body.first(attachment->crc_offset);
  if (attachment->crc != 0 && attachment->crc != Crc32(0, covered)) {
    Error("attachment-crc",
          "the checksum of the attachment " + attachment->name + " does not match", record.offset);
  }
}

void Rules::AddMetadata(const ScannedRecord& record) {
  const auto metadata = ParseMetadata(record.body);
  if (!metadata.ok()) return;  // told as damage
  CheckText(metadata->name, "metadata record", record.offset);
  CheckText(metadata->values, "metadata record", record.offset);
  metadata_[record.offset] = {kFramingBytes + record.length, TextDigest(metadata->name), false};
}

void Rules::AddSummaryRecord(const ScannedRecord& record) {
  if (record.op == kFooter) return AddFooter(record);
  summary_crc_ = Crc32(summary_crc_, WholeRecord(record));
  const uint64_t end = record.offset + kFramingBytes + record.length;
  if (record.op == kSummaryOffset) {
    if (offsets_start_ == 0) offsets_start_ = record.offset;
    return AddSummaryOffset(record);
  }
  if (record.op != last_group_ && groups_.contains(record.op)) {
    Error("summary-order",
          std::string("the summary has the ") + OpName(record.op) + " records in several places",
          record.offset);
  }
  auto& group = groups_.try_emplace(record.op, record.offset, end).first->second;
  group.second = end;
  last_group_ = record.op;
  switch (record.op) {
    case kSchema:
      return AddSchema(record.body, record.offset, true);
    case kChannel:
      return AddChannel(record.body, record.offset, true);
    case kStatistics:
      return AddStatistics(record);
    case kChunkIndex:
      return AddChunkIndex(record);
    case kAttachmentIndex:
      return AddOtherIndex(record, &attachments_);
    case kMetadataIndex:
      return AddOtherIndex(record, &metadata_);
    default:
      Error("illegal-record",
            std::string("the summary holds a record of the kind ") + OpName(record.op),
            record.offset);
  }
}

void Rules::AddChunkIndex(const ScannedRecord& record) {
  const auto index = ParseChunkIndex(record.body);
  if (!Parsed(index, record.offset)) return;
  any_chunk_index_ = true;
  const std::string name = "the index of the chunk at " + Number(index->offset);
  const auto found = chunks_.find(index->offset);
  if (found == chunks_.end() && damaged_) return;
  if (found == chunks_.end()) {
    return Error("chunk-index", name + " points to something else", record.offset);
  }
  ChunkSeen& chunk = found->second;
  if (std::exchange(chunk.indexed, true))
    Error("chunk-index", name + " is there twice", record.offset);
  uint64_t indexes = 0;
  for (const auto& [id, offset] : index->message_index_offsets) indexes += PairDigest(id, offset);
  const bool fits = index->start_time == chunk.start_time && index->end_time == chunk.end_time &&
                    index->length == chunk.length && index->compressed_bytes == chunk.compressed &&
                    index->uncompressed_bytes == chunk.uncompressed &&
                    CompressionNumber(index->compression) == chunk.compression;
  if (!fits) Error("chunk-index", name + " disagrees with it", record.offset);
  if (damaged_) return;
  if (index->message_index_bytes != chunk.index_bytes || indexes != chunk.indexes) {
    Error("chunk-index", name + " disagrees with its message indexes", record.offset);
  }
}

void Rules::AddOtherIndex(const ScannedRecord& record, std::map<uint64_t, Indexed>* seen) {
  const bool is_metadata = record.op == kMetadataIndex;
  uint64_t offset = 0, length = 0, digest = 0;
  if (is_metadata) {
    const auto index = ParseMetadataIndex(record.body);
    if (!Parsed(index, record.offset)) return;
    offset = index->offset, length = index->length, digest = TextDigest(index->name);
  } else {
    const auto index = ParseAttachmentIndex(record.body);
    if (!Parsed(index, record.offset)) return;
    offset = index->offset, length = index->length, digest = TextDigest(index->name);
  }
  const char* rule = is_metadata ? "metadata-index" : "attachment-index";
  const auto found = seen->find(offset);
  if (found == seen->end() && damaged_) return;
  if (found == seen->end() || found->second.length != length ||
      (found->second.digest != 0 && found->second.digest != digest)) {
    return Error(rule, "an index record points to something else", record.offset);
  }
  if (std::exchange(found->second.indexed, true)) {
    Error(rule, "two index records point to the same place", record.offset);
  }
}

void Rules::AddStatistics(const ScannedRecord& record) {
  const auto statistics = ParseStatistics(record.body);
  if (!Parsed(statistics, record.offset)) return;
  if (++num_statistics_ > 1) {
    return Error("statistics", "the summary has several Statistics records", record.offset);
  }
  if (damaged_) return;
  const std::pair<const char*, std::pair<uint64_t, uint64_t>> counts[] = {
      {"the number of messages", {statistics->messages, messages_}},
      {"the number of schemas", {statistics->schemas, schemas_.size()}},
      {"the number of channels", {statistics->channels, channels_.size()}},
      {"the number of attachments", {statistics->attachments, attachments_.size()}},
      {"the number of metadata records", {statistics->metadata, metadata_.size()}},
      {"the number of chunks", {statistics->chunks, chunks_.size()}},
      {"the first log time", {statistics->start_time, messages_ > 0 ? start_time_ : 0}},
      {"the last log time", {statistics->end_time, end_time_}}};
  for (const auto& [what, values] : counts) {
    if (values.first != values.second) {
      Error("statistics", Differs(what, values.first, values.second), record.offset);
    }
  }
  auto stated = statistics->channel_messages;
  std::erase_if(stated, [](const auto& item) { return item.second == 0; });
  if (stated != channel_messages_) {
    Error("statistics", "the numbers of messages by channel are wrong", record.offset);
  }
}

void Rules::AddSummaryOffset(const ScannedRecord& record) {
  const auto offset = ParseSummaryOffset(record.body);
  if (!Parsed(offset, record.offset)) return;
  if (damaged_) return;
  const auto group = groups_.find(offset->group);
  if (offset->length == 0 && group == groups_.end()) return;
  if (group == groups_.end() || group->second.first != offset->start ||
      group->second.second - group->second.first != offset->length) {
    Error("summary-offset",
          std::string("the offset of the ") + OpName(offset->group) + " records is wrong",
          record.offset);
  }
}

void Rules::AddFooter(const ScannedRecord& record) {
  const auto footer = ParseFooter(record.body);
  if (!Parsed(footer, record.offset)) return;
  const uint64_t summary = ended_ ? data_end_ + kFramingBytes + sizeof(uint32_t) : record.offset;
  const uint64_t expected = groups_.empty() ? 0 : summary;
  const bool harmless = groups_.empty() && footer->summary_start == record.offset;
  if (footer->summary_start != expected && !harmless && !damaged_) {
    Error("footer", Differs("summary_start", footer->summary_start, expected), record.offset);
  }
  if (footer->summary_offset_start != offsets_start_ && !damaged_ &&
      (offsets_start_ != 0 || footer->summary_offset_start != record.offset)) {
    Error("footer", Differs("summary_offset_start", footer->summary_offset_start, offsets_start_),
          record.offset);
  }
  const ByteSpan whole = WholeRecord(record);
  const uint32_t crc = Crc32(summary_crc_, whole.first(whole.size() - sizeof(uint32_t)));
  if (footer->summary_crc != 0 && !damaged_ && footer->summary_crc != crc) {
    Error("summary-crc", "the checksum of the summary does not match", record.offset);
  }
  EndOfSummary(record.offset);
}

// Everything has gone by: what should have been in the summary?
void Rules::EndOfSummary(uint64_t offset) {
  for (const auto& [at, chunk] : chunks_) {
    if (any_chunk_index_ && !chunk.indexed) {
      Error("chunk-index", "a chunk has no index, although others have", at);
    }
  }
  if (any_chunk_index_ && loose_messages_ > 0) {
    Warn("loose-messages",
         Number(loose_messages_) + " messages outside of chunks are not found by the index",
         first_loose_);
  }
  if (!any_chunk_index_) return;
  for (const auto& [id, count] : channel_messages_) {
    if (channels_.contains(id) && !summary_channels_.contains(id)) {
      Error("summary-channel", "the channel " + Number(id) + " is not in the summary", offset);
    }
  }
}

void Rules::End() {
  EndOfMessageIndexes();
  *this = Rules(std::move(report_));
}

}  // namespace qt::mcap

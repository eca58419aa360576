// SPDX-License-Identifier: Apache-2.0
#include "mcap/mcap.h"

#include <lz4frame.h>
#include <zstd.h>

#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/digest.h"

namespace qt::mcap {
namespace {

// Reads little-endian fields; after running out of bytes it gives zeros and ok() is false.
class Cursor {
 public:
  explicit Cursor(ByteSpan bytes) : rest_(bytes) {}

  template <typename Number>
  Number Get() {
    Number value{};
    const ByteSpan bytes = Take(sizeof(Number));
    if (ok_) std::memcpy(&value, bytes.data(), sizeof(Number));
    return value;
  }
  std::string GetString() {
    const ByteSpan bytes = Take(Get<uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  StringMap GetMap() {
    Cursor pairs(Take(Get<uint32_t>()));
    StringMap map;
    while (pairs.ok_ && !pairs.rest_.empty()) {
      const std::string key = pairs.GetString();
      map[key] = pairs.GetString();
    }
    ok_ = ok_ && pairs.ok_;
    return map;
  }
  std::map<uint16_t, uint64_t> GetNumbersByChannel() {
    Cursor pairs(Take(Get<uint32_t>()));
    std::map<uint16_t, uint64_t> map;
    while (pairs.ok_ && !pairs.rest_.empty()) {
      const auto id = pairs.Get<uint16_t>();
      map[id] = pairs.Get<uint64_t>();
    }
    ok_ = ok_ && pairs.ok_;
    return map;
  }
  std::vector<std::pair<uint64_t, uint64_t>> GetIndexEntries() {
    Cursor pairs(Take(Get<uint32_t>()));
    std::vector<std::pair<uint64_t, uint64_t>> entries;
    while (pairs.ok_ && !pairs.rest_.empty()) {
      const auto log_time = pairs.Get<uint64_t>();
      entries.emplace_back(log_time, pairs.Get<uint64_t>());
    }
    ok_ = ok_ && pairs.ok_;
    return entries;
  }
  ByteSpan Take(uint64_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const ByteSpan bytes = rest_.first(size);
    rest_ = rest_.subspan(size);
    return bytes;
  }
  ByteSpan rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  ByteSpan rest_;
  bool ok_ = true;
};

Status TooShort(Op op) { return Corrupt(std::string("a ") + OpName(op) + " record is too short"); }

template <typename Record>
Result<Record> Finished(const Cursor& cursor, Op op, Record record) {
  if (!cursor.ok()) return TooShort(op);
  return record;
}

}  // namespace

const char* OpName(uint8_t op) {
  static constexpr std::array<const char*, 16> kNames = {
      "invalid",  "Header",        "Footer",        "Schema",     "Channel",         "Message",
      "Chunk",    "MessageIndex",  "ChunkIndex",    "Attachment", "AttachmentIndex", "Statistics",
      "Metadata", "MetadataIndex", "SummaryOffset", "DataEnd"};
  return op < kNames.size() ? kNames[op] : "unknown";
}

void Builder::Put(std::string_view text) {
  Put(static_cast<uint32_t>(text.size()));
  PutRaw(AsBytes(text));
}

void Builder::Put(const StringMap& map) {
  uint32_t bytes = 0;
  for (const auto& [key, value] : map)
    bytes += static_cast<uint32_t>(8 + key.size() + value.size());
  Put(bytes);
  for (const auto& [key, value] : map) {
    Put(std::string_view(key));
    Put(std::string_view(value));
  }
}

void Builder::Begin(Op op) {
  record_start_ = bytes_.size();
  Put(static_cast<uint8_t>(op));
  Put(uint64_t{0});
}

void Builder::End(uint64_t more) {
  const uint64_t length = bytes_.size() - record_start_ - kFramingBytes + more;
  std::memcpy(bytes_.data() + record_start_ + 1, &length, sizeof length);
}

void Builder::Put(const Schema& schema) {
  Begin(kSchema);
  Put(schema.id);
  Put(std::string_view(schema.name));
  Put(std::string_view(schema.encoding));
  Put(std::string_view(schema.data));
  End();
}

void Builder::Put(const Channel& channel) {
  Begin(kChannel);
  Put(channel.id);
  Put(channel.schema_id);
  Put(std::string_view(channel.topic));
  Put(std::string_view(channel.message_encoding));
  Put(channel.metadata);
  End();
}

void Builder::Put(const Metadata& metadata) {
  Begin(kMetadata);
  Put(std::string_view(metadata.name));
  Put(metadata.values);
  End();
}

void Builder::Put(const Message& message) {
  Begin(kMessage);
  Put(message.channel_id);
  Put(message.sequence);
  Put(message.log_time);
  Put(message.publish_time);
  PutRaw(message.data);
  End();
}

void Builder::Put(const ChunkIndex& index) {
  Begin(kChunkIndex);
  Put(index.start_time);
  Put(index.end_time);
  Put(index.offset);
  Put(index.length);
  Put(static_cast<uint32_t>(10 * index.message_index_offsets.size()));
  for (const auto& [id, offset] : index.message_index_offsets) {
    Put(id);
    Put(offset);
  }
  Put(index.message_index_bytes);
  Put(std::string_view(index.compression));
  Put(index.compressed_bytes);
  Put(index.uncompressed_bytes);
  End();
}

Status ForEachRecord(ByteSpan records, const std::function<Status(const RecordView&)>& visit) {
  uint64_t offset = 0;
  while (offset < records.size()) {
    Cursor cursor(records.subspan(offset));
    RecordView record{cursor.Get<uint8_t>(), {}, offset};
    record.body = cursor.Take(cursor.Get<uint64_t>());
    if (!cursor.ok()) return Corrupt("a record does not fit into its chunk");
    QT_TRY(visit(record));
    offset += kFramingBytes + record.body.size();
  }
  return Ok();
}

Result<Header> ParseHeader(ByteSpan body) {
  Cursor cursor(body);
  Header header;
  header.profile = cursor.GetString();
  header.library = cursor.GetString();
  return Finished(cursor, kHeader, std::move(header));
}

Result<Schema> ParseSchema(ByteSpan body) {
  Cursor cursor(body);
  Schema schema;
  schema.id = cursor.Get<uint16_t>();
  schema.name = cursor.GetString();
  schema.encoding = cursor.GetString();
  schema.data = cursor.GetString();
  return Finished(cursor, kSchema, std::move(schema));
}

Result<Channel> ParseChannel(ByteSpan body) {
  Cursor cursor(body);
  Channel channel;
  channel.id = cursor.Get<uint16_t>();
  channel.schema_id = cursor.Get<uint16_t>();
  channel.topic = cursor.GetString();
  channel.message_encoding = cursor.GetString();
  channel.metadata = cursor.GetMap();
  return Finished(cursor, kChannel, std::move(channel));
}

Result<Message> ParseMessage(ByteSpan body) {
  Cursor cursor(body);
  Message message;
  message.channel_id = cursor.Get<uint16_t>();
  message.sequence = cursor.Get<uint32_t>();
  message.log_time = cursor.Get<uint64_t>();
  message.publish_time = cursor.Get<uint64_t>();
  message.data = cursor.rest();
  return Finished(cursor, kMessage, message);
}

Result<Chunk> ParseChunk(ByteSpan body) {
  Cursor cursor(body);
  Chunk chunk;
  chunk.start_time = cursor.Get<uint64_t>();
  chunk.end_time = cursor.Get<uint64_t>();
  chunk.uncompressed_bytes = cursor.Get<uint64_t>();
  chunk.crc = cursor.Get<uint32_t>();
  chunk.compression = cursor.GetString();
  chunk.records = cursor.Take(cursor.Get<uint64_t>());
  return Finished(cursor, kChunk, std::move(chunk));
}

Result<ChunkIndex> ParseChunkIndex(ByteSpan body) {
  Cursor cursor(body);
  ChunkIndex index;
  index.start_time = cursor.Get<uint64_t>();
  index.end_time = cursor.Get<uint64_t>();
  index.offset = cursor.Get<uint64_t>();
  index.length = cursor.Get<uint64_t>();
  index.message_index_offsets = cursor.GetNumbersByChannel();
  index.message_index_bytes = cursor.Get<uint64_t>();
  index.compression = cursor.GetString();
  index.compressed_bytes = cursor.Get<uint64_t>();
  index.uncompressed_bytes = cursor.Get<uint64_t>();
  return Finished(cursor, kChunkIndex, std::move(index));
}

Result<MessageIndex> ParseMessageIndex(ByteSpan body) {
  Cursor cursor(body);
  MessageIndex index;
  index.channel_id = cursor.Get<uint16_t>();
  index.entries = cursor.GetIndexEntries();
  return Finished(cursor, kMessageIndex, std::move(index));
}

Result<Attachment> ParseAttachment(ByteSpan body) {
  Cursor cursor(body);
  Attachment attachment;
  attachment.log_time = cursor.Get<uint64_t>();
  attachment.create_time = cursor.Get<uint64_t>();
  attachment.name = cursor.GetString();
  attachment.media_type = cursor.GetString();
  attachment.data = cursor.Take(cursor.Get<uint64_t>());
  attachment.crc_offset = body.size() - cursor.rest().size();
  attachment.crc = cursor.Get<uint32_t>();
  return Finished(cursor, kAttachment, std::move(attachment));
}

Result<AttachmentIndex> ParseAttachmentIndex(ByteSpan body) {
  Cursor cursor(body);
  AttachmentIndex index;
  for (uint64_t* field :
       {&index.offset, &index.length, &index.log_time, &index.create_time, &index.data_bytes}) {
    *field = cursor.Get<uint64_t>();
  }
  index.name = cursor.GetString();
  index.media_type = cursor.GetString();
  return Finished(cursor, kAttachmentIndex, std::move(index));
}

Result<Statistics> ParseStatistics(ByteSpan body) {
  Cursor cursor(body);
  Statistics statistics;
  statistics.messages = cursor.Get<uint64_t>();
  statistics.schemas = cursor.Get<uint16_t>();
  for (uint32_t* field :
       {&statistics.channels, &statistics.attachments, &statistics.metadata, &statistics.chunks}) {
    *field = cursor.Get<uint32_t>();
  }
  statistics.start_time = cursor.Get<uint64_t>();
  statistics.end_time = cursor.Get<uint64_t>();
  statistics.channel_messages = cursor.GetNumbersByChannel();
  return Finished(cursor, kStatistics, std::move(statistics));
}

Result<MetadataIndex> ParseMetadataIndex(ByteSpan body) {
  Cursor cursor(body);
  MetadataIndex index;
  index.offset = cursor.Get<uint64_t>();
  index.length = cursor.Get<uint64_t>();
  index.name = cursor.GetString();
  return Finished(cursor, kMetadataIndex, std::move(index));
}

Result<SummaryOffset> ParseSummaryOffset(ByteSpan body) {
  Cursor cursor(body);
  SummaryOffset offset;
  offset.group = cursor.Get<uint8_t>();
  offset.start = cursor.Get<uint64_t>();
  offset.length = cursor.Get<uint64_t>();
  return Finished(cursor, kSummaryOffset, offset);
}

Result<uint32_t> ParseDataEnd(ByteSpan body) {
  Cursor cursor(body);
  const auto crc = cursor.Get<uint32_t>();
  return Finished(cursor, kDataEnd, crc);
}

Result<Metadata> ParseMetadata(ByteSpan body) {
  Cursor cursor(body);
  Metadata metadata;
  metadata.name = cursor.GetString();
  metadata.values = cursor.GetMap();
  return Finished(cursor, kMetadata, std::move(metadata));
}

Result<Footer> ParseFooter(ByteSpan body) {
  Cursor cursor(body);
  Footer footer;
  footer.summary_start = cursor.Get<uint64_t>();
  footer.summary_offset_start = cursor.Get<uint64_t>();
  footer.summary_crc = cursor.Get<uint32_t>();
  return Finished(cursor, kFooter, footer);
}

// --- Packing and unpacking of chunks, with zstd and lz4 ----------------------------------------

namespace {

Status DecompressZstd(ByteSpan compressed, Bytes* records) {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  const size_t n = ZSTD_decompressDCtx(context.get(), records->data(), records->size(),
                                       compressed.data(), compressed.size());
  if (ZSTD_isError(n)) {
    return Corrupt(std::string("a chunk does not decompress: ") + ZSTD_getErrorName(n));
  }
  if (n != records->size()) return Corrupt("a chunk is shorter than stated");
  return Ok();
}

LZ4F_dctx* Lz4Context() {
  static const auto make = [] {
    LZ4F_dctx* context = nullptr;
    QT_ASSERT(!LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)));
    return context;
  };
  thread_local const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(
      make(), &LZ4F_freeDecompressionContext);
  LZ4F_resetDecompressionContext(context.get());
  return context.get();
}

// LZ4 frames, usually one.
Status DecompressLz4(ByteSpan compressed, Bytes* records) {
  LZ4F_dctx* context = Lz4Context();
  size_t have = 0, hint = 1;
  while (!compressed.empty()) {
    size_t room = records->size() - have, used = compressed.size();
    hint =
        LZ4F_decompress(context, records->data() + have, &room, compressed.data(), &used, nullptr);
    if (LZ4F_isError(hint)) {
      return Corrupt(std::string("a chunk does not decompress: ") + LZ4F_getErrorName(hint));
    }
    if (room == 0 && used == 0) return Corrupt("a chunk is longer than stated");
    have += room;
    compressed = compressed.subspan(used);
  }
  if (hint != 0 || have != records->size()) return Corrupt("a chunk is shorter than stated");
  return Ok();
}

Status Decompress(const Chunk& chunk, Bytes* records) {
  if (chunk.compression == "zstd") return DecompressZstd(chunk.records, records);
  if (chunk.compression == "lz4") return DecompressLz4(chunk.records, records);
  if (chunk.records.size() != chunk.uncompressed_bytes) {
    return Corrupt("a chunk does not have the stated size");
  }
  std::copy(chunk.records.begin(), chunk.records.end(), records->begin());
  return Ok();
}

}  // namespace

Bytes CompressZstd(ByteSpan bytes, int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  Bytes out(ZSTD_compressBound(bytes.size()));
  const size_t n =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), bytes.data(), bytes.size(), level);
  QT_ASSERT(!ZSTD_isError(n));  // it only fails for want of room or memory
  out.resize(n);
  return out;
}

Bytes CompressLz4(ByteSpan bytes) {
  Bytes out(LZ4F_compressFrameBound(bytes.size(), nullptr));
  const size_t n = LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), nullptr);
  QT_ASSERT(!LZ4F_isError(n));
  out.resize(n);
  return out;
}

Status UnpackChunk(const Chunk& chunk, Bytes* records) {
  const std::string& compression = chunk.compression;
  if (!compression.empty() && compression != "zstd" && compression != "lz4") {
    return Corrupt("a chunk has the unknown compression \"" + compression + "\"");
  }
  if (chunk.uncompressed_bytes > kMaxChunkBytes) {
    return Corrupt("a chunk would unpack to " + std::to_string(chunk.uncompressed_bytes) +
                   " bytes; the limit is " + std::to_string(kMaxChunkBytes));
  }
  records->resize(chunk.uncompressed_bytes);
  QT_TRY(Decompress(chunk, records));
  if (chunk.crc != 0 && Crc32(0, *records) != chunk.crc) {
    return Corrupt("a chunk's checksum does not match");
  }
  return Ok();
}

}  // namespace qt::mcap

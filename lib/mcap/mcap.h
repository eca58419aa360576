// SPDX-License-Identifier: Apache-2.0
// MCAP records: building and parsing, without any input or output. formats/episode/SPEC.md has the
// byte layout. Parsing checks every length.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"

namespace qt::mcap {

inline constexpr std::array<uint8_t, 8> kMagic = {0x89, 'M', 'C', 'A', 'P', '0', '\r', '\n'};
inline constexpr uint64_t kFramingBytes = 9;         // opcode and length
inline constexpr uint64_t kMessageHeaderBytes = 22;  // of a Message's body
inline constexpr uint64_t kFooterBytes = kFramingBytes + 20;

enum Op : uint8_t {
  kHeader = 0x01,
  kFooter = 0x02,
  kSchema = 0x03,
  kChannel = 0x04,
  kMessage = 0x05,
  kChunk = 0x06,
  kMessageIndex = 0x07,
  kChunkIndex = 0x08,
  kAttachment = 0x09,
  kAttachmentIndex = 0x0A,
  kStatistics = 0x0B,
  kMetadata = 0x0C,
  kMetadataIndex = 0x0D,
  kSummaryOffset = 0x0E,
  kDataEnd = 0x0F,
};
const char* OpName(uint8_t op);

using StringMap = std::map<std::string, std::string>;

struct Header {
  std::string profile, library;
};
struct Schema {
  uint16_t id = 0;
  std::string name, encoding, data;
  bool operator==(const Schema&) const = default;
};
struct Channel {
  uint16_t id = 0, schema_id = 0;
  std::string topic, message_encoding;
  StringMap metadata;
  bool operator==(const Channel&) const = default;
};
struct Message {
  uint16_t channel_id = 0;
  uint32_t sequence = 0;
  uint64_t log_time = 0, publish_time = 0;  // ns
  ByteSpan data;
};
struct Chunk {
  uint64_t start_time = 0, end_time = 0, uncompressed_bytes = 0;
  uint32_t crc = 0;  // of the uncompressed records; 0 = not available
  std::string compression;
  ByteSpan records;  // compressed
};
struct ChunkIndex {
  uint64_t start_time = 0, end_time = 0, offset = 0, length = 0;
  std::map<uint16_t, uint64_t> message_index_offsets;
  uint64_t message_index_bytes = 0;
  std::string compression;
  uint64_t compressed_bytes = 0, uncompressed_bytes = 0;
};
struct MessageIndex {
  uint16_t channel_id = 0;
  std::vector<std::pair<uint64_t, uint64_t>> entries;  // log time, offset in the chunk
};
struct Attachment {
  uint64_t log_time = 0, create_time = 0;  // ns
  std::string name, media_type;
  ByteSpan data;
  uint32_t crc = 0;  // of the body before it; 0 = not available
  uint64_t crc_offset = 0;
};
struct AttachmentIndex {
  uint64_t offset = 0, length = 0, log_time = 0, create_time = 0, data_bytes = 0;
  std::string name, media_type;
};
struct Statistics {
  uint64_t messages = 0;
  uint16_t schemas = 0;
  uint32_t channels = 0, attachments = 0, metadata = 0, chunks = 0;
  uint64_t start_time = 0, end_time = 0;
  std::map<uint16_t, uint64_t> channel_messages;
};
struct Metadata {
  std::string name;
  StringMap values;
};
struct MetadataIndex {
  uint64_t offset = 0, length = 0;
  std::string name;
};
struct SummaryOffset {
  uint8_t group = 0;
  uint64_t start = 0, length = 0;
};
struct Footer {
  uint64_t summary_start = 0, summary_offset_start = 0;
  uint32_t summary_crc = 0;
};

// Appends little-endian fields and records to a buffer.
class Builder {
 public:
  template <typename Number>
  void Put(Number value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(Number));
  }
  void Put(std::string_view text);
  void Put(const StringMap& map);
  void PutRaw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  // Everything put until End belongs to the record, and so do `more` bytes that the caller writes
  // behind it. Not nested.
  void Begin(Op op);
  void End(uint64_t more = 0);

  void Put(const Schema& schema);
  void Put(const Channel& channel);
  void Put(const Metadata& metadata);
  void Put(const ChunkIndex& index);
  void Put(const Message& message);

  Bytes& bytes() { return bytes_; }
  size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
  size_t record_start_ = 0;
};

// A record as it stands in a file or a chunk.
struct RecordView {
  uint8_t op = 0;
  ByteSpan body;
  uint64_t offset = 0;  // of the opcode, from the start of `records`
};
// Calls `visit` for every record of a chunk; stops at the first error, which carries the offset.
Status ForEachRecord(ByteSpan records, const std::function<Status(const RecordView&)>& visit);

// Errors say what is wrong with the record; the caller adds path and offset.
Result<Header> ParseHeader(ByteSpan body);
Result<Schema> ParseSchema(ByteSpan body);
Result<Channel> ParseChannel(ByteSpan body);
Result<Message> ParseMessage(ByteSpan body);
Result<Chunk> ParseChunk(ByteSpan body);
Result<ChunkIndex> ParseChunkIndex(ByteSpan body);
Result<MessageIndex> ParseMessageIndex(ByteSpan body);
Result<Attachment> ParseAttachment(ByteSpan body);
Result<AttachmentIndex> ParseAttachmentIndex(ByteSpan body);
Result<Statistics> ParseStatistics(ByteSpan body);
Result<Metadata> ParseMetadata(ByteSpan body);
Result<MetadataIndex> ParseMetadataIndex(ByteSpan body);
Result<SummaryOffset> ParseSummaryOffset(ByteSpan body);
Result<uint32_t> ParseDataEnd(ByteSpan body);  // data_section_crc
Result<Footer> ParseFooter(ByteSpan body);

// The largest chunk that is accepted, compressed or not.
inline constexpr uint64_t kMaxChunkBytes = 256u << 20;
Bytes CompressZstd(ByteSpan bytes, int level);
Bytes CompressLz4(ByteSpan bytes);
// The records of a chunk, after all checks: size, compression ("", "lz4" or "zstd"), CRC. `records`
// is overwritten; its memory is used again.
Status UnpackChunk(const Chunk& chunk, Bytes* records);

}  // namespace qt::mcap

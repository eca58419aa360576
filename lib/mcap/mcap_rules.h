// SPDX-License-Identifier: Apache-2.0
// The rules that a well-formed MCAP file keeps, checked record by record as the file goes by, with
// a few bytes of memory per chunk (formats/episode/SPEC.md, section 7).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mcap/mcap.h"
#include "mcap/mcap_scanner.h"

namespace qt::mcap {

enum class Severity : uint8_t { kWarning, kError };

class Rules {
 public:
  using Report = std::function<void(Severity severity, const char* rule, std::string message,
                                    uint64_t offset)>;
  explicit Rules(Report report) : report_(std::move(report)) {}

  // Every record in its order. Behind a Chunk that could be unpacked comes its content.
  void Add(const ScannedRecord& record);
  void AddChunkContent(const ScannedRecord& record, ByteSpan records);
  // Something before this was lost: what counts all of it cannot be judged.
  void SetDamaged() { damaged_ = true; }
  // This file, of several that may be joined, ends here.
  void End();

  uint64_t num_messages() const { return messages_; }
  uint64_t num_chunks() const { return chunks_.size(); }

 private:
  struct ChunkSeen {
    uint64_t start_time = 0, end_time = 0, length = 0, compressed = 0, uncompressed = 0;
    uint8_t compression = 0;
    uint64_t index_bytes = 0,
             indexes = 0;  // of its MessageIndex records, and a digest of their places
    bool indexed = false;
  };
  struct Entries {
    uint64_t count = 0, digest = 0;
    bool indexed = false;
  };
  struct Indexed {
    uint64_t length = 0, digest = 0;
    bool indexed = false;
  };

  void Error(const char* rule, std::string message, uint64_t offset);
  void Warn(const char* rule, std::string message, uint64_t offset);
  template <typename Record>
  bool Parsed(const Result<Record>& parsed, uint64_t offset);

  void CheckText(const std::string& text, const char* where, uint64_t offset);
  void CheckText(const StringMap& map, const char* where, uint64_t offset);
  void AddHeader(const ScannedRecord& record);
  void AddSchema(ByteSpan body, uint64_t offset, bool in_summary);
  void AddChannel(ByteSpan body, uint64_t offset, bool in_summary);
  void AddMessage(const Message& message, uint64_t offset);
  void AddChunk(const ScannedRecord& record);
  void AddMessageIndex(const ScannedRecord& record);
  void EndOfMessageIndexes();
  void AddAttachment(const ScannedRecord& record);
  void AddMetadata(const ScannedRecord& record);
  void AddSummaryRecord(const ScannedRecord& record);
  void AddChunkIndex(const ScannedRecord& record);
  void AddOtherIndex(const ScannedRecord& record, std::map<uint64_t, Indexed>* seen);
  void AddStatistics(const ScannedRecord& record);
  void AddSummaryOffset(const ScannedRecord& record);
  void AddFooter(const ScannedRecord& record);
  void EndOfSummary(uint64_t offset);

  Report report_;
  std::map<uint16_t, Schema> schemas_;
  std::map<uint16_t, Channel> channels_;
  std::set<uint16_t> repeated_schemas_, repeated_channels_;
  std::set<uint16_t> summary_channels_;
  std::map<uint64_t, ChunkSeen> chunks_;  // by offset
  std::map<uint64_t, Indexed> attachments_, metadata_;
  std::map<uint16_t, uint64_t> channel_messages_;
  std::optional<uint64_t> last_chunk_;  // whose MessageIndex records may follow
  std::map<uint16_t, Entries> last_entries_;
  bool content_seen_ = false;  // of the last chunk
  uint64_t messages_ = 0, start_time_ = UINT64_MAX, end_time_ = 0, last_log_time_ = 0;
  uint64_t loose_messages_ = 0, first_loose_ = 0, num_statistics_ = 0;
  bool backwards_ = false, ended_ = false, damaged_ = false, any_chunk_index_ = false;
  uint64_t data_end_ = 0;
  std::map<uint8_t, std::pair<uint64_t, uint64_t>> groups_;  // of the summary: start and end
  uint8_t last_group_ = 0;
  uint64_t offsets_start_ = 0;
  uint32_t summary_crc_ = 0;
};

}  // namespace qt::mcap

// SPDX-License-Identifier: Apache-2.0
// Writes an indexed MCAP file front to back into a sink, in memory that does not grow with it. Text
// becomes valid UTF-8, as MCAP demands; records that come in chunks are taken as they are.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "mcap/mcap.h"
#include "mcap/spill_buffer.h"

namespace qt::mcap {

// The parts of a file that MCAP leaves to the writer. Episode files have them all.
struct WriterOptions {
  bool message_indexes = true, chunk_indexes = true, metadata_indexes = true;
  bool attachment_indexes = true, statistics = true, summary_offsets = true;
  bool repeated_schemas = true, repeated_channels = true;
  // Memory of each index that is kept until the end; the rest goes to a temporary file.
  size_t index_memory_bytes = 64 << 10;
};

class Writer {
 public:
  explicit Writer(std::unique_ptr<ByteSink> sink, WriterOptions options = {})
      : sink_(std::move(sink)),
        options_(options),
        chunk_indexes_(options.index_memory_bytes),
        metadata_indexes_(options.index_memory_bytes),
        attachment_indexes_(options.index_memory_bytes) {}

  Status Start(const std::string& profile, const std::string& library);
  Status Add(Schema schema);
  Status Add(Channel channel);
  Status Add(const Metadata& metadata);
  Status Add(const Attachment& attachment);  // its checksum is computed
  Status Add(const Message& message);        // outside of chunks
  // `records` are Message records of channels that were added, or Schema and Channel records for
  // those behind them. Writes the chunk and its message indexes and flushes: from then on the sink
  // is kept even if it is never finished. `zstd_level` 0 stores them uncompressed.
  Status AddChunk(ByteSpan records, int zstd_level);
  // The same for records that are compressed already: copies `zstd` as it is.
  // REQUIRES: it is a zstd frame of `records`.
  Status AddCompressedChunk(ByteSpan records, ByteSpan zstd);
  // Summary and footer; commits the sink.
  Status Finish();
  void Discard() { sink_->Discard(); }  // nothing of the file is to be kept

  bool HasChannel(uint16_t id) const;

 private:
  Status Emit(ByteSpan bytes);
  Status EmitChunk(ByteSpan records, const std::string& compression, ByteSpan stored);
  Status EmitSummary();
  void PutStatistics(Builder* summary) const;
  void Count(uint16_t channel_id, uint64_t log_time);

  std::unique_ptr<ByteSink> sink_;
  WriterOptions options_;
  uint64_t offset_ = 0;
  uint32_t data_crc_ = 0;
  std::vector<Schema> schemas_;
  std::vector<Channel> channels_;
  // Records of the summary, as they will be written.
  SpillBuffer chunk_indexes_, metadata_indexes_, attachment_indexes_;
  uint32_t num_chunks_ = 0, num_metadata_ = 0, num_attachments_ = 0;
  std::map<uint16_t, uint64_t> message_counts_;
  uint64_t start_time_ = UINT64_MAX, end_time_ = 0;
};

}  // namespace qt::mcap

// Writes an indexed MCAP file front to back into a sink. Used by EpisodeWriter, which decides what
// is in it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "record/mcap.h"

namespace qt::record::mcap {

class Writer {
 public:
  explicit Writer(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}

  Status Start(const std::string& profile, const std::string& library);
  Status Add(Schema schema);
  Status Add(Channel channel);
  Status Add(const Metadata& metadata);
  // `messages` are Message records only, of channels that were added. Writes the chunk and its
  // message indexes and flushes: from then on the sink is kept even if it is never finished.
  // `zstd_level` 0 stores them uncompressed.
  Status AddChunk(ByteSpan messages, int zstd_level);
  // Summary and footer; commits the sink.
  Status Finish();
  void Discard() { sink_->Discard(); }  // nothing of the file is to be kept

  bool HasChannel(uint16_t id) const;

 private:
  Status Emit(Builder& builder);
  Status EmitSummary(uint64_t summary_start, Builder* summary);
  void PutStatistics(Builder* summary) const;

  std::unique_ptr<ByteSink> sink_;
  uint64_t offset_ = 0;
  uint32_t data_crc_ = 0;
  std::vector<Schema> schemas_;
  std::vector<Channel> channels_;
  std::vector<ChunkIndex> chunks_;
  struct MetadataIndex {
    uint64_t offset, length;
    std::string name;
  };
  std::vector<MetadataIndex> metadata_;
  std::map<uint16_t, uint64_t> message_counts_;
};

}  // namespace qt::record::mcap

// Reads the top-level records of MCAP from a stream, front to back, with bounded memory. Used by
// EpisodeReader, and by IndexedEpisodeReader where a file has no usable index.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/status.h"
#include "record/mcap.h"

namespace qt::record::mcap {

// One record of the data section. `body` is valid until the next call. The body of attachments,
// indexes and unknown records is skipped and left empty.
struct ScannedRecord {
  uint8_t op = 0;
  uint64_t offset = 0;  // of the opcode, from the start of the input
  uint64_t length = 0;  // of the body
  ByteSpan body;
};

class Scanner {
 public:
  explicit Scanner(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // The next record of a data section, and the Footer. nullopt at the end of the input. A second
  // file right after the first (`cat a b`) is scanned on: its Header shows up as a record again.
  // Errors are final and carry path and offset.
  Result<std::optional<ScannedRecord>> Next();

  // Of what was read since the last magic bytes, for DataEnd. Excludes the DataEnd record.
  uint32_t data_crc() const { return crc_before_record_; }
  uint64_t offset() const { return offset_; }
  const std::string& name() const { return source_->name(); }

 private:
  enum class State { kStart, kData, kSummary, kBetweenFiles, kEnd };

  Result<size_t> ReadSome(std::span<uint8_t> bytes);
  Result<size_t> ReadFully(std::span<uint8_t> bytes);
  Result<bool> ReadMagicOrEnd();
  Status ReadClosingMagic();
  Result<ScannedRecord> ReadRecord();
  Status ReadBody(uint8_t op, uint64_t length, bool keep);

  std::unique_ptr<ByteSource> source_;
  State state_ = State::kStart;
  uint64_t offset_ = 0;
  uint32_t crc_ = 0, crc_before_record_ = 0;
  Bytes body_;
  Bytes buffer_;  // read ahead: [buffer_begin_, buffer_.size())
  size_t buffer_begin_ = 0;
};

// What stands at the start of something that is no MCAP file, as a hint for the user: "a text
// file".
std::string DescribeStart(ByteSpan start);

}  // namespace qt::record::mcap

// SPDX-License-Identifier: Apache-2.0
// Reads the top-level records of MCAP from a stream, front to back, with bounded memory, and finds
// its way again after damage.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "mcap/mcap.h"
#include "mcap/mcap_resync.h"

namespace qt::mcap {

// A window onto a stream: look ahead as far as needed, keep what may be looked at again, drop the
// rest. Memory is bounded by what is looked at.

class ReadWindow {
 public:
  // `offset`: where in the input the source starts.
  explicit ReadWindow(std::unique_ptr<ByteSource> source, uint64_t offset = 0)
      : source_(std::move(source)), offset_(offset) {}

  // Reads until the window holds `size` bytes or the input ends; how many it holds then. Memory is
  // taken as the bytes arrive.
  Result<size_t> Fill(size_t size);
  // All bytes that the window holds; valid until the next Fill.
  ByteSpan bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  // REQUIRES: the window holds `size` bytes.
  void Drop(size_t size);

  uint64_t offset() const { return offset_; }  // of the first byte of the window in the input
  bool at_end() const { return at_end_; }      // nothing comes after the window
  const std::string& name() const { return source_->name(); }

 private:
  void MakeRoom();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<uint8_t[]> data_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  uint64_t offset_ = 0;
  bool at_end_ = false;
};

struct ScannedRecord {
  uint8_t op = 0;
  uint64_t offset = 0;         // of the opcode, from the start of the input
  uint64_t length = 0;         // of the body
  ByteSpan body;               // valid until the next call; empty for an attachment of over 256 MiB
  bool in_summary = false;     // between DataEnd and Footer
  bool preamble_lost = false;  // the first record of a file whose start is gone
};

// Bytes that cannot be used, and why.
struct Gap {
  std::string what;
  uint64_t offset = 0, bytes = 0;  // 0: nothing but the end is missing
};

class Scanner {
 public:
  explicit Scanner(std::unique_ptr<ByteSource> source) : window_(std::move(source)) {}
  // Starts inside of a data section, `offset` bytes into the file.
  Scanner(std::unique_ptr<ByteSource> source, uint64_t offset)
      : window_(std::move(source), offset), state_(State::kData) {}

  // The next record, nullopt at the end of the input. A second file right after the first (`cat a
  // b`) is scanned on: its Header shows up as a record again. What is damaged becomes a gap; an
  // error means that the input cannot be read or that it is no MCAP at all.
  Result<std::optional<ScannedRecord>> Next();

  // The records of the chunk that Next gave last, checked. A chunk that cannot be unpacked becomes
  // a gap. Valid until the next call; the caller may take the contents.
  Result<Bytes*> Unpack();

  // The caller cannot use the record that Next gave last: it becomes a gap.
  void Reject(const Status& why);

  // The gaps that are complete, once each. A gap ends where the next record stands.
  std::vector<Gap> TakeGaps();

  // CRC of what was read since the last opening magic, without the record that Next gave last.
  uint32_t data_crc() const { return crc_before_record_; }
  // Something since then was damaged.
  bool part_is_damaged() const { return part_is_damaged_; }
  uint64_t offset() const { return window_.offset() + record_at_ + record_bytes_; }
  const std::string& name() const { return window_.name(); }

 private:
  enum class State { kStart, kData, kSummary, kClosing, kBetweenFiles, kEnd };

  Status ReadMagic();
  Status StartWithoutMagic();
  void StartPart();
  Result<std::optional<ScannedRecord>> ReadRecord();
  Result<std::optional<ScannedRecord>> Give(uint8_t op, uint64_t length);
  Result<std::optional<ScannedRecord>> SkipAttachment(uint64_t length);
  Result<bool> IsHugeAttachment(size_t at, uint64_t length);
  Status Lose(std::string what, size_t at);
  Result<bool> HidesChunk(size_t at, size_t end);
  void StepTo(size_t at);
  void DropTo(size_t at);
  Result<bool> Resync(size_t floor, size_t from, bool must_unpack);
  Result<bool> Accept(const SyncPoint& point, bool must_unpack);
  void OpenGap(std::string what, uint64_t offset);
  void CloseGap(uint64_t end);

  ReadWindow window_;
  State state_ = State::kStart;
  // What looks like a record may be none: all that was given since the last good chunk stays in the
  // window, and is searched once something is lost.
  size_t record_at_ = 0, record_bytes_ = 0;  // the record given last, in the window
  size_t sure_to_ = 0;            // the window up to here is right beyond doubt, or was searched
  std::vector<uint64_t> starts_;  // offsets of what was given and is still in the window
  bool is_lost_ = false;          // there was damage, and no good chunk since
  uint64_t true_length_ = 0;      // of a chunk whose head is damaged; 0: as its head says
  uint64_t start_limit_ = 0;      // a file whose start is lost is searched this far for a chunk
  bool is_first_ = false;         // of the file's records: only then it may be a Header
  bool preamble_lost_ = false, loose_messages_ = false, part_is_damaged_ = false;
  uint32_t crc_ = 0, crc_before_record_ = 0;
  std::optional<Gap> open_gap_;
  std::vector<Gap> gaps_;
  Bytes unpacked_;
};

// What stands at the start of something that is no MCAP file, as a hint for the user: "a text
// file".
std::string DescribeStart(ByteSpan start);

}  // namespace qt::mcap

// SPDX-License-Identifier: Apache-2.0
// TFRecord files: length, masked CRC-32C of the length, data, masked CRC-32C of the data, and so on
// to the end; no header, no index. Both checksums are verified; a length is bounded before it is
// believed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/status.h"

namespace qt::tensors {

// `data` as one record.
Bytes FrameTfRecord(ByteSpan data);

// The largest record that is read: 60 times the mean episode of the largest set we know.
inline constexpr uint64_t kMaxTfRecordBytes = 256u << 20;

struct TfRecord {
  uint64_t offset = 0;  // of the record in the file
  uint64_t number = 0;  // in the file, from 0; damaged ones count
  ByteSpan data;        // valid until the next call
  Status damage;        // if not ok, `data` are empty and the next record can still be read
};

// Reads front to back; holds one record at a time.
class TfRecordReader {
 public:
  explicit TfRecordReader(std::unique_ptr<ByteSource> source);

  // The next record; nullopt at the end. An error is final: without a true length nobody knows
  // where the next record starts. It names path and offset, and what the file seems to be if it is
  // no TFRecord file at all.
  Result<std::optional<TfRecord>> Next();
  uint64_t bytes_read() const { return offset_; }

 private:
  // Reads `num_bytes` into buffer_, which grows as they come; fewer at the end of the file.
  Status ReadFully(uint64_t num_bytes);
  Status ReadInto(std::span<uint8_t> bytes, size_t* num_read);
  Status Lost(const std::string& what, uint64_t at) const;
  Result<std::optional<uint64_t>> ReadLength();

  std::unique_ptr<ByteSource> source_;
  uint64_t offset_ = 0;  // of what comes next from source_
  uint64_t next_number_ = 0;
  Bytes buffer_;
};

}  // namespace qt::tensors

// SPDX-License-Identifier: Apache-2.0
#include "tensors/tfrecord.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "tensors/crc32c.h"

namespace qt::tensors {
namespace {

constexpr size_t kHeadBytes = 12;  // length and its checksum
constexpr size_t kTailBytes = 4;
constexpr size_t kPieceBytes = 4 << 20;  // by which the buffer grows while a record is read

void AppendLittleEndian(uint64_t value, int bytes, Bytes* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

template <typename Number>
Number Load(ByteSpan bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// What the start of something that is no TFRecord file says about it; empty if nothing.
std::string DescribeForeignStart(ByteSpan start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (text.starts_with("version http")) {
    return "is a pointer of Git LFS, not the data; run 'git lfs pull' where it comes from";
  }
  if (text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype") || text.starts_with("<html") ||
      text.starts_with("<HTML") || text.starts_with("<?xml")) {
    return "is a web page, not the data: the download went wrong";
  }
  if (text.starts_with("\x1f\x8b")) return "is compressed with gzip; unpack it first";
  if (text.starts_with("\x89MCAP0")) return "is an MCAP file and needs no import";
  const bool is_text = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
  return is_text ? "is a text file, not a TFRecord file" : "";
}

}  // namespace

Bytes FrameTfRecord(ByteSpan data) {
  Bytes out;
  AppendLittleEndian(data.size(), 8, &out);
  AppendLittleEndian(MaskedCrc32c(out), 4, &out);
  out.insert(out.end(), data.begin(), data.end());
  AppendLittleEndian(MaskedCrc32c(data), 4, &out);
  return out;
}

TfRecordReader::TfRecordReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

Status TfRecordReader::ReadInto(std::span<uint8_t> bytes, size_t* num_read) {
  *num_read = 0;
  while (*num_read < bytes.size()) {
    QT_ASSIGN(const size_t n, source_->Read(bytes.subspan(*num_read)));
    if (n == 0) break;
    *num_read += n;
    offset_ += n;
  }
  return Ok();
}

Status TfRecordReader::ReadFully(uint64_t num_bytes) {
  size_t have = 0;
  while (have < num_bytes) {
    const size_t want = std::min<uint64_t>(num_bytes, have + kPieceBytes);
    if (buffer_.size() < want) buffer_.resize(want);
    size_t n = 0;
    QT_TRY(ReadInto(std::span(buffer_).subspan(have, want - have), &n));
    have += n;
    if (have < want) break;
  }
  buffer_.resize(have);
  return Ok();
}

Status TfRecordReader::Lost(const std::string& what, uint64_t at) const {
  return Corrupt(what).At(source_->name(), at);
}

Result<std::optional<uint64_t>> TfRecordReader::ReadLength() {
  std::array<uint8_t, kHeadBytes> head;
  const uint64_t start = offset_;
  size_t have = 0;
  QT_TRY(ReadInto(head, &have));
  if (have == 0) return std::optional<uint64_t>();
  const ByteSpan bytes = ByteSpan(head).first(have);
  if (have < kHeadBytes || Load<uint32_t>(bytes.subspan(8)) != MaskedCrc32c(bytes.first(8))) {
    const std::string foreign = start == 0 ? DescribeForeignStart(bytes) : "";
    if (!foreign.empty()) return Lost(foreign, 0);
    if (have < kHeadBytes) return Lost("ends inside the length of a record", start);
    return Lost("the length of record " + std::to_string(next_number_) +
                    " is damaged; what follows in this file is lost",
                start);
  }
  const auto length = Load<uint64_t>(bytes);
  if (length <= kMaxTfRecordBytes) return std::optional<uint64_t>(length);
  return Lost("record " + std::to_string(next_number_) + " would have " + std::to_string(length) +
                  " bytes; the limit is " + std::to_string(kMaxTfRecordBytes),
              start);
}

Result<std::optional<TfRecord>> TfRecordReader::Next() {
  TfRecord record;
  record.offset = offset_;
  QT_ASSIGN(const std::optional<uint64_t> length, ReadLength());
  if (!length) return std::optional<TfRecord>();
  record.number = next_number_++;
  QT_TRY(ReadFully(*length + kTailBytes));
  if (buffer_.size() < *length + kTailBytes) {
    return Lost("ends inside record " + std::to_string(record.number), record.offset);
  }
  const ByteSpan data = ByteSpan(buffer_).first(*length);
  if (Load<uint32_t>(ByteSpan(buffer_).subspan(*length)) == MaskedCrc32c(data)) {
    record.data = data;
  } else {
    record.damage = Lost("the checksum of record " + std::to_string(record.number) +
                             " does not match; it is skipped",
                         record.offset);
  }
  return std::optional<TfRecord>(std::move(record));
}

}  // namespace qt::tensors

#include "record/mcap_scanner.h"

#include <algorithm>
#include <cstring>

#include "base/digest.h"

namespace qt::record::mcap {
namespace {

constexpr uint64_t kMaxRecordBytes = 16u << 20;    // of records other than chunks
constexpr uint64_t kMaxSkippedBytes = 4ull << 30;  // of records that are not kept
constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kGrowBytes =
    1 << 20;  // memory is taken as the bytes arrive, not as they are stated

bool IsKept(uint8_t op) {
  return op == kHeader || op == kFooter || op == kSchema || op == kChannel || op == kMessage ||
         op == kChunk || op == kMetadata || op == kDataEnd;
}

uint64_t LengthLimit(uint8_t op) {
  if (op == kChunk) return kMaxChunkBytes;
  return IsKept(op) ? kMaxRecordBytes : kMaxSkippedBytes;
}

bool IsText(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](uint8_t b) { return b >= 0x20 || b == '\n' || b == '\r' || b == '\t'; });
}

bool StartsWith(ByteSpan bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

}  // namespace

std::string DescribeStart(ByteSpan start) {
  if (StartsWith(start, "\x28\xB5\x2F\xFD")) return "it is compressed with zstd";
  if (StartsWith(start, "\x1F\x8B")) return "it is compressed with gzip";
  if (StartsWith(start, "version ")) return "it looks like a Git LFS pointer";
  if (IsText(start)) return "it looks like a text file";
  return "it does not start with the bytes of MCAP";
}

Result<size_t> Scanner::ReadSome(std::span<uint8_t> bytes) {
  if (buffer_begin_ == buffer_.size()) {
    buffer_.resize(kReadBytes);
    buffer_begin_ = 0;
    const Result<size_t> n = source_->Read(buffer_);
    buffer_.resize(n.ok() ? *n : 0);
    if (!n.ok()) return n.status();
  }
  const size_t n = std::min(bytes.size(), buffer_.size() - buffer_begin_);
  if (n > 0) std::memcpy(bytes.data(), buffer_.data() + buffer_begin_, n);
  buffer_begin_ += n;
  crc_ = Crc32(crc_, bytes.first(n));
  offset_ += n;
  return n;
}

// Fewer bytes than asked for only at the end of the input.
Result<size_t> Scanner::ReadFully(std::span<uint8_t> bytes) {
  size_t have = 0;
  while (have < bytes.size()) {
    QT_ASSIGN(const size_t n, ReadSome(bytes.subspan(have)));
    if (n == 0) break;
    have += n;
  }
  return have;
}

// False at the end of the input.
Result<bool> Scanner::ReadMagicOrEnd() {
  const uint64_t start = offset_;
  crc_ = 0;
  std::array<uint8_t, 8> bytes;
  QT_ASSIGN(const size_t n, ReadFully(bytes));
  if (n == 0 && start > 0) return false;
  if (n == 0) return Corrupt("is empty, not an episode file").At(name(), 0);
  if (n == bytes.size() && bytes == kMagic) return true;
  if (std::equal(bytes.begin(), bytes.begin() + n, kMagic.begin())) {
    return Corrupt("is cut short within its first bytes").At(name(), start);
  }
  return Corrupt("is no episode file: " + DescribeStart(ByteSpan(bytes).first(n)))
      .At(name(), start);
}

Status Scanner::ReadClosingMagic() {
  const uint64_t start = offset_;
  std::array<uint8_t, 8> bytes;
  QT_ASSIGN(const size_t n, ReadFully(bytes));
  if (n == bytes.size() && bytes == kMagic) return Ok();
  return Corrupt("the closing bytes are missing").At(name(), start);
}

Status Scanner::ReadBody(uint8_t op, uint64_t length, bool keep) {
  body_.clear();
  uint64_t have = 0;
  while (have < length) {
    const size_t piece = std::min<uint64_t>(length - have, kGrowBytes);
    const size_t start = keep ? have : 0;
    body_.resize(start + piece);
    QT_ASSIGN(const size_t n, ReadFully(std::span(body_).subspan(start)));
    have += n;
    if (n < piece) {
      return Corrupt(std::string("the input ends inside a ") + OpName(op) + " record: " +
                     std::to_string(have) + " of " + std::to_string(length) + " bytes are there");
    }
  }
  if (!keep) body_.clear();
  return Ok();
}

Result<ScannedRecord> Scanner::ReadRecord() {
  ScannedRecord record;
  record.offset = offset_;
  crc_before_record_ = crc_;
  std::array<uint8_t, kFramingBytes> framing;
  QT_ASSIGN(const size_t n, ReadFully(framing));
  if (n == 0) {
    return Corrupt("the input ends without a footer: the writer did not finish")
        .At(name(), record.offset);
  }
  if (n < framing.size()) {
    return Corrupt("the input ends inside the head of a record").At(name(), record.offset);
  }
  record.op = framing[0];
  std::memcpy(&record.length, framing.data() + 1, sizeof record.length);
  const bool reserved = record.op > kDataEnd && record.op < 0x80;
  if (record.op == 0 || reserved || record.length > LengthLimit(record.op)) {
    return Corrupt("what stands here is no record; reading stops").At(name(), record.offset);
  }
  const bool keep = IsKept(record.op);
  if (Status read = ReadBody(record.op, record.length, keep); !read.ok()) {
    return std::move(read).At(name(), record.offset);
  }
  record.body = body_;
  return record;
}

Result<std::optional<ScannedRecord>> Scanner::Next() {
  if (state_ == State::kEnd) return std::optional<ScannedRecord>();
  if (state_ == State::kStart || state_ == State::kBetweenFiles) {
    const Result<bool> started = ReadMagicOrEnd();
    state_ = started.ok() && *started ? State::kData : State::kEnd;
    if (!started.ok()) return started.status();
    if (!*started) return std::optional<ScannedRecord>();
  }
  for (;;) {
    Result<ScannedRecord> record = ReadRecord();
    if (!record.ok()) {
      state_ = State::kEnd;
      return std::move(record).status();
    }
    const State before = state_;
    if (record->op == kDataEnd) state_ = State::kSummary;
    if (record->op == kFooter) {
      const Status closed = ReadClosingMagic();
      state_ = closed.ok() ? State::kBetweenFiles : State::kEnd;
      if (!closed.ok()) return closed;
    }
    if (before == State::kData || record->op == kFooter) return std::optional(*record);
  }
}

}  // namespace qt::record::mcap

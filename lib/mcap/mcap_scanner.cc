// SPDX-License-Identifier: Apache-2.0
#include "mcap/mcap_scanner.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/digest.h"

namespace qt::mcap {
namespace {

constexpr size_t kReadBytes = 256 << 10;

}  // namespace

// Room for kReadBytes more: what was dropped makes way first, and then the buffer grows.
void ReadWindow::MakeRoom() {
  if (capacity_ - end_ >= kReadBytes) return;
  const size_t size = end_ - begin_;
  const bool grow = size + kReadBytes > capacity_ / 2;
  const size_t capacity = grow ? std::max(2 * capacity_, 4 * kReadBytes) : capacity_;
  std::unique_ptr<uint8_t[]> larger;
  if (grow) larger = std::make_unique_for_overwrite<uint8_t[]>(capacity);
  uint8_t* to = grow ? larger.get() : data_.get();
  if (size > 0) std::memmove(to, data_.get() + begin_, size);
  if (grow) data_ = std::move(larger);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

Result<size_t> ReadWindow::Fill(size_t size) {
  while (end_ - begin_ < size && !at_end_) {
    MakeRoom();
    QT_ASSIGN(const size_t n, source_->Read({data_.get() + end_, capacity_ - end_}));
    end_ += n;
    at_end_ = n == 0;
  }
  return end_ - begin_;
}

void ReadWindow::Drop(size_t size) {
  QT_CHECK(size <= end_ - begin_, "size", size, "held", end_ - begin_);
  begin_ += size;
  offset_ += size;
}

namespace {

constexpr uint64_t kMaxRecordBytes = 16u << 20;  // of records that hold neither data nor indexes
// A file whose start is lost is searched this far for a chunk; one that may be of another kind
// less.
constexpr uint64_t kMaxLostStartBytes = 512u << 20;
constexpr uint64_t kMaxOtherStartBytes = 16u << 20;
constexpr ptrdiff_t kMaxTailBytes = 64;        // of a record, behind the known fields
constexpr size_t kMaxUnsureBytes = 16u << 20;  // are searched again once something is lost
// Enough to tell what something is: the longest stretch of text in MCAP, a schema, is shorter.
constexpr size_t kStartBytes = 8192;

uint64_t LengthLimit(uint8_t op) {
  const bool small = op == kHeader || op == kFooter || op == kSchema || op == kChannel ||
                     op == kStatistics || op == kMetadata || op == kMetadataIndex ||
                     op == kAttachmentIndex || op == kSummaryOffset || op == kDataEnd;
  return small ? kMaxRecordBytes : kMaxChunkBytes;
}

bool IsSane(uint8_t op, uint64_t length) {
  if (op == kDataEnd) return length == sizeof(uint32_t);  // these two never grow
  if (op == kFooter) return length == kFooterBytes - kFramingBytes;
  const bool reserved = op > kDataEnd && op < 0x80;
  return op != 0 && !reserved && length <= LengthLimit(op);
}

bool IsText(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](uint8_t b) { return b >= 0x20 || b == '\n' || b == '\r' || b == '\t'; });
}

bool StartsWith(ByteSpan bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

// True for zstd and gzip; but a chunk's data begin in the same way.
bool IsCompressed(ByteSpan start) {
  return StartsWith(start, "\x28\xB5\x2F\xFD") || StartsWith(start, "\x1F\x8B");
}

bool IsMagic(ByteSpan bytes) {
  return bytes.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), bytes.begin());
}

bool IsMagicCutShort(ByteSpan bytes) {
  return bytes.size() < kMagic.size() && std::equal(bytes.begin(), bytes.end(), kMagic.begin());
}

}  // namespace

std::string DescribeStart(ByteSpan start) {
  if (StartsWith(start, "\x28\xB5\x2F\xFD")) return "it is compressed with zstd";
  if (StartsWith(start, "\x1F\x8B")) return "it is compressed with gzip";
  if (StartsWith(start, "version ")) return "it looks like a Git LFS pointer";
  if (IsText(start)) return "it looks like a text file";
  return "it does not start with the bytes of MCAP";
}

void Scanner::OpenGap(std::string what, uint64_t offset) {
  if (open_gap_) return;  // one piece of damage, one gap
  open_gap_ = Gap{std::move(what), offset, 0};
  part_is_damaged_ = is_lost_ = true;
}

void Scanner::CloseGap(uint64_t end) {
  if (!open_gap_) return;
  open_gap_->bytes = std::max(open_gap_->bytes, end - std::min(end, open_gap_->offset));
  gaps_.push_back(std::move(*open_gap_));
  open_gap_.reset();
}

std::vector<Gap> Scanner::TakeGaps() { return std::exchange(gaps_, {}); }

void Scanner::StartPart() {
  CloseGap(window_.offset());
  crc_ = Crc32(0, kMagic);
  window_.Drop(kMagic.size());
  part_is_damaged_ = preamble_lost_ = loose_messages_ = is_lost_ = false;
  is_first_ = true;
  state_ = State::kData;
}

// Forgets what stands before index `at` of the window, the record given last as well.
void Scanner::DropTo(size_t at) {
  window_.Drop(at);
  record_at_ = record_bytes_ = sure_to_ = 0;
  starts_.clear();
}

// Before the record at index `at` of the window is given: forgets what will not be searched.
void Scanner::StepTo(size_t at) {
  if (at - sure_to_ > kMaxUnsureBytes) sure_to_ = at;
  window_.Drop(sure_to_);
  record_at_ = at - std::exchange(sure_to_, 0);
  std::erase_if(starts_, [this](uint64_t start) { return start < window_.offset(); });
  starts_.push_back(window_.offset() + record_at_);
}

// The opening or closing bytes of a file, according to state_.
Status Scanner::ReadMagic() {
  if (state_ == State::kClosing) DropTo(record_at_ + record_bytes_);
  QT_ASSIGN(const size_t have, window_.Fill(kMagic.size()));
  if (IsMagic(window_.bytes())) {
    if (state_ != State::kClosing) {
      StartPart();
    } else {
      CloseGap(window_.offset());
      window_.Drop(kMagic.size());
      state_ = State::kBetweenFiles;
    }
    return Ok();
  }
  if (state_ == State::kStart) return StartWithoutMagic();
  if (state_ == State::kBetweenFiles && have == 0) {
    state_ = State::kEnd;
    return Ok();
  }
  const bool closing = state_ == State::kClosing;
  OpenGap(closing ? "the closing bytes are missing" : "what follows the end of the file is no MCAP",
          window_.offset());
  preamble_lost_ = !closing;
  QT_ASSIGN(const bool found, Resync(0, 0, /*must_unpack=*/!closing));
  if (!found) state_ = State::kEnd;
  return Ok();
}

Status Scanner::StartWithoutMagic() {
  QT_ASSIGN(const size_t have, window_.Fill(kStartBytes));
  const ByteSpan start = window_.bytes().first(std::min(have, kStartBytes));
  const Status error = Corrupt("is no episode file: " + DescribeStart(start)).At(name(), 0);
  if (have == 0) return Corrupt("is empty, not an episode file").At(name(), 0);
  if (IsMagicCutShort(start)) {
    return Corrupt("is cut short within its first bytes").At(name(), 0);
  }
  if (IsText(start)) return error;
  start_limit_ = IsCompressed(start) ? kMaxOtherStartBytes : kMaxLostStartBytes;
  OpenGap("the start of the file is missing", 0);
  preamble_lost_ = true;
  QT_ASSIGN(const bool found, Resync(0, 0, /*must_unpack=*/true));
  if (found) return Ok();
  state_ = State::kEnd;
  gaps_.clear();  // what is no such file has lost nothing
  return error;
}

// Takes the bytes of a sync point that holds what it promises; false if it does not.
Result<bool> Scanner::Accept(const SyncPoint& point, bool must_unpack) {
  using Kind = SyncPoint::Kind;
  const ByteSpan here = window_.bytes().subspan(point.at);
  const bool is_chunk = point.kind == Kind::kChunkData || here[0] == kChunk;
  if (must_unpack && !is_chunk && point.kind != Kind::kMagic) return false;
  if (point.kind == Kind::kRecord || point.kind == Kind::kChunkData) {
    const size_t end = point.at + kFramingBytes + point.length;
    QT_ASSIGN(const size_t have, window_.Fill(end));
    if (have < end) return false;
    const auto chunk = ParseChunk(window_.bytes().subspan(point.at + kFramingBytes, point.length));
    const bool sure = point.kind == Kind::kRecord && !must_unpack;
    if (!sure && (!chunk.ok() || (point.kind == Kind::kChunkData && chunk->crc == 0) ||
                  !UnpackChunk(*chunk, &unpacked_).ok())) {
      return false;
    }
  }
  DropTo(point.at);
  if (point.kind == Kind::kChunkData) true_length_ = point.length;
  if (point.kind == Kind::kMagic) {
    const bool closing = window_.bytes().size() == kMagic.size();
    state_ = closing ? State::kClosing : State::kBetweenFiles;
  } else {
    state_ = window_.bytes()[0] == kFooter ? State::kSummary : State::kData;
  }
  return true;
}

// Looks for a place where reading can go on, from index `from` of the window. False: there is none.
Result<bool> Scanner::Resync(size_t floor, size_t from, bool must_unpack) {
  using Kind = SyncPoint::Kind;
  const uint64_t limit = state_ == State::kStart ? start_limit_ : UINT64_MAX;
  while (window_.offset() < limit) {
    const SyncPoint point = FindSyncPoint(window_.bytes(), floor, from, window_.at_end(),
                                          {.loose_messages = loose_messages_});
    if (point.kind == Kind::kNone) break;
    // What was given is not given again. A chunk's head that lost its first byte may look like the
    // DataEnd of a file, so what stands before is searched all the same.
    const bool was_given = point.kind == Kind::kRecord && window_.bytes()[point.at] != kChunk &&
                           std::ranges::binary_search(starts_, window_.offset() + point.at);
    if (was_given) {
      from = point.at + 1;
    } else if (point.kind != Kind::kUndecided) {
      QT_ASSIGN(const bool accepted, Accept(point, must_unpack));
      if (accepted) return true;
      const bool by_name = point.kind == Kind::kChunkData;
      from = by_name ? point.at + kFramingBytes + 28 + 1 : point.at + 1;
    }
    if (point.kind != Kind::kUndecided) continue;
    const size_t keep_from = point.at > kSyncLookBack ? point.at - kSyncLookBack : 0;
    window_.Drop(keep_from);
    floor -= std::min(floor, keep_from);
    from = point.at - keep_from;
    QT_TRY(window_.Fill(window_.bytes().size() + 1).status());
  }
  DropTo(window_.bytes().size());
  CloseGap(window_.offset());
  return false;
}

// What stands at index `at` of the window, behind the last record, is no record. Then that record's
// length may be wrong as well, or it was none: a chunk's head that lost its first byte looks like a
// short record. So the search starts behind the last good chunk.
Status Scanner::Lose(std::string what, size_t at) {
  OpenGap(std::move(what), window_.offset() + at);
  const bool nothing_left = window_.bytes().size() == at && window_.at_end();
  if (nothing_left && sure_to_ == at) {
    state_ = State::kEnd;
    CloseGap(window_.offset() + at);
    return Ok();
  }
  std::vector<uint64_t> starts = {window_.offset() + sure_to_};
  starts.insert(starts.end(), std::ranges::lower_bound(starts_, starts[0]), starts_.end());
  const bool was_given = starts.size() > 1 && starts[1] == starts[0];
  QT_ASSIGN(const bool found, Resync(sure_to_, sure_to_ + was_given, false));
  if (!found) state_ = State::kEnd;
  if (found && window_.offset() < open_gap_->offset) {
    open_gap_->offset = *std::prev(std::ranges::upper_bound(starts, window_.offset()));
  }
  return Ok();
}

// Attachments may be of any size; one whose inner lengths fit is believed.
Result<bool> Scanner::IsHugeAttachment(size_t at, uint64_t length) {
  if (window_.bytes()[at] != kAttachment || length <= kMaxChunkBytes) return false;
  constexpr size_t kHeadBytes = 64 << 10;
  QT_ASSIGN(const size_t have, window_.Fill(at + kFramingBytes + kHeadBytes));
  const ByteSpan head =
      window_.bytes().subspan(at + kFramingBytes, std::min(have - at - kFramingBytes, kHeadBytes));
  size_t position = 16;
  for (int i = 0; i < 2; ++i) {  // name and media type
    uint32_t size = 0;
    if (head.size() < position + sizeof size) return false;
    std::memcpy(&size, head.data() + position, sizeof size);
    if (size > kHeadBytes) return false;
    position += sizeof size + size;
  }
  uint64_t data = 0;
  if (head.size() < position + sizeof data) return false;
  std::memcpy(&data, head.data() + position, sizeof data);
  return data <= length && length - data >= position + sizeof data + sizeof(uint32_t) &&
         length - data < kMaxRecordBytes;
}

Result<std::optional<ScannedRecord>> Scanner::SkipAttachment(uint64_t length) {
  ScannedRecord record;
  record.op = kAttachment;
  record.offset = window_.offset();
  record.length = length;
  crc_before_record_ = crc_;
  for (uint64_t left = kFramingBytes + length; left > 0;) {
    QT_ASSIGN(const size_t have, window_.Fill(1));
    const size_t n = std::min<uint64_t>(have, left);
    if (n == 0) {
      OpenGap("the input ends inside a Attachment record", record.offset);
      CloseGap(window_.offset());
      state_ = State::kEnd;
      return std::optional<ScannedRecord>();
    }
    crc_ = Crc32(crc_, window_.bytes().first(n));
    window_.Drop(n);
    left -= n;
  }
  return std::optional(record);
}

// Whether a good chunk begins inside of what looks like a record, between these indexes of the
// window. After damage the record may be none, and would take the chunk away.
Result<bool> Scanner::HidesChunk(size_t at, size_t end) {
  using Kind = SyncPoint::Kind;
  QT_TRY(window_.Fill(end + kSyncLookAhead).status());
  for (size_t from = at + 1; from < end;) {
    const size_t known = std::min(window_.bytes().size(), end + kSyncLookAhead);
    const SyncPoint point =
        FindSyncPoint(window_.bytes().first(known), at + 1, from, /*at_end=*/true, {});
    if (point.kind == Kind::kNone || point.at >= end) return false;
    from = point.at + 1 + (point.kind == Kind::kChunkData ? kFramingBytes + 28 : 0);
    const bool is_chunk = point.kind == Kind::kChunkData || window_.bytes()[point.at] == kChunk;
    if (!is_chunk) continue;
    const size_t chunk_end = point.at + kFramingBytes + point.length;
    QT_ASSIGN(const size_t have, window_.Fill(chunk_end));
    if (have < chunk_end) continue;
    const auto chunk = ParseChunk(window_.bytes().subspan(point.at + kFramingBytes, point.length));
    if (chunk.ok() && chunk->crc != 0 && UnpackChunk(*chunk, &unpacked_).ok()) return true;
  }
  return false;
}

// Gives the record at record_at_.
Result<std::optional<ScannedRecord>> Scanner::Give(uint8_t op, uint64_t length) {
  record_bytes_ = kFramingBytes + length;
  const ByteSpan bytes = window_.bytes().subspan(record_at_, record_bytes_);
  CloseGap(window_.offset() + record_at_);
  crc_before_record_ = crc_;
  if (state_ == State::kData) crc_ = Crc32(crc_, bytes);
  ScannedRecord record{.op = op,
                       .offset = window_.offset() + record_at_,
                       .length = length,
                       .body = bytes.subspan(kFramingBytes),
                       .in_summary = state_ == State::kSummary,
                       .preamble_lost = std::exchange(preamble_lost_, false)};
  loose_messages_ = (loose_messages_ || op == kMessage) && op != kChunk;
  is_first_ = false;
  if (op == kDataEnd) state_ = State::kSummary;
  if (op == kFooter) state_ = State::kClosing;
  // A search would find it a second time; there are too many of them to remember.
  if (op == kMessage) sure_to_ = record_at_;
  return std::optional(record);
}

// nullopt: there was damage, and state_ says how to go on.
Result<std::optional<ScannedRecord>> Scanner::ReadRecord() {
  const size_t at = record_at_ + record_bytes_;
  const auto lose = [&](std::string what) -> Result<std::optional<ScannedRecord>> {
    QT_TRY(Lose(std::move(what), at));
    return std::optional<ScannedRecord>();
  };
  QT_ASSIGN(const size_t have, window_.Fill(at + kFramingBytes));
  if (have == at) return lose("the input ends without a footer: the writer did not finish");
  const ByteSpan head = window_.bytes().subspan(at);
  if (IsMagic(head)) return lose("a file ends here without a footer: its writer did not finish");
  if (head.size() < kFramingBytes) return lose("the input ends inside the head of a record");
  const uint8_t op = head[0];
  uint64_t length = 0;
  std::memcpy(&length, head.data() + 1, sizeof length);
  if (true_length_ != 0) {
    StepTo(at);
    return Give(kChunk, std::exchange(true_length_, 0));
  }
  if (!IsSane(op, length) || (op == kHeader && !is_first_)) {
    QT_ASSIGN(const bool huge, IsHugeAttachment(at, length));
    if (!huge) return lose("what stands here is no record");
    DropTo(at);
    return SkipAttachment(length);
  }
  QT_ASSIGN(const size_t whole, window_.Fill(at + kFramingBytes + length));
  if (whole < at + kFramingBytes + length) {
    return lose(std::string("the input ends inside a ") + OpName(op) +
                " record: " + std::to_string(whole - at - kFramingBytes) + " of " +
                std::to_string(length) + " bytes are there");
  }
  if (is_lost_ && op != kChunk) {
    QT_ASSIGN(const bool hides, HidesChunk(at, at + kFramingBytes + length));
    if (hides) {
      starts_.push_back(window_.offset() + at);  // else a search would stop here again
      return lose("what stands here is no record");
    }
  }
  StepTo(at);
  return Give(op, length);
}

Result<std::optional<ScannedRecord>> Scanner::Next() {
  while (state_ != State::kEnd) {
    if (state_ != State::kData && state_ != State::kSummary) {
      QT_TRY(ReadMagic());
      continue;
    }
    QT_ASSIGN(const std::optional<ScannedRecord> record, ReadRecord());
    if (record) return record;
  }
  return std::optional<ScannedRecord>();
}

void Scanner::Reject(const Status& why) {
  OpenGap(why.message(), window_.offset() + record_at_);
  open_gap_->bytes = record_bytes_;
}

Result<Bytes*> Scanner::Unpack() {
  const ByteSpan body =
      window_.bytes().subspan(record_at_ + kFramingBytes, record_bytes_ - kFramingBytes);
  const Result<Chunk> chunk = ParseChunk(body);
  Status unpacked = chunk.ok() ? UnpackChunk(*chunk, &unpacked_) : chunk.status();
  const uint8_t* end = body.data() + body.size();
  const uint8_t* data_end = unpacked.ok() ? chunk->records.data() + chunk->records.size() : end;
  if (unpacked.ok() && chunk->records.empty() && end - data_end > kMaxTailBytes) {
    unpacked = Corrupt("a chunk is empty, but its record is not");  // overwritten with zeros
  }
  if (!unpacked.ok()) {
    Reject(unpacked);
    if (chunk.ok()) sure_to_ = record_at_;  // its head is right: a search would find it again
    return unpacked;
  }
  is_lost_ = false;
  sure_to_ = static_cast<size_t>(data_end - window_.bytes().data());
  return &unpacked_;
}

}  // namespace qt::mcap

// SPDX-License-Identifier: Apache-2.0
#include "mcap/mcap_resync.h"

#include <cstring>
#include <string_view>

#include "mcap/mcap.h"

namespace qt::mcap {
namespace {

using Kind = SyncPoint::Kind;

// In a Chunk record: offset of the compression's name, and the size of all fixed fields.
constexpr size_t kNameOffset = kFramingBytes + 28;
constexpr size_t kChunkFixedBytes = 40;

template <typename Number>
Number Load(ByteSpan bytes, size_t at) {
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool Matches(ByteSpan bytes, size_t at, std::string_view expected) {
  return bytes.size() - at >= expected.size() &&
         std::memcmp(bytes.data() + at, expected.data(), expected.size()) == 0;
}

std::string_view MagicBytes() {
  return {reinterpret_cast<const char*>(kMagic.data()), kMagic.size()};
}

bool IsCompression(ByteSpan bytes, size_t at) {
  using std::string_view_literals::operator""sv;
  return Matches(bytes, at, "\4\0\0\0zstd"sv) || Matches(bytes, at, "\3\0\0\0lz4"sv) ||
         Matches(bytes, at, "\0\0\0\0"sv);
}

// A chunk's length is stated twice: of the record, and of the data in it.
SyncPoint AtChunk(ByteSpan bytes, size_t at) {
  if (bytes.size() - at < kSyncLookAhead || !IsCompression(bytes, at + kNameOffset)) return {};
  const size_t name_bytes = Load<uint32_t>(bytes, at + kNameOffset);
  const auto length = Load<uint64_t>(bytes, at + 1);
  const auto data = Load<uint64_t>(bytes, at + kNameOffset + sizeof(uint32_t) + name_bytes);
  if (length > kMaxChunkBytes || length != data + kChunkFixedBytes + name_bytes) return {};
  return {Kind::kRecord, at, length};
}

// The name "zstd" or "lz4" of a chunk, and its data's first bytes; the head before it is damaged.
SyncPoint AtCompressionName(ByteSpan bytes, size_t name_at, size_t floor) {
  using std::string_view_literals::operator""sv;
  if (name_at < floor + kNameOffset) return {};
  const bool zstd = Matches(bytes, name_at, "\4\0\0\0zstd"sv);
  if (!zstd && !Matches(bytes, name_at, "\3\0\0\0lz4"sv)) return {};
  const size_t name_bytes = zstd ? 4 : 3;
  const size_t size_at = name_at + sizeof(uint32_t) + name_bytes;
  if (bytes.size() - size_at < 12) return {};
  const auto data = Load<uint64_t>(bytes, size_t{size_at});
  const bool frame = Matches(bytes, size_at + 8, zstd ? "\x28\xB5\x2F\xFD"sv : "\4\x22\x4D\x18"sv);
  if (!frame || data > kMaxChunkBytes) return {};
  return {Kind::kChunkData, name_at - kNameOffset, data + kChunkFixedBytes + name_bytes};
}

SyncPoint AtMagic(ByteSpan bytes, size_t at) {
  if (!Matches(bytes, at, MagicBytes())) return {};
  const size_t next = at + kMagic.size();
  const bool ends = next == bytes.size() || Matches(bytes, next, MagicBytes());
  return ends || bytes[next] == kHeader ? SyncPoint{Kind::kMagic, at, 0} : SyncPoint{};
}

// DataEnd and Footer have a fixed length.
SyncPoint AtEnd(ByteSpan bytes, size_t at) {
  using std::string_view_literals::operator""sv;
  if (Matches(bytes, at, "\x0F\4\0\0\0\0\0\0\0"sv)) return {Kind::kRecord, at, 4};
  const bool footer = Matches(bytes, at, "\x02\x14\0\0\0\0\0\0\0"sv) &&
                      bytes.size() - at > kFooterBytes &&
                      Matches(bytes, at + kFooterBytes, MagicBytes());
  return footer ? SyncPoint{Kind::kRecord, at, 20} : SyncPoint{};
}

// A message of CDR, and behind it the head of another record.
SyncPoint AtLooseMessage(ByteSpan bytes, size_t at, bool at_end) {
  using std::string_view_literals::operator""sv;
  if (bytes.size() - at < kSyncLookAhead) return {};
  const auto length = Load<uint64_t>(bytes, at + 1);
  if (length < kMessageHeaderBytes + 4 || length > kMaxChunkBytes) return {};
  if (!Matches(bytes, at + kFramingBytes + kMessageHeaderBytes, "\0\1\0\0"sv)) return {};
  const size_t next = at + kFramingBytes + length;
  if (bytes.size() < next + kFramingBytes) {
    return at_end ? SyncPoint{} : SyncPoint{Kind::kUndecided, at, 0};
  }
  const bool sane = bytes[next] != 0 && bytes[next] <= kDataEnd &&
                    Load<uint64_t>(bytes, next + 1) <= kMaxChunkBytes;
  return sane ? SyncPoint{Kind::kRecord, at, length} : SyncPoint{};
}

SyncPoint Judge(ByteSpan bytes, size_t at, size_t floor, bool at_end, const SyncRules& rules) {
  switch (bytes[at]) {
    case kChunk:
      return AtChunk(bytes, at);
    case 0x89:
      return AtMagic(bytes, at);
    case kDataEnd:
    case kFooter:
      return AtEnd(bytes, at);
    case 3:
    case 4: {
      return AtCompressionName(bytes, at, floor);
    }
    case kMessage:
      return rules.loose_messages ? AtLooseMessage(bytes, at, at_end) : SyncPoint{};
    default:
      return {};
  }
}

}  // namespace

SyncPoint FindSyncPoint(ByteSpan bytes, size_t floor, size_t from, bool at_end,
                        const SyncRules& rules) {
  for (size_t at = from; at < bytes.size(); ++at) {
    if (!at_end && bytes.size() - at < kSyncLookAhead) return {Kind::kUndecided, at, 0};
    const SyncPoint point = Judge(bytes, at, floor, at_end, rules);
    if (point.kind != Kind::kNone) return point;
  }
  return at_end ? SyncPoint{} : SyncPoint{Kind::kUndecided, bytes.size(), 0};
}

}  // namespace qt::mcap

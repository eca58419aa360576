// SPDX-License-Identifier: Apache-2.0
// Finds the place in damaged MCAP where reading can go on (formats/episode/SPEC.md, section 5).
// Looks at bytes in memory; reads and copies nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/file.h"

namespace qt::mcap {

struct SyncRules {
  bool loose_messages = false;  // the file keeps messages outside of chunks
};

struct SyncPoint {
  enum class Kind : uint8_t {
    kNone,       // nowhere
    kUndecided,  // more bytes are needed: search on from `at`
    kRecord,     // a record with a sane head
    kMagic,      // the first or last bytes of a file
    kChunkData,  // a chunk whose opcode or length is wrong; counts if its checksum is right
  };
  Kind kind = Kind::kNone;
  size_t at = 0;
  uint64_t length = 0;  // of the record's body, for kChunkData as its data says
};

// The first such place in `bytes` at or after `from`. Nothing of a record may stand before `floor`.
// `at_end`: no bytes will follow.
SyncPoint FindSyncPoint(ByteSpan bytes, size_t floor, size_t from, bool at_end,
                        const SyncRules& rules);

// To judge a place, this many bytes from it on must be there.
inline constexpr size_t kSyncLookAhead = 72;

// How far before the place where the search goes on bytes must be kept.
inline constexpr size_t kSyncLookBack = 64;

}  // namespace qt::mcap

// SPDX-License-Identifier: Apache-2.0
// Taking MCAP files apart and putting them together in other ways, as other tools do.
#pragma once

#include <cstring>
#include <functional>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "mcap/mcap.h"

namespace qt::episodes {

inline Bytes Joined(const Bytes& a, const Bytes& b) {
  Bytes both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

// Calls `visit` for every top-level record of a file: opcode, offset and length of the body.
inline void ForEachTopLevel(
    const Bytes& file, const std::function<void(uint8_t op, size_t body, size_t length)>& visit) {
  size_t at = mcap::kMagic.size();
  while (at + mcap::kMagic.size() < file.size()) {
    uint64_t length;
    std::memcpy(&length, file.data() + at + 1, 8);
    visit(file[at], at + mcap::kFramingBytes, length);
    at += mcap::kFramingBytes + length;
  }
}

// Offset of the n-th top-level record with this opcode.
inline size_t FindRecord(const Bytes& file, uint8_t op, int n) {
  size_t found = 0;
  ForEachTopLevel(file, [&](uint8_t this_op, size_t body, size_t) {
    if (this_op == op && n-- == 0) found = body - mcap::kFramingBytes;
  });
  QT_CHECK(found != 0, "opcode", int{op});
  return found;
}

inline void AppendRecord(uint8_t op, ByteSpan body, Bytes* out) {
  const uint64_t length = body.size();
  out->push_back(op);
  const auto* bytes = reinterpret_cast<const uint8_t*>(&length);
  out->insert(out->end(), bytes, bytes + 8);
  out->insert(out->end(), body.begin(), body.end());
}

}  // namespace qt::episodes

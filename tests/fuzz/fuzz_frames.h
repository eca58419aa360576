// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of the two protocols share: frames out of bytes, and bytes out of messages.
#pragma once

#include <functional>
#include <utility>

#include "base/check.h"
#include "protocol/wire_frame.h"
#include "support/memory_stream.h"

namespace qt::fuzz {

inline constexpr protocol::Framing kFramings[] = {protocol::Framing::kNdjson,
                                                  protocol::Framing::kBinary};

// The first frame of what was encoded.
inline protocol::Frame Reframe(const Bytes& encoded) {
  MemorySource source(encoded);
  protocol::FrameReader reader(&source);
  auto frame = reader.Next();
  QT_ASSERT(frame.ok() && *frame);
  return std::move(**frame);
}

// All frames of the input, in pieces as a pipe may give it, until one cannot be framed.
inline void ForEachFrame(const Bytes& input,
                         const std::function<void(const protocol::Frame&)>& check) {
  MemorySource source(input, 1 + input.size() % 61);
  protocol::FrameReader reader(&source);
  for (;;) {
    const auto frame = reader.Next();
    if (!frame.ok() || !*frame) return;
    check(**frame);
  }
}

// All frames of what one of us said: each can be framed. Their number.
inline uint64_t ForEachAnswer(const Bytes& said,
                              const std::function<void(const protocol::Frame&)>& check) {
  MemorySource source(said);
  protocol::FrameReader reader(&source);
  for (uint64_t count = 0;; ++count) {
    const auto frame = reader.Next();
    QT_ASSERT(frame.ok());
    if (!*frame) return count;
    check(**frame);
  }
}

}  // namespace qt::fuzz

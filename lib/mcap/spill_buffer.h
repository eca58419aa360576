// SPDX-License-Identifier: Apache-2.0
// Bytes that are appended one after the other and read once, at the end: the last few in memory,
// those before them in a temporary file without a name, so that what a writer notes down of a long
// file takes no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/file.h"
#include "base/status.h"

namespace qt::mcap {

class SpillBuffer {
 public:
  // Goes to the file whenever it exceeds `memory_bytes`.
  explicit SpillBuffer(size_t memory_bytes) : memory_bytes_(memory_bytes) {}
  ~SpillBuffer();
  SpillBuffer(const SpillBuffer&) = delete;
  SpillBuffer& operator=(const SpillBuffer&) = delete;

  // The file is made in $TMPDIR or /tmp. Where that cannot be, or is full, a warning says so once,
  // and from then on everything stays in memory.
  void Append(ByteSpan bytes);
  uint64_t size() const { return spilled_bytes_ + memory_.size(); }
  // All bytes in order, piece by piece. Fails if the file cannot be read or `take` fails.
  Status Read(const std::function<Status(ByteSpan)>& take) const;

 private:
  void Spill();

  const size_t memory_bytes_;
  Bytes memory_;
  uint64_t spilled_bytes_ = 0;
  int fd_ = -1;
  bool may_spill_ = true;
};

}  // namespace qt::mcap

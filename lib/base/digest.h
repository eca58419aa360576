// SPDX-License-Identifier: Apache-2.0
// Checksums and digests.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"

namespace qt {

// CRC-32/ISO-HDLC (zlib's), incremental: pass the last value on. Crc32(0, "123456789") = CBF43926.
uint32_t Crc32(uint32_t crc, ByteSpan bytes);

// Lower-case hex SHA-256; identifies policies, checkpoints and data files.
std::string Sha256Hex(ByteSpan bytes);

// The same, streamed.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(ByteSpan bytes);
  std::string Hex();  // once, after the last Update

 private:
  void* state_;
};

// XXH3-64, streamed; identifies the observations of an episode (content_hash).
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;
  void Update(ByteSpan bytes);
  uint64_t Value() const;

 private:
  void* state_;
};

}  // namespace qt

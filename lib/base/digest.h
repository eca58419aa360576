// Checksums and digests.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"

namespace qt {

// CRC-32/ISO-HDLC (zlib's), incremental: pass the last value on. Crc32(0, "123456789") = CBF43926.
uint32_t Crc32(uint32_t crc, ByteSpan bytes);

// Lower-case hex SHA-256; identifies checkpoints and data files.
std::string Sha256Hex(ByteSpan bytes);

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

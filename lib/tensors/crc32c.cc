// SPDX-License-Identifier: Apache-2.0
#include "tensors/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace qt::tensors {
namespace {

// kTables[k][b]: the checksum of byte b followed by k zero bytes, so that eight bytes need eight
// look-ups that do not wait for each other.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    tables[0][i] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (uint32_t i = 0; i < 256; ++i) {
      const uint32_t before = tables[k - 1][i];
      tables[k][i] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t Crc32cByInstruction(ByteSpan bytes) {
  uint64_t crc = 0xFFFFFFFFu;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    crc = __builtin_ia32_crc32di(crc, LoadWord(bytes.data() + at));
  }
  auto rest = static_cast<uint32_t>(crc);
  for (; at < bytes.size(); ++at) rest = __builtin_ia32_crc32qi(rest, bytes[at]);
  return ~rest;
}
const bool kHasInstruction = __builtin_cpu_supports("sse4.2");
#else
uint32_t Crc32cByInstruction(ByteSpan bytes) { return Crc32cPortable(bytes); }
const bool kHasInstruction = false;
#endif

}  // namespace

uint32_t Crc32cPortable(ByteSpan bytes) {
  static_assert(std::endian::native == std::endian::little, "words are taken as they are");
  uint32_t crc = 0xFFFFFFFFu;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const uint64_t word = LoadWord(bytes.data() + at) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kTables[7 - k][(word >> (8 * k)) & 0xFF];
  }
  for (; at < bytes.size(); ++at) crc = kTables[0][(crc ^ bytes[at]) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

uint32_t Crc32c(ByteSpan bytes) {
  return kHasInstruction ? Crc32cByInstruction(bytes) : Crc32cPortable(bytes);
}

uint32_t MaskedCrc32c(ByteSpan bytes) { return std::rotr(Crc32c(bytes), 15) + 0xA282EAD8u; }

}  // namespace qt::tensors

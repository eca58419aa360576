#include "record/tfrecord.h"

#include <array>
#include <bit>

namespace qt::record {
namespace {

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    table[i] = crc;
  }
  return table;
}

void AppendLittleEndian(uint64_t value, int bytes, Bytes* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

uint32_t Crc32c(ByteSpan bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeTable();
  uint32_t crc = 0xFFFFFFFFu;
  for (uint8_t byte : bytes) crc = kTable[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

uint32_t MaskedCrc32c(ByteSpan bytes) { return std::rotr(Crc32c(bytes), 15) + 0xA282EAD8u; }

Bytes FrameTfRecord(ByteSpan data) {
  Bytes out;
  AppendLittleEndian(data.size(), 8, &out);
  AppendLittleEndian(MaskedCrc32c(out), 4, &out);
  out.insert(out.end(), data.begin(), data.end());
  AppendLittleEndian(MaskedCrc32c(data), 4, &out);
  return out;
}

}  // namespace qt::record

// SPDX-License-Identifier: Apache-2.0
// A gzip stream made by hand, without a library: stored blocks of zeros would be as long as they
// are, so one block of fixed codes repeats the longest match.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/digest.h"
#include "base/file.h"

namespace qt::test {

// RFC 1951 and 1952. `num_zeros` is rounded up to 1 + 258 n.
inline Bytes GzipOfZeros(size_t num_zeros) {
  Bytes out = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
  uint64_t bits = 0;
  int num_bits = 0;
  const auto put = [&](uint32_t value, int count, bool from_high) {
    for (int i = 0; i < count; ++i) {
      const uint32_t bit = value >> (from_high ? count - 1 - i : i) & 1;
      bits |= uint64_t{bit} << num_bits;
      if (++num_bits < 8) continue;
      out.push_back(static_cast<uint8_t>(bits));
      bits = 0, num_bits = 0;
    }
  };
  put(1, 1, false), put(1, 2, false);  // the last block, of fixed codes
  put(0x30, 8, true);                  // one zero
  const size_t repeats = (num_zeros + 256) / 258;
  for (size_t i = 0; i < repeats; ++i) {
    put(0xC5, 8, true);  // 258 bytes more
    put(0, 5, true);     // of those one byte before
  }
  put(0, 7, true);  // the end of the block
  if (num_bits > 0) put(0, 8 - num_bits, false);
  const Bytes plain(1 + 258 * repeats);
  const uint32_t size = static_cast<uint32_t>(plain.size()), crc = Crc32(0, plain);
  for (uint32_t word : {crc, size}) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<uint8_t>(word >> shift));
  }
  return out;
}

}  // namespace qt::test

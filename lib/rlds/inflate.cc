#include "rlds/inflate.h"

#include <libdeflate.h>

#include <memory>

namespace qt::rlds {

bool LooksLikeZlib(ByteSpan bytes) {
  // Method deflate with a 32 KiB window, no preset dictionary, and the header's own check.
  return bytes.size() >= 2 && bytes[0] == 0x78 && (bytes[1] & 0x20) == 0 &&
         (bytes[0] * 256 + bytes[1]) % 31 == 0;
}

Status InflateZlib(ByteSpan compressed, std::span<uint8_t> out) {
  thread_local const std::unique_ptr<libdeflate_decompressor,
                                     decltype(&libdeflate_free_decompressor)>
      decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  size_t size = 0;
  const libdeflate_result result = libdeflate_zlib_decompress(
      decompressor.get(), compressed.data(), compressed.size(), out.data(), out.size(), &size);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE ||
      (result == LIBDEFLATE_SUCCESS && size < out.size())) {
    return Corrupt("the compressed data do not hold the expected " + std::to_string(out.size()) +
                   " bytes");
  }
  if (result != LIBDEFLATE_SUCCESS) return Corrupt("the compressed data are damaged");
  return Ok();
}

}  // namespace qt::rlds

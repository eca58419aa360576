// SPDX-License-Identifier: Apache-2.0
#include "base/inflate.h"

#include <libdeflate.h>

#include <memory>

namespace qt {
namespace {

libdeflate_decompressor* Decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor,
                                     decltype(&libdeflate_free_decompressor)>
      decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  return decompressor.get();
}

}  // namespace

bool LooksLikeZlib(ByteSpan bytes) {
  // Method deflate with a 32 KiB window, no preset dictionary, and the header's own check.
  return bytes.size() >= 2 && bytes[0] == 0x78 && (bytes[1] & 0x20) == 0 &&
         (bytes[0] * 256 + bytes[1]) % 31 == 0;
}

Status InflateZlib(ByteSpan compressed, std::span<uint8_t> out) {
  size_t size = 0;
  const libdeflate_result result = libdeflate_zlib_decompress(
      Decompressor(), compressed.data(), compressed.size(), out.data(), out.size(), &size);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE ||
      (result == LIBDEFLATE_SUCCESS && size < out.size())) {
    return Corrupt("the compressed data do not hold the expected " + std::to_string(out.size()) +
                   " bytes");
  }
  if (result != LIBDEFLATE_SUCCESS) return Corrupt("the compressed data are damaged");
  return Ok();
}

Result<Bytes> Inflate(ByteSpan compressed, Wrapping wrapping, size_t max_bytes) {
  Bytes out(max_bytes);
  size_t filled = 0;
  do {
    const auto inflate =
        wrapping == Wrapping::kGzip ? libdeflate_gzip_decompress_ex : libdeflate_zlib_decompress_ex;
    size_t used = 0, size = 0;
    const libdeflate_result result = inflate(Decompressor(), compressed.data(), compressed.size(),
                                             out.data() + filled, max_bytes - filled, &used, &size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      return Usage("the compressed data hold more than " + std::to_string(max_bytes) + " bytes");
    }
    if (result != LIBDEFLATE_SUCCESS) return Corrupt("the compressed data are damaged");
    filled += size;
    compressed = compressed.subspan(used);
  } while (wrapping == Wrapping::kGzip && !compressed.empty());
  if (!compressed.empty()) return Corrupt("something follows the compressed data");
  out.resize(filled);
  return out;
}

}  // namespace qt

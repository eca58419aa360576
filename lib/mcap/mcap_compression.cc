// Packing and unpacking of MCAP chunks with zstd and lz4.

#include <lz4frame.h>
#include <zstd.h>

#include <memory>

#include "base/check.h"
#include "base/digest.h"
#include "mcap/mcap.h"

namespace qt::mcap {
namespace {

Status DecompressZstd(ByteSpan compressed, Bytes* records) {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  const size_t n = ZSTD_decompressDCtx(context.get(), records->data(), records->size(),
                                       compressed.data(), compressed.size());
  if (ZSTD_isError(n)) {
    return Corrupt(std::string("a chunk does not decompress: ") + ZSTD_getErrorName(n));
  }
  if (n != records->size()) return Corrupt("a chunk is shorter than stated");
  return Ok();
}

LZ4F_dctx* Lz4Context() {
  static const auto make = [] {
    LZ4F_dctx* context = nullptr;
    QT_ASSERT(!LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)));
    return context;
  };
  thread_local const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(
      make(), &LZ4F_freeDecompressionContext);
  LZ4F_resetDecompressionContext(context.get());
  return context.get();
}

// LZ4 frames, usually one.
Status DecompressLz4(ByteSpan compressed, Bytes* records) {
  LZ4F_dctx* context = Lz4Context();
  size_t have = 0, hint = 1;
  while (!compressed.empty()) {
    size_t room = records->size() - have, used = compressed.size();
    hint =
        LZ4F_decompress(context, records->data() + have, &room, compressed.data(), &used, nullptr);
    if (LZ4F_isError(hint)) {
      return Corrupt(std::string("a chunk does not decompress: ") + LZ4F_getErrorName(hint));
    }
    if (room == 0 && used == 0) return Corrupt("a chunk is longer than stated");
    have += room;
    compressed = compressed.subspan(used);
  }
  if (hint != 0 || have != records->size()) return Corrupt("a chunk is shorter than stated");
  return Ok();
}

Status Decompress(const Chunk& chunk, Bytes* records) {
  if (chunk.compression == "zstd") return DecompressZstd(chunk.records, records);
  if (chunk.compression == "lz4") return DecompressLz4(chunk.records, records);
  if (chunk.records.size() != chunk.uncompressed_bytes) {
    return Corrupt("a chunk does not have the stated size");
  }
  std::copy(chunk.records.begin(), chunk.records.end(), records->begin());
  return Ok();
}

}  // namespace

Bytes CompressZstd(ByteSpan bytes, int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  Bytes out(ZSTD_compressBound(bytes.size()));
  const size_t n =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), bytes.data(), bytes.size(), level);
  QT_ASSERT(!ZSTD_isError(n));  // it only fails for want of room or memory
  out.resize(n);
  return out;
}

Bytes CompressLz4(ByteSpan bytes) {
  Bytes out(LZ4F_compressFrameBound(bytes.size(), nullptr));
  const size_t n = LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), nullptr);
  QT_ASSERT(!LZ4F_isError(n));
  out.resize(n);
  return out;
}

Status UnpackChunk(const Chunk& chunk, Bytes* records) {
  const std::string& compression = chunk.compression;
  if (!compression.empty() && compression != "zstd" && compression != "lz4") {
    return Corrupt("a chunk has the unknown compression \"" + compression + "\"");
  }
  if (chunk.uncompressed_bytes > kMaxChunkBytes) {
    return Corrupt("a chunk would unpack to " + std::to_string(chunk.uncompressed_bytes) +
                   " bytes; the limit is " + std::to_string(kMaxChunkBytes));
  }
  records->resize(chunk.uncompressed_bytes);
  QT_TRY(Decompress(chunk, records));
  if (chunk.crc != 0 && Crc32(0, *records) != chunk.crc) {
    return Corrupt("a chunk's checksum does not match");
  }
  return Ok();
}

}  // namespace qt::mcap

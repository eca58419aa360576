// SPDX-License-Identifier: Apache-2.0
// Decompression of zlib and gzip streams (RFC 1950, 1952) into as many bytes as the caller allows.
#pragma once

#include "base/file.h"
#include "base/status.h"

namespace qt {

// Whether `bytes` start as a zlib stream does.
bool LooksLikeZlib(ByteSpan bytes);

// Fills `out`. Corrupt if the stream is damaged or holds more or fewer bytes.
Status InflateZlib(ByteSpan compressed, std::span<uint8_t> out);

enum class Wrapping { kZlib, kGzip };
// Of a whole stream, or of several gzip members in a row. kUsage if it holds more than `max_bytes`,
// kCorrupt if it is damaged or something follows it.
Result<Bytes> Inflate(ByteSpan compressed, Wrapping wrapping, size_t max_bytes);

}  // namespace qt

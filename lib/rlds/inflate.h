// Decompression of zlib streams (RFC 1950) whose size is known: what inflates to any other size is
// an error.
#pragma once

#include "base/file.h"
#include "base/status.h"

namespace qt::rlds {

// Whether `bytes` start as a zlib stream does.
bool LooksLikeZlib(ByteSpan bytes);

// Fills `out`. Corrupt if the stream is damaged or holds more or fewer bytes.
Status InflateZlib(ByteSpan compressed, std::span<uint8_t> out);

}  // namespace qt::rlds

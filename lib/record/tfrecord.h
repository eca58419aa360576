// TFRecord framing: length, masked CRC-32C of the length, data, masked CRC-32C of the data.
#pragma once

#include <cstdint>

#include "base/file.h"

namespace qt::record {

// CRC-32C (Castagnoli). Crc32c("123456789") = E3069283.
uint32_t Crc32c(ByteSpan bytes);
// The rotated and offset form in which TFRecord stores it.
uint32_t MaskedCrc32c(ByteSpan bytes);

// `data` as one record.
Bytes FrameTfRecord(ByteSpan data);

}  // namespace qt::record

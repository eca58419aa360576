// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), the checksum of TFRecord files. By the processor's own instruction where it
// has one.
#pragma once

#include <cstdint>

#include "base/file.h"

namespace qt::tensors {

// Crc32c("123456789") = E3069283.
uint32_t Crc32c(ByteSpan bytes);
// The same without the instruction; for processors that lack it, and for the test that compares.
uint32_t Crc32cPortable(ByteSpan bytes);

// The rotated and offset form in which TFRecord stores it.
uint32_t MaskedCrc32c(ByteSpan bytes);

}  // namespace qt::tensors

// SPDX-License-Identifier: Apache-2.0
// What this process takes of the machine's memory, now and at its peak, as the kernel counts
// it.
#pragma once

#include <cstdint>
#include <string>

namespace qt::train {

struct MemoryUse {
  uint64_t resident_bytes = 0;
  uint64_t peak_bytes = 0;  // of the resident memory, since the start of the process
};

// Reads /proc/self/status; zeros where there is none.
MemoryUse ReadMemoryUse();

// "812 MiB".
std::string MebibytesText(uint64_t bytes);

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
#include "train/memory_use.h"

#include <cstdlib>

#include "base/file.h"

namespace qt::train {
namespace {

// "VmRSS:     1234 kB" of `status`.
uint64_t BytesOf(const std::string& status, const std::string& key) {
  const size_t at = status.find(key + ":");
  if (at == std::string::npos) return 0;
  return std::strtoull(status.c_str() + at + key.size() + 1, nullptr, 10) << 10;
}

}  // namespace

MemoryUse ReadMemoryUse() {
  const auto status = ReadWholeFile("/proc/self/status");
  if (!status.ok()) return {};
  return {BytesOf(*status, "VmRSS"), BytesOf(*status, "VmHWM")};
}

std::string MebibytesText(uint64_t bytes) {
  return std::to_string((bytes + (1 << 19)) >> 20) + " MiB";
}

}  // namespace qt::train

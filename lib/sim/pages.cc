// SPDX-License-Identifier: Apache-2.0
// Anonymous mappings with a header that remembers their length.
#include "sim/pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <limits>

namespace qt::sim {
namespace {

constexpr size_t kHeader = 64;  // keeps the alignment of the page

}  // namespace

void* AllocatePages(size_t size) {
  if (size > std::numeric_limits<size_t>::max() - kHeader) return nullptr;
  const size_t length = size + kHeader;
  void* const mapping =
      mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  *static_cast<size_t*>(mapping) = length;
  return static_cast<uint8_t*>(mapping) + kHeader;
}

void FreePages(void* memory) {
  if (memory == nullptr) return;
  void* const mapping = static_cast<uint8_t*>(memory) - kHeader;
  munmap(mapping, *static_cast<size_t*>(mapping));
}

}  // namespace qt::sim

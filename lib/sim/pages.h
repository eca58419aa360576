// SPDX-License-Identifier: Apache-2.0
// Memory for MuJoCo's models and states, in pages of their own that go back when they are freed.
#pragma once

#include <cstddef>

namespace qt::sim {

// What mju_user_malloc wants: aligned to 64 bytes; null if there is no memory. Every bin
// brings a model and a state of another size: taken from the heap, they leave holes between what
// lives longer, and a process that makes thousands of bins grows by a hundred megabytes.
void* AllocatePages(size_t size);
void FreePages(void* memory);

}  // namespace qt::sim

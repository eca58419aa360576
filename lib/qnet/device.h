// SPDX-License-Identifier: Apache-2.0
// Where networks are computed. Knows no LibTorch.
#pragma once

#include <array>
#include <cstdint>

#include "base/status.h"

namespace qt::qnet {

enum class Device : uint8_t { kAuto, kCpu, kCuda };
constexpr auto NamesOf(Device) { return std::array{"auto", "cpu", "cuda"}; }

// What the wish comes to on this machine: kCpu or kCuda. Fails if CUDA is wanted and LibTorch has
// none.
Result<Device> ChooseDevice(Device wanted);

}  // namespace qt::qnet

// SPDX-License-Identifier: Apache-2.0
// Numbers as short texts and shares, alike wherever people read them.
#pragma once

#include <cstdint>
#include <string>

namespace qt {

// "640x512", of a picture.
inline std::string SizeText(int width_px, int height_px) {
  return std::to_string(width_px) + "x" + std::to_string(height_px);
}

// 16 lower-case hexadecimal digits.
std::string HexText(uint64_t value);

// The share of a part; 0 of nothing.
inline double Ratio(uint64_t part, uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace qt

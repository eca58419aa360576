// SPDX-License-Identifier: Apache-2.0
#include "base/byte_size.h"

#include <charconv>
#include <utility>

namespace qt {
namespace {

constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
    {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}};
constexpr double kMost = 1e15;

}  // namespace

Result<ByteSize> ByteSize::Parse(std::string_view text) {
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(size_t(end.ptr - text.data()));
  uint64_t scale = unit.empty() ? 1 : 0;
  for (const auto& [name, factor] : kUnits) {
    if (unit == name || (unit == "k" && name == "K")) scale = factor;
  }
  const double bytes = number * double(scale);
  if (end.ec == std::errc() && bytes >= 1 && bytes <= kMost) return ByteSize{uint64_t(bytes)};
  return Usage("wants a size such as 512M or 4G, not '" + std::string(text) + "'");
}

std::string ByteSize::ToString() const {
  for (const auto& [name, factor] : kUnits) {
    if (bytes > 0 && bytes % factor == 0) return std::to_string(bytes / factor) + std::string(name);
  }
  return std::to_string(bytes);
}

}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
#include "mdp/image_size.h"

#include <charconv>

namespace qt {
namespace {

constexpr int kMinSide_px = 16, kMaxSide_px = 2048;

bool ParseSide(std::string_view text, int* side_px) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *side_px);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && *side_px >= kMinSide_px &&
         *side_px <= kMaxSide_px;
}

}  // namespace

Result<ImageSize> ImageSize::Parse(std::string_view text) {
  ImageSize size;
  const size_t cross = text.find('x');
  const bool square = cross == std::string_view::npos;
  if (ParseSide(text.substr(0, cross), &size.width_px) &&
      ParseSide(square ? text : text.substr(cross + 1), &size.height_px)) {
    return size;
  }
  return Usage("wants N or WIDTHxHEIGHT with sides of 16 to 2048 pixels, not '" +
               std::string(text) + "'");
}

std::string ImageSize::ToString() const {
  const std::string width = std::to_string(width_px);
  return width_px == height_px ? width : width + "x" + std::to_string(height_px);
}

}  // namespace qt

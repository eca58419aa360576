// SPDX-License-Identifier: Apache-2.0
// Width and height of a picture, as settings give them: "64", "640x512".
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace qt {

struct ImageSize {
  int width_px = 64;
  int height_px = 64;

  // N or WIDTHxHEIGHT, with sides of 16 to 2048 pixels.
  static Result<ImageSize> Parse(std::string_view text);
  std::string ToString() const;
};

}  // namespace qt

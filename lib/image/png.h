// SPDX-License-Identifier: Apache-2.0
// PNG files of RGB pictures, for sheets and explanations. Sole user of libpng.
#pragma once

#include "base/file.h"
#include "base/status.h"
#include "image/image.h"

namespace qt {

// The bytes of a PNG file. REQUIRES: a picture of at least one pixel.
Bytes EncodePng(const RgbImage& image);
// Writes all of a file and commits it; errors carry the path.
Status WritePng(ByteSink& sink, const RgbImage& image);
Status WritePng(const std::string& path, const RgbImage& image, Overwrite overwrite);

}  // namespace qt

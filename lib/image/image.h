// Decoded images and their codecs. Sole user of TurboJPEG; OpenCV is used in image/ops.h's code.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "mdp/observation.h"

namespace qt {

// Row-major RGB, 8 bits a channel: rgb_HWC[(v * width_px + u) * 3 + channel].
struct RgbImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<uint8_t> rgb_HWC;
};

// Decodes either encoding; errors name what is wrong with the bytes. JPEG: at most 4096 x 4096.
Result<RgbImage> Decode(const EncodedImage& image);
// The same, for those who need no more than max_side_px a side: a larger JPEG is decoded to a half,
// a quarter or an eighth of its size, whichever first fits or else the last, which is cheaper.
Result<RgbImage> DecodeShrunk(const EncodedImage& image, int max_side_px);
// quality 1..100, chroma 4:4:4 (colour is what separates small objects from the floor).
EncodedImage EncodeJpeg(const RgbImage& image, int quality = 95);
EncodedImage EncodeRaw(RgbImage image);

}  // namespace qt

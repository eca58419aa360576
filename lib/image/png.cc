// SPDX-License-Identifier: Apache-2.0
#include "image/png.h"

#include <png.h>

#include <memory>

#include "base/check.h"

namespace qt {

Bytes EncodePng(const RgbImage& image) {
  QT_CHECK(image.width_px > 0 && image.height_px > 0, image.width_px, image.height_px);
  png_image header = {};
  header.version = PNG_IMAGE_VERSION;
  header.width = png_uint_32(image.width_px);
  header.height = png_uint_32(image.height_px);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  Bytes bytes(size);
  const int done =
      png_image_write_to_memory(&header, bytes.data(), &size, 0, image.rgb_HWC.data(), 0, nullptr);
  QT_ASSERT(done != 0);
  bytes.resize(size);
  return bytes;
}

Status WritePng(ByteSink& sink, const RgbImage& image) {
  QT_TRY(sink.Write(EncodePng(image)));
  return sink.Commit();
}

Status WritePng(const std::string& path, const RgbImage& image, Overwrite overwrite) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink, CreateFile(path, overwrite));
  return WritePng(*sink, image);
}

}  // namespace qt

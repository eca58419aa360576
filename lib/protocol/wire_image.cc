#include "protocol/wire_image.h"

#include <string>
#include <utility>

#include "json/json.h"

namespace qt::protocol {
namespace {

// The image bytes: beside the JSON in binary framing, in it in NDJSON.
Bytes TakeImageBytes(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  if (!fields.Has("data")) {
    const uint64_t bytes = fields.Unsigned("bytes", limits.max_image_bytes);
    if (bytes != frame.image.size()) fields.Fail("bytes", "is not what the frame holds");
    return std::move(frame.image);
  }
  const Json& data = fields.Get("data");
  if (!data.is_string()) {
    fields.Fail("data", "must be base64 text");
    return {};
  }
  Result<Bytes> bytes = DecodeBase64(data.get_ref<const std::string&>());
  if (!bytes.ok()) fields.Fail("data", "is malformed: " + bytes.status().message());
  return bytes.ok() ? std::move(*bytes) : Bytes();
}

}  // namespace

EncodedImage ReadImage(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  EncodedImage image;
  image.width_px = fields.Integer("width_px", 1, kMaxCameraSide_px);
  image.height_px = fields.Integer("height_px", 1, kMaxCameraSide_px);
  const std::string encoding = fields.Text("encoding", json::kMaxName);
  if (encoding != "jpeg" && encoding != "rgb8") fields.Fail("encoding", "must be jpeg or rgb8");
  image.encoding = encoding == "rgb8" ? ImageEncoding::kRgb8 : ImageEncoding::kJpeg;
  image.bytes = TakeImageBytes(fields, frame, limits);
  if (image.bytes.empty() || image.bytes.size() > limits.max_image_bytes) {
    fields.Fail("", "holds no image, or one that is too long");
  }
  if (image.encoding == ImageEncoding::kRgb8 &&
      image.bytes.size() != RgbBytes(image.width_px, image.height_px)) {
    fields.Fail("", "must hold 3 * width_px * height_px bytes in rgb8");
  }
  return image;
}

Json ImageHeader(const EncodedImage& image) {
  return {{"encoding", image.encoding == ImageEncoding::kRgb8 ? "rgb8" : "jpeg"},
          {"width_px", image.width_px},
          {"height_px", image.height_px}};
}

}  // namespace qt::protocol

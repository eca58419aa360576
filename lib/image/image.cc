// SPDX-License-Identifier: Apache-2.0
// JPEG through TurboJPEG, raw RGB as it is. One codec handle a thread: TurboJPEG's are not shared.
#include "image/image.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/number_text.h"

namespace qt {
namespace {

constexpr int kMaxSide_px = 4096;
constexpr size_t kSmallBytes = 128 << 10;  // a picture that fits into a core's own cache

// Owns one TurboJPEG handle.
class Handle {
 public:
  explicit Handle(tjhandle handle) : handle_(handle) { QT_ASSERT(handle_ != nullptr); }
  ~Handle() { tjDestroy(handle_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  tjhandle get() const { return handle_; }

 private:
  tjhandle handle_;
};

// The thread's own. After a damaged picture it is made anew: TurboJPEG 2.1 does not forget a
// warning and would refuse the next one.
std::optional<Handle>& Decompressor() {
  thread_local std::optional<Handle> handle;
  if (!handle) handle.emplace(tjInitDecompress());
  return handle;
}

tjhandle Compressor() {
  thread_local Handle handle(tjInitCompress());
  return handle.get();
}

Result<RgbView> ViewRaw(const EncodedImage& image) {
  if (image.width_px <= 0 || image.height_px <= 0 || image.width_px > kMaxSide_px ||
      image.height_px > kMaxSide_px) {
    return Corrupt("raw image of impossible size " + SizeText(image.width_px, image.height_px));
  }
  if (image.bytes.size() != RgbBytes(image.width_px, image.height_px)) {
    return Corrupt("raw image of " + SizeText(image.width_px, image.height_px) + " has " +
                   std::to_string(image.bytes.size()) + " bytes");
  }
  return RgbView(image.width_px, image.height_px, image.bytes);
}

Status Refused(const char* what) {
  Status status = Corrupt(std::string(what) + tjGetErrorStr2(Decompressor()->get()));
  Decompressor().reset();
  return status;
}

// The number by which the decoder divides both sides: 1, 2, 4 or 8.
int DivisorFor(int side_px, int max_side_px) {
  int divisor = 1;
  while (divisor < 8 && (side_px + divisor - 1) / divisor > max_side_px) divisor *= 2;
  return divisor;
}

// Where the decoder writes a small picture. Into rows that begin at a multiple of 32 bytes it
// stores past the cache, which takes half as long again, and whoever looks at the picture next
// waits for memory. Whether a vector begins so is up to the heap; these rows do not.
uint8_t* PlaceOffAlignment(size_t size) {
  constexpr size_t kAlignment = 32;
  thread_local std::vector<uint8_t> place;
  if (place.size() < size + kAlignment) place.resize(size + kAlignment);
  const size_t past = reinterpret_cast<uintptr_t>(place.data()) % kAlignment;
  return place.data() + (kAlignment + kAlignment / 2 - past) % kAlignment;
}

// The number of scans, each of which the decoder takes through the whole picture.
size_t CountScans(ByteSpan jpeg) {
  size_t scans = 0;
  const uint8_t* at = jpeg.data();
  const uint8_t* const end = at + jpeg.size();
  while (at < end) {
    at = static_cast<const uint8_t*>(std::memchr(at, 0xFF, static_cast<size_t>(end - at)));
    if (at == nullptr || end - at < 4) break;
    const uint8_t marker = at[1];
    const bool has_length = marker >= 0xC0 && marker < 0xFF && !(marker >= 0xD0 && marker <= 0xD9);
    scans += marker == 0xDA;
    // Within the data of a scan 0xFF is followed by 0, a restart or more of 0xFF.
    at += has_length ? 2 + std::max(2, at[2] << 8 | at[3]) : marker == 0xFF ? 1 : 2;
  }
  return scans;
}

// A progressive picture has ten scans or so. One of some kilobytes may have thousands, which take
// seconds.
Status CheckScans(ByteSpan jpeg, int width_px, int height_px) {
  const double pixels = std::max(1.0, double(width_px) * double(height_px));
  const auto most = static_cast<size_t>(std::clamp(64e6 / pixels, 16.0, 64.0));
  const size_t scans = CountScans(jpeg);
  if (scans <= most) return Ok();
  return Corrupt("JPEG image of " + std::to_string(scans) + " scans; at most " +
                 std::to_string(most) + " are decoded");
}

Result<RgbImage> DecodeJpeg(const EncodedImage& image, int max_side_px) {
  RgbImage out;
  int subsampling = 0, colour_space = 0;
  const tjhandle handle = Decompressor()->get();
  const auto size = static_cast<unsigned long>(image.bytes.size());
  if (tjDecompressHeader3(handle, image.bytes.data(), size, &out.width_px, &out.height_px,
                          &subsampling, &colour_space) != 0) {
    return Refused("no JPEG image: ");
  }
  if (out.width_px > kMaxSide_px || out.height_px > kMaxSide_px) {
    return Corrupt("JPEG image too large: " + SizeText(out.width_px, out.height_px));
  }
  if (image.width_px > 0 && (image.width_px != out.width_px || image.height_px != out.height_px)) {
    return Corrupt("JPEG image is " + SizeText(out.width_px, out.height_px) + ", announced as " +
                   SizeText(image.width_px, image.height_px));
  }
  QT_TRY(CheckScans(image.bytes, out.width_px, out.height_px));
  const tjscalingfactor scale = {1, DivisorFor(std::max(out.width_px, out.height_px), max_side_px)};
  out.width_px = TJSCALED(out.width_px, scale);
  out.height_px = TJSCALED(out.height_px, scale);
  const size_t rgb_size = RgbBytes(out.width_px, out.height_px);
  const bool small = rgb_size <= kSmallBytes;
  if (!small) out.rgb_HWC.resize(rgb_size);
  uint8_t* rgb = small ? PlaceOffAlignment(rgb_size) : out.rgb_HWC.data();
  if (tjDecompress2(handle, image.bytes.data(), size, rgb, out.width_px, 0, out.height_px, TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0) {
    return Refused("damaged JPEG image: ");
  }
  if (small) out.rgb_HWC.assign(rgb, rgb + rgb_size);
  return out;
}

}  // namespace

Result<RgbView> View(const EncodedImage& image, RgbImage* storage) {
  return ViewShrunk(image, kMaxSide_px, storage);
}

Result<RgbView> ViewShrunk(const EncodedImage& image, int max_side_px, RgbImage* storage) {
  QT_CHECK(max_side_px > 0, max_side_px);
  if (image.encoding == ImageEncoding::kRgb8) return ViewRaw(image);
  QT_ASSIGN(*storage, DecodeJpeg(image, max_side_px));
  return RgbView(*storage);
}

Result<RgbImage> Decode(EncodedImage image) {
  if (image.encoding == ImageEncoding::kJpeg) return DecodeJpeg(image, kMaxSide_px);
  QT_TRY(ViewRaw(image).status());
  return RgbImage{image.width_px, image.height_px, std::move(image.bytes).Take()};
}

EncodedImage EncodeJpeg(const RgbImage& image, int quality) {
  QT_CHECK(quality >= 1 && quality <= 100, quality);
  QT_CHECK(image.width_px > 0 && image.height_px > 0 && image.width_px <= kMaxSide_px &&
               image.height_px <= kMaxSide_px,
           image.width_px, image.height_px);
  QT_CHECK(image.rgb_HWC.size() == RgbBytes(image.width_px, image.height_px), image.rgb_HWC.size());
  Bytes jpeg(tjBufSize(image.width_px, image.height_px, TJSAMP_444));
  unsigned char* buffer = jpeg.data();
  auto size = static_cast<unsigned long>(jpeg.size());
  const int rc =
      tjCompress2(Compressor(), image.rgb_HWC.data(), image.width_px, 0, image.height_px, TJPF_RGB,
                  &buffer, &size, TJSAMP_444, quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT);
  QT_ASSERT(rc == 0);
  jpeg.resize(size);
  return {ImageEncoding::kJpeg, image.width_px, image.height_px, std::move(jpeg)};
}

EncodedImage EncodeRaw(RgbImage image) {
  QT_CHECK(image.rgb_HWC.size() == RgbBytes(image.width_px, image.height_px), image.rgb_HWC.size());
  return {ImageEncoding::kRgb8, image.width_px, image.height_px, std::move(image.rgb_HWC)};
}

}  // namespace qt

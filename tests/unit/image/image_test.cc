// SPDX-License-Identifier: Apache-2.0
// The codecs: what goes in comes out, and damaged bytes are named, not decoded.
#include "image/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"

namespace qt {
namespace {

// A smooth colour ramp with a saturated red square: JPEG keeps both within a few grey levels.
RgbImage Ramp(int width_px, int height_px) {
  RgbImage image{width_px, height_px, {}};
  for (int v = 0; v < height_px; ++v) {
    for (int u = 0; u < width_px; ++u) {
      const bool red = u >= 8 && u < 16 && v >= 8 && v < 16;
      image.rgb_HWC.push_back(uint8_t(red ? 250 : 40 + 160 * u / width_px));
      image.rgb_HWC.push_back(uint8_t(red ? 10 : 40 + 160 * v / height_px));
      image.rgb_HWC.push_back(uint8_t(red ? 10 : 120));
    }
  }
  return image;
}

double MeanAbsDifference(const RgbImage& a, const RgbImage& b) {
  double sum = 0;
  for (size_t i = 0; i < a.rgb_HWC.size(); ++i) sum += std::abs(a.rgb_HWC[i] - b.rgb_HWC[i]);
  return sum / double(a.rgb_HWC.size());
}

Bytes Cut(const SharedBytes& bytes, size_t size) {
  return Bytes(bytes.begin(), bytes.begin() + std::ptrdiff_t(size));
}

TEST(Image, JpegRoundTripKeepsColours) {
  const RgbImage image = Ramp(64, 48);
  const EncodedImage encoded = EncodeJpeg(image);
  EXPECT_EQ(encoded.encoding, ImageEncoding::kJpeg);
  EXPECT_EQ(encoded.width_px, 64);
  EXPECT_EQ(encoded.height_px, 48);
  EXPECT_LT(encoded.bytes.size(), image.rgb_HWC.size() / 2);
  auto decoded = Decode(encoded);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  ASSERT_EQ(decoded->rgb_HWC.size(), image.rgb_HWC.size());
  EXPECT_LT(MeanAbsDifference(*decoded, image), 2.0);
  // 4:4:4: the square's red does not bleed, two pixels inside its edge.
  EXPECT_GT(decoded->rgb_HWC[(10 * 64 + 10) * 3], 230);
  EXPECT_LT(decoded->rgb_HWC[(10 * 64 + 10) * 3 + 1], 40);
}

TEST(Image, LowerQualityIsSmallerAndWorse) {
  const RgbImage image = Ramp(64, 64);
  const EncodedImage fine = EncodeJpeg(image, 95), coarse = EncodeJpeg(image, 20);
  EXPECT_LT(coarse.bytes.size(), fine.bytes.size());
  EXPECT_GT(MeanAbsDifference(*Decode(coarse), image), MeanAbsDifference(*Decode(fine), image));
}

TEST(Image, RawRoundTripIsExact) {
  const RgbImage image = Ramp(17, 5);
  auto decoded = Decode(EncodeRaw(image));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->rgb_HWC, image.rgb_HWC);
  EXPECT_EQ(decoded->width_px, 17);
}

TEST(Image, DamageIsCorruptNotACrash) {
  EncodedImage jpeg = EncodeJpeg(Ramp(64, 64));
  EncodedImage cut = jpeg;
  cut.bytes = Cut(cut.bytes, cut.bytes.size() / 2);
  EXPECT_EQ(Decode(cut).status().code(), Code::kCorrupt);
  EncodedImage empty = jpeg;
  empty.bytes = {};
  EXPECT_EQ(Decode(empty).status().code(), Code::kCorrupt);
  EncodedImage wrong_size = jpeg;
  wrong_size.width_px = 32;
  EXPECT_THAT(Decode(wrong_size).status().message(), testing::HasSubstr("announced as 32x64"));
  EncodedImage raw = EncodeRaw(Ramp(8, 8));
  raw.bytes = Cut(raw.bytes, raw.bytes.size() - 1);
  EXPECT_THAT(Decode(raw).status().message(), testing::HasSubstr("has 191 bytes"));
  raw.height_px = -1;
  EXPECT_EQ(Decode(raw).status().code(), Code::kCorrupt);
}

TEST(Image, EveryTruncationIsSafe) {
  const EncodedImage jpeg = EncodeJpeg(Ramp(16, 16));
  for (size_t size = 0; size < jpeg.bytes.size() - 2; ++size) {
    EncodedImage cut = jpeg;
    cut.bytes = Cut(cut.bytes, size);
    EXPECT_FALSE(Decode(cut).ok()) << size;
  }
}

TEST(Image, ADamagedPictureSpoilsNoOther) {
  const EncodedImage small = EncodeJpeg(Ramp(16, 16)), good = EncodeJpeg(Ramp(64, 48));
  for (size_t size = 0; size < small.bytes.size() - 2; ++size) {
    EncodedImage cut = small;
    cut.bytes = Cut(cut.bytes, size);
    EXPECT_FALSE(Decode(cut).ok()) << size;
    EXPECT_TRUE(Decode(good).ok()) << size;
  }
}

TEST(Image, SameBytesOnEveryThread) {
  const RgbImage image = Ramp(64, 64);
  const EncodedImage here = EncodeJpeg(image);
  EncodedImage there;
  std::thread([&] { there = EncodeJpeg(image); }).join();
  EXPECT_EQ(here.bytes, there.bytes);
}

TEST(Image, BrokenContractsThrow) {
  RgbImage image = Ramp(8, 8);
  EXPECT_THROW(EncodeJpeg(image, 0), ContractError);
  image.rgb_HWC.pop_back();
  EXPECT_THROW(EncodeJpeg(image), ContractError);
  EXPECT_THROW(EncodeRaw(image), ContractError);
}

TEST(Image, LargeJpegsDecodeToAPowerOfTwo) {
  const EncodedImage large = EncodeJpeg(Ramp(472, 300), 95);
  RgbImage storage;
  const RgbView quarter = *ViewShrunk(large, 128, &storage);
  EXPECT_EQ(quarter.width_px, 118);
  EXPECT_EQ(quarter.height_px, 75);
  EXPECT_EQ(ViewShrunk(large, 10, &storage)->width_px, 59) << "an eighth at most";
  ASSERT_TRUE(ViewShrunk(large, 472, &storage).ok());
  EXPECT_EQ(storage.rgb_HWC, Decode(large)->rgb_HWC);
}

TEST(Image, ARawPictureIsViewedWhereItIs) {
  const EncodedImage raw = EncodeRaw(Ramp(8, 4));
  RgbImage storage;
  const Result<RgbView> view = View(raw, &storage);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->rgb_HWC.data(), raw.bytes.data());
  EXPECT_EQ(view->width_px, 8);
  EXPECT_TRUE(storage.rgb_HWC.empty());
  EXPECT_EQ(Decode(raw)->rgb_HWC, Ramp(8, 4).rgb_HWC);
}

TEST(Image, ARawPictureThatNobodyElseHoldsIsTaken) {
  EncodedImage raw = EncodeRaw(Ramp(8, 4));
  const uint8_t* pixels = raw.bytes.data();
  EXPECT_EQ(Decode(std::move(raw))->rgb_HWC.data(), pixels);
}

EncodedImage EncodeProgressive(const RgbImage& image) {
  const tjhandle handle = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, image.rgb_HWC.data(), image.width_px, 0, image.height_px, TJPF_RGB,
                        &bytes, &size, TJSAMP_444, 90, TJFLAG_PROGRESSIVE),
            0);
  EncodedImage encoded{ImageEncoding::kJpeg, image.width_px, image.height_px,
                       std::vector<uint8_t>(bytes, bytes + size)};
  tjFree(bytes);
  tjDestroy(handle);
  return encoded;
}

// A picture of some kilobytes with thousands of scans took seconds and more.
TEST(Image, AProgressivePictureHasFewScans) {
  for (const int side_px : {64, 2048}) {
    const RgbImage ramp = Ramp(side_px, side_px);
    EncodedImage picture = EncodeProgressive(ramp);
    const Result<RgbImage> decoded = Decode(picture);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    EXPECT_LT(MeanAbsDifference(*decoded, ramp), 3) << "ten scans are what everybody writes";

    const std::vector<uint8_t> scan_marker = {0xFF, 0xDA};
    std::vector<uint8_t> bytes(picture.bytes.begin(), picture.bytes.end());
    const auto last =
        std::find_end(bytes.begin(), bytes.end(), scan_marker.begin(), scan_marker.end());
    const std::vector<uint8_t> scan(last, bytes.end() - 2);
    bytes.resize(bytes.size() - 2);  // without the end of the image
    for (int i = 0; i < 3000; ++i) bytes.insert(bytes.end(), scan.begin(), scan.end());
    bytes.insert(bytes.end(), {0xFF, 0xD9});
    picture.bytes = std::move(bytes);
    const auto start = std::chrono::steady_clock::now();
    const Status status = Decode(picture).status();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    EXPECT_THAT(status.message(), testing::HasSubstr("JPEG image of 3010 scans"));
    EXPECT_EQ(status.code(), Code::kCorrupt);
  }
}

}  // namespace
}  // namespace qt

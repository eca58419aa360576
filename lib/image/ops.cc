#include "image/ops.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace qt {

RgbImage ShrinkToSide(const RgbView& image, int max_side_px, RgbImage storage) {
  const int side_px = std::max(image.width_px, image.height_px);
  if (side_px <= max_side_px && image.rgb_HWC.data() == storage.rgb_HWC.data()) return storage;
  if (side_px <= max_side_px) {
    return {image.width_px, image.height_px, {image.rgb_HWC.begin(), image.rgb_HWC.end()}};
  }
  const double scale = double(max_side_px) / side_px;
  RgbImage small;
  small.width_px = std::max(1, int(std::lround(image.width_px * scale)));
  small.height_px = std::max(1, int(std::lround(image.height_px * scale)));
  small.rgb_HWC.resize(RgbBytes(small.width_px, small.height_px));
  const cv::Mat source(image.height_px, image.width_px, CV_8UC3,
                       const_cast<uint8_t*>(image.rgb_HWC.data()));
  cv::Mat target(small.height_px, small.width_px, CV_8UC3, small.rgb_HWC.data());
  cv::resize(source, target, target.size(), 0, 0, cv::INTER_AREA);
  return small;
}

namespace {

// A view, which OpenCV is only ever given to read.
cv::Mat Pixels(std::span<const uint8_t> rgb_HWC) {
  return {1, static_cast<int>(rgb_HWC.size() / kRgbChannels), CV_8UC3,
          const_cast<uint8_t*>(rgb_HWC.data())};
}

}  // namespace

std::array<float, kRgbChannels> MeanColour(std::span<const uint8_t> rgb_HWC) {
  const cv::Scalar mean = cv::mean(Pixels(rgb_HWC));
  return {static_cast<float>(mean[0] / 255), static_cast<float>(mean[1] / 255),
          static_cast<float>(mean[2] / 255)};
}

void MapColours(std::span<const uint8_t> rgb_HWC, const ColourMap& map, float low, float high,
                float* out_HWC) {
  cv::Mat pixels;
  Pixels(rgb_HWC).convertTo(pixels, CV_32F);
  cv::Mat out(1, pixels.cols, CV_32FC3, out_HWC);
  cv::transform(pixels, out, cv::Mat(3, 4, CV_32F, const_cast<float*>(map[0].data())));
  cv::Mat values = out.reshape(1);
  cv::max(values, low, values);
  cv::min(values, high, values);
}

}  // namespace qt

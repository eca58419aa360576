#include "image/ops.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace qt {

RgbImage ShrinkToSide(RgbImage image, int max_side_px) {
  const int side_px = std::max(image.width_px, image.height_px);
  if (side_px <= max_side_px) return image;
  const double scale = double(max_side_px) / side_px;
  RgbImage small;
  small.width_px = std::max(1, int(std::lround(image.width_px * scale)));
  small.height_px = std::max(1, int(std::lround(image.height_px * scale)));
  small.rgb_HWC.resize(size_t(small.width_px) * size_t(small.height_px) * 3);
  const cv::Mat source(image.height_px, image.width_px, CV_8UC3, image.rgb_HWC.data());
  cv::Mat target(small.height_px, small.width_px, CV_8UC3, small.rgb_HWC.data());
  cv::resize(source, target, target.size(), 0, 0, cv::INTER_AREA);
  return small;
}

}  // namespace qt

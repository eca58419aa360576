#include "image/ops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "base/check.h"

namespace qt {
namespace {

// A cv::Mat header over our bytes; OpenCV does not write through it.
cv::Mat View(const RgbImage& image) {
  return {image.height_px, image.width_px, CV_8UC3, const_cast<uint8_t*>(image.rgb_HWC.data())};
}

cv::Mat View(const FloatImage& image) {
  return {image.height_px, image.width_px, CV_32FC1, const_cast<float*>(image.value_HW.data())};
}

float Median(std::vector<float> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Line {
  double gain = 1, offset = 0;
  double At(double x) const { return gain * x + offset; }
};

// Sums for a least-squares line through points.
struct Moments {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  void Add(double px, double py) { n += 1, x += px, y += py, xx += px * px, xy += px * py; }
  // Where the points have no spread in x, the offset alone.
  Line Fit() const {
    const double variance = xx - x * x / n;
    const double gain = variance > n ? std::clamp((xy - x * y / n) / variance, 0.5, 2.0) : 1.0;
    return {gain, (y - gain * x) / n};
  }
};

constexpr int kFitRounds = 4;
constexpr double kInlierDeviations = 2.5;
constexpr double kLeastSpread = 1.5;  // levels: rounding and JPEG noise

// y ~ gain x + offset, refitted to the points near the line. Starts from the median offset.
Line FitRobustly(const std::vector<float>& x, const std::vector<float>& y) {
  std::vector<float> residual(x.size());
  for (size_t i = 0; i < x.size(); ++i) residual[i] = y[i] - x[i];
  Line line{1, Median(residual)};
  for (int round = 0; round < kFitRounds; ++round) {
    for (size_t i = 0; i < x.size(); ++i) residual[i] = float(std::abs(y[i] - line.At(x[i])));
    const double spread = std::max(kLeastSpread, 1.4826 * Median(residual));
    Moments moments;
    for (size_t i = 0; i < x.size(); ++i) {
      if (residual[i] <= kInlierDeviations * spread) moments.Add(x[i], y[i]);
    }
    if (moments.n < 0.1 * double(x.size())) break;
    line = moments.Fit();
  }
  return line;
}

std::vector<float> Channel(const cv::Mat& image_rgb, int channel) {
  cv::Mat plane;
  cv::extractChannel(image_rgb, plane, channel);
  return {plane.begin<float>(), plane.end<float>()};
}

// Smoothed in floating point before the comparison: noise shrinks, differences of area stay.
cv::Mat Smoothed(const RgbImage& image) {
  cv::Mat values, smooth;
  View(image).convertTo(values, CV_32FC3);
  cv::GaussianBlur(values, smooth, {3, 3}, 0);
  return smooth;
}

Blob BlobOf(const cv::Mat& labels, const cv::Mat& values, const cv::Mat& stats, int label) {
  Blob blob;
  blob.area_px = stats.at<int>(label, cv::CC_STAT_AREA);
  const cv::Rect box(stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
                     stats.at<int>(label, cv::CC_STAT_WIDTH),
                     stats.at<int>(label, cv::CC_STAT_HEIGHT));
  for (int v = box.y; v < box.y + box.height; ++v) {
    for (int u = box.x; u < box.x + box.width; ++u) {
      if (labels.at<int>(v, u) != label) continue;
      const double value = values.at<float>(v, u);
      blob.peak = std::max(blob.peak, value);
      blob.sum += value;
      blob.u_px += value * u;
      blob.v_px += value * v;
    }
  }
  blob.u_px /= blob.sum;
  blob.v_px /= blob.sum;
  return blob;
}

}  // namespace

RgbImage ShrinkToSide(const RgbImage& image, int max_side_px) {
  const int side_px = std::max(image.width_px, image.height_px);
  if (side_px <= max_side_px) return image;
  const double scale = double(max_side_px) / side_px;
  RgbImage small;
  small.width_px = std::max(1, int(std::lround(image.width_px * scale)));
  small.height_px = std::max(1, int(std::lround(image.height_px * scale)));
  small.rgb_HWC.resize(size_t(small.width_px) * size_t(small.height_px) * 3);
  cv::Mat target(small.height_px, small.width_px, CV_8UC3, small.rgb_HWC.data());
  cv::resize(View(image), target, target.size(), 0, 0, cv::INTER_AREA);
  return small;
}

FloatImage ChangeBetween(const RgbImage& before, const RgbImage& after) {
  QT_CHECK(before.width_px == after.width_px && before.height_px == after.height_px,
           before.width_px, before.height_px, after.width_px, after.height_px);
  QT_CHECK(!before.rgb_HWC.empty());
  const cv::Mat smooth_before = Smoothed(before), smooth_after = Smoothed(after);
  FloatImage change{before.width_px, before.height_px, {}};
  change.value_HW.assign(size_t(before.width_px) * size_t(before.height_px), 0);
  for (int channel = 0; channel < 3; ++channel) {
    const std::vector<float> x = Channel(smooth_before, channel),
                             y = Channel(smooth_after, channel);
    const Line line = FitRobustly(x, y);
    for (size_t i = 0; i < x.size(); ++i) {
      const float difference = float(std::abs(y[i] - line.At(x[i])));
      change.value_HW[i] = std::max(change.value_HW[i], difference);
    }
  }
  return change;
}

FloatImage DistanceFromFloor(const RgbImage& image, const std::vector<uint8_t>& region_HW) {
  const size_t count = region_HW.size();
  QT_CHECK(3 * count == image.rgb_HWC.size(), count, image.rgb_HWC.size());
  std::array<float, 3> floor;
  for (size_t channel = 0; channel < 3; ++channel) {
    std::vector<float> values;
    for (size_t i = 0; i < count; ++i) {
      if (region_HW[i] != 0) values.push_back(image.rgb_HWC[3 * i + channel]);
    }
    QT_CHECK(!values.empty());
    floor[channel] = Median(std::move(values));
  }
  FloatImage distance{image.width_px, image.height_px, std::vector<float>(count)};
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* rgb = &image.rgb_HWC[3 * i];
    distance.value_HW[i] = std::hypot(rgb[0] - floor[0], rgb[1] - floor[1], rgb[2] - floor[2]);
  }
  return distance;
}

double NoiseLevel(const FloatImage& image) {
  QT_CHECK(!image.value_HW.empty());
  return 1.4826 * Median(image.value_HW);
}

std::vector<Blob> FindBlobs(const FloatImage& image, double threshold, int min_area_px) {
  const cv::Mat values = View(image);
  const cv::Mat mask = values > threshold;
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids, 8, CV_32S);
  std::vector<Blob> blobs;
  for (int label = 1; label < count; ++label) {
    if (stats.at<int>(label, cv::CC_STAT_AREA) < min_area_px) continue;
    blobs.push_back(BlobOf(labels, values, stats, label));
  }
  std::stable_sort(blobs.begin(), blobs.end(),
                   [](const Blob& a, const Blob& b) { return a.sum > b.sum; });
  return blobs;
}

}  // namespace qt

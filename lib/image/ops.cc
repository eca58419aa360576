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

// Every stride-th pixel of a row-major picture, in both directions; few enough for robust fits.
constexpr int kFitStride = 2;

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

// Counts of values, quarter by quarter of a grey level: medians without sorting.
class Histogram {
 public:
  void Add(double value) {
    ++count_[size_t(std::clamp(value * 4, 0.0, double(count_.size() - 1)))];
    ++total_;
  }
  double Median() const {
    size_t bin = 0;
    for (int below = 0; bin + 1 < count_.size(); ++bin) {
      below += count_[bin];
      if (2 * below > total_) break;
    }
    return (double(bin) + 0.5) / 4;
  }

 private:
  std::array<int, 4 * 256> count_ = {};
  int total_ = 0;
};

constexpr int kFitRounds = 4;
constexpr double kInlierDeviations = 2.5;
constexpr double kLeastSpread = 1.5;  // levels: rounding and JPEG noise

// Pairs of values of one channel.
struct Points {
  std::vector<uint8_t> x, y;
};

Points Sample(const cv::Mat& from_rgb, const cv::Mat& to_rgb, int channel) {
  Points points;
  for (int v = 0; v < from_rgb.rows; v += kFitStride) {
    const uint8_t *from = from_rgb.ptr(v), *to = to_rgb.ptr(v);
    for (int u = channel; u < 3 * from_rgb.cols; u += 3 * kFitStride) {
      points.x.push_back(from[u]);
      points.y.push_back(to[u]);
    }
  }
  return points;
}

double MedianOffset(const Points& points) {
  Histogram raised;  // by 128 and halved, to have no negative values
  for (size_t i = 0; i < points.x.size(); ++i) {
    raised.Add(0.5 * (255 + points.y[i] - points.x[i]));
  }
  return 2 * raised.Median() - 255;
}

// y ~ gain x + offset, refitted to the points near the line. Starts from the median offset.
Line FitRobustly(const Points& points) {
  Line line{1, MedianOffset(points)};
  for (int round = 0; round < kFitRounds; ++round) {
    const auto residual = [&](size_t i) { return std::abs(points.y[i] - line.At(points.x[i])); };
    Histogram residuals;
    for (size_t i = 0; i < points.x.size(); ++i) residuals.Add(residual(i));
    const double most = kInlierDeviations * std::max(kLeastSpread, 1.4826 * residuals.Median());
    Moments moments;
    for (size_t i = 0; i < points.x.size(); ++i) {
      if (residual(i) <= most) moments.Add(points.x[i], points.y[i]);
    }
    if (moments.n < 0.1 * double(points.x.size())) break;
    const Line refitted = moments.Fit();
    const double moved =
        std::abs(refitted.At(0) - line.At(0)) + std::abs(refitted.At(255) - line.At(255));
    line = refitted;
    if (moved < 0.2) break;
  }
  return line;
}

// Smoothed before the comparison: noise shrinks, differences of area stay.
cv::Mat Smoothed(const cv::Mat& image_rgb) {
  cv::Mat smooth;
  cv::GaussianBlur(image_rgb, smooth, {3, 3}, 0);
  return smooth;
}

// The largest difference between neighbours around each pixel: what an error of one pixel in the
// alignment costs there.
cv::Mat Contrast(const cv::Mat& image_rgb) {
  cv::Mat high, low, contrast;
  cv::dilate(image_rgb, high, {});
  cv::erode(image_rgb, low, {});
  cv::subtract(high, low, contrast);
  return contrast;
}

cv::Matx23d Warp(const ImageShift& shift, int width_px, int height_px) {
  const double c = std::cos(shift.turn_rad), s = std::sin(shift.turn_rad);
  const double u = 0.5 * (width_px - 1), v = 0.5 * (height_px - 1);
  return {c, -s, u - c * u + s * v + shift.du_px, s, c, v - s * u - c * v + shift.dv_px};
}

cv::Mat Moved(const cv::Mat& image, const ImageShift& shift) {
  if (shift.IsZero()) return image;
  cv::Mat moved;
  cv::warpAffine(image, moved, Warp(shift, image.cols, image.rows), image.size(), cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  return moved;
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

FloatImage ChangeBetween(const RgbImage& before, const RgbImage& after, const ImageShift& shift,
                         double edge_tolerance_px) {
  QT_CHECK(before.width_px == after.width_px && before.height_px == after.height_px,
           before.width_px, before.height_px, after.width_px, after.height_px);
  QT_CHECK(!before.rgb_HWC.empty());
  const cv::Mat from = Smoothed(Moved(View(before), shift)), to = Smoothed(View(after));
  const cv::Mat contrast = Contrast(to);
  const size_t count = size_t(before.width_px) * size_t(before.height_px);
  FloatImage change{before.width_px, before.height_px, std::vector<float>(count, 0)};
  for (int channel = 0; channel < 3; ++channel) {
    const Line line = FitRobustly(Sample(from, to, channel));
    std::array<float, 256> lit;
    for (int x = 0; x < 256; ++x) lit[size_t(x)] = float(line.At(x));
    const uint8_t *x = from.data + channel, *y = to.data + channel, *c = contrast.data + channel;
    for (size_t i = 0; i < count; ++i) {
      const float difference = std::abs(y[3 * i] - lit[x[3 * i]]);
      change.value_HW[i] =
          std::max(change.value_HW[i], difference - float(edge_tolerance_px) * c[3 * i]);
    }
  }
  return change;
}

std::vector<uint8_t> ConvexRegion(int width_px, int height_px,
                                  std::span<const std::array<double, 2>> corners_px) {
  std::vector<uint8_t> region_HW(size_t(width_px) * size_t(height_px), 0);
  if (!corners_px.empty()) {
    std::vector<cv::Point> corners, hull;
    for (const auto& [u_px, v_px] : corners_px) {
      corners.emplace_back(cv::saturate_cast<short>(u_px), cv::saturate_cast<short>(v_px));
    }
    cv::convexHull(corners, hull);
    cv::Mat region(height_px, width_px, CV_8UC1, region_HW.data());
    cv::fillConvexPoly(region, hull, cv::Scalar(1));
  }
  if (std::find(region_HW.begin(), region_HW.end(), 1) == region_HW.end()) {
    region_HW.assign(region_HW.size(), 1);
  }
  return region_HW;
}

FloatImage DistanceFromFloor(const RgbImage& image, const std::vector<uint8_t>& region_HW) {
  const size_t count = region_HW.size();
  QT_CHECK(3 * count == image.rgb_HWC.size(), count, image.rgb_HWC.size());
  std::array<Histogram, 3> levels;
  for (size_t i = 0; i < count; ++i) {
    if (region_HW[i] == 0) continue;
    for (size_t channel = 0; channel < 3; ++channel) {
      levels[channel].Add(image.rgb_HWC[3 * i + channel]);
    }
  }
  std::array<float, 3> floor;
  for (size_t channel = 0; channel < 3; ++channel) {
    floor[channel] = std::floor(float(levels[channel].Median()));
  }
  FloatImage distance{image.width_px, image.height_px, std::vector<float>(count)};
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* rgb = &image.rgb_HWC[3 * i];
    const float r = rgb[0] - floor[0], g = rgb[1] - floor[1], b = rgb[2] - floor[2];
    distance.value_HW[i] = std::sqrt(r * r + g * g + b * b);
  }
  return distance;
}

double NoiseLevel(const FloatImage& image) {
  QT_CHECK(!image.value_HW.empty());
  Histogram values;
  for (float value : image.value_HW) values.Add(value);
  return 1.4826 * values.Median();
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

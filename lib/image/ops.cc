// SPDX-License-Identifier: Apache-2.0
#include "image/ops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/check.h"

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

// --- Registration of two pictures of one scene -------------------------------------------------
// Lucas and Kanade 1981; Gauss-Newton, coarse to fine, with weights that let moved objects drop
// out.

namespace {

constexpr double kNoShift_px = 0.15;  // smaller than what ChangeBetween forgives at edges
constexpr double kMaxShare = 0.1, kMaxTurn_rad = 0.09;
// The residual that still counts falls from what a shift does to an edge to what noise does, so
// that edges pull at first and objects that moved drop out in the end.
constexpr double kFirstSpread = 30, kSpreadFall = 0.5;
constexpr int kIterations = 8, kLeastIterations = 4;

cv::Mat Grey(const RgbImage& image) {
  const cv::Mat rgb(image.height_px, image.width_px, CV_8UC3,
                    const_cast<uint8_t*>(image.rgb_HWC.data()));
  cv::Mat grey, values;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(values, CV_32FC1);
  return values;
}

// What is solved for: motion and light, from the frame before to the one after.
struct Fit {
  ImageShift shift;
  double gain = 1, offset = 0;
};

// One pixel's part in the normal equations.
struct Residual {
  std::array<double, 5> derivative;  // by du, dv, turn, gain, offset
  double residual;
};

// Bilinear value and gradient of `image`; false outside.
bool ValueAt(const cv::Mat& image, double u, double v, double* value, double* du, double* dv) {
  const int u0 = int(std::floor(u)), v0 = int(std::floor(v));
  if (u0 < 0 || v0 < 0 || u0 + 1 >= image.cols || v0 + 1 >= image.rows) return false;
  const double a = u - u0, b = v - v0;
  const float *top = image.ptr<float>(v0) + u0, *bottom = image.ptr<float>(v0 + 1) + u0;
  *value = (1 - b) * ((1 - a) * top[0] + a * top[1]) + b * ((1 - a) * bottom[0] + a * bottom[1]);
  *du = (1 - b) * (top[1] - top[0]) + b * (bottom[1] - bottom[0]);
  *dv = (1 - a) * (bottom[0] - top[0]) + a * (bottom[1] - top[1]);
  return true;
}

std::vector<Residual> Linearise(const cv::Mat& before, const cv::Mat& after, const Fit& fit) {
  std::vector<Residual> samples;
  samples.reserve(before.total());
  const double cu = 0.5 * (before.cols - 1), cv = 0.5 * (before.rows - 1);
  const double c = std::cos(fit.shift.turn_rad), s = std::sin(fit.shift.turn_rad);
  const int step = before.cols > 40 ? 2 : 1;
  for (int v = 1; v + 1 < before.rows; v += step) {
    for (int u = 1; u + 1 < before.cols; u += step) {
      const double x = u - cu, y = v - cv;
      double value = 0, du = 0, dv = 0;
      if (!ValueAt(after, cu + c * x - s * y + fit.shift.du_px,
                   cv + s * x + c * y + fit.shift.dv_px, &value, &du, &dv)) {
        continue;
      }
      const double level = before.at<float>(v, u);
      const double turn = du * (-s * x - c * y) + dv * (c * x - s * y);
      samples.push_back({{du, dv, turn, -level, -1}, value - fit.gain * level - fit.offset});
    }
  }
  return samples;
}

// Robust deviation of what the fit leaves unexplained, levels.
double Spread(const std::vector<Residual>& samples) {
  std::vector<float> size;
  size.reserve(samples.size());
  for (const Residual& sample : samples) size.push_back(float(std::abs(sample.residual)));
  const auto middle = size.begin() + std::ptrdiff_t(size.size() / 2);
  std::nth_element(size.begin(), middle, size.end());
  return std::max(0.7, 1.4826 * *middle);
}

// The step that the weighted normal equations ask for; zero if they are singular.
std::array<double, 5> Solve(const std::vector<Residual>& samples, double spread) {
  cv::Matx<double, 5, 5> normal = cv::Matx<double, 5, 5>::zeros();
  cv::Matx<double, 5, 1> right = cv::Matx<double, 5, 1>::zeros();
  for (const Residual& sample : samples) {
    const double ratio = sample.residual / (2.4 * spread);
    const double weight = 1 / ((1 + ratio * ratio) * (1 + ratio * ratio));
    for (int i = 0; i < 5; ++i) {
      right(i) -= weight * sample.derivative[size_t(i)] * sample.residual;
      for (int j = 0; j <= i; ++j) {
        normal(i, j) += weight * sample.derivative[size_t(i)] * sample.derivative[size_t(j)];
      }
    }
  }
  for (int i = 0; i < 5; ++i) {
    normal(i, i) += 1e-6;
    for (int j = i + 1; j < 5; ++j) normal(i, j) = normal(j, i);
  }
  cv::Matx<double, 5, 1> step;
  if (!cv::solve(normal, right, step, cv::DECOMP_CHOLESKY)) return {};
  return {step(0), step(1), step(2), step(3), step(4)};
}

// Refines on one level of the pyramid.
Fit Refine(const cv::Mat& before, const cv::Mat& after, Fit fit) {
  for (int i = 0; i < kIterations; ++i) {
    const std::vector<Residual> samples = Linearise(before, after, fit);
    if (samples.size() < 50) return fit;
    const double tolerated = kFirstSpread * std::pow(kSpreadFall, i);
    const std::array<double, 5> step = Solve(samples, std::max(Spread(samples), tolerated));
    fit.shift.du_px += step[0];
    fit.shift.dv_px += step[1];
    fit.shift.turn_rad += step[2];
    fit.gain += step[3];
    fit.offset += step[4];
    const double reach_px = 0.5 * before.cols * std::abs(step[2]);
    const double moved_px = std::abs(step[0]) + std::abs(step[1]) + reach_px;
    if (i + 1 >= kLeastIterations && moved_px < 0.02) break;
  }
  return fit;
}

// Wide edges, so that each step can see where they go.
cv::Mat Blurred(const cv::Mat& image) {
  cv::Mat blurred;
  cv::GaussianBlur(image, blurred, {5, 5}, 1.2);
  return blurred;
}

cv::Mat Halved(const cv::Mat& image) {
  cv::Mat half;
  cv::resize(image, half, {std::max(1, image.cols / 2), std::max(1, image.rows / 2)}, 0, 0,
             cv::INTER_AREA);
  return half;
}

double Size_px(const ImageShift& shift, int side_px) {
  return std::hypot(shift.du_px, shift.dv_px) + 0.5 * side_px * std::abs(shift.turn_rad);
}

}  // namespace

ImageShift FindShift(const RgbImage& before, const RgbImage& after) {
  QT_CHECK(before.width_px == after.width_px && before.height_px == after.height_px,
           before.width_px, before.height_px, after.width_px, after.height_px);
  std::vector<cv::Mat> from = {Grey(before)}, to = {Grey(after)};
  while (std::min(from.back().cols, from.back().rows) >= 24) {
    from.push_back(Halved(from.back()));
    to.push_back(Halved(to.back()));
  }
  const int side_px = std::max(before.width_px, before.height_px);
  Fit fit;
  for (size_t level = from.size(); level-- > 0;) {
    fit = Refine(Blurred(from[level]), Blurred(to[level]), fit);
    const double scale = double(1 << level);
    if (level > 0 && Size_px(fit.shift, from[level].cols) * scale < 0.5 * kNoShift_px) return {};
    if (level > 0) fit.shift.du_px *= 2, fit.shift.dv_px *= 2;
  }
  const bool possible = std::abs(fit.shift.turn_rad) <= kMaxTurn_rad &&
                        std::hypot(fit.shift.du_px, fit.shift.dv_px) <= kMaxShare * side_px;
  return possible && Size_px(fit.shift, side_px) >= kNoShift_px ? fit.shift : ImageShift{};
}

}  // namespace qt

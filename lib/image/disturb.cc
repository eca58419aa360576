// SPDX-License-Identifier: Apache-2.0
#include "image/disturb.h"

#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace qt {
namespace {

float Draw(RandomStream& rng, double low, double high) {
  return static_cast<float>(rng.Uniform(low, high));
}

// A turn about the grey axis: greys stay as they are.
cv::Matx33f HueTurn(double angle_rad) {
  const auto c = static_cast<float>(std::cos(angle_rad));
  const float even = (1 - c) / 3;
  const auto odd = static_cast<float>(std::sin(angle_rad) / std::numbers::sqrt3);
  return {c + even,   even - odd, even + odd,  //
          even + odd, c + even,   even - odd,  //
          even - odd, even + odd, c + even};
}

void TurnAllHues(RandomStream& rng, cv::Mat& image) {
  cv::transform(image, image, HueTurn(rng.Uniform(-std::numbers::pi, std::numbers::pi)));
}

void ChangeChannels(RandomStream& rng, cv::Mat& image) {
  cv::Matx34f map = cv::Matx34f::zeros();
  for (int c = 0; c < 3; ++c) {
    map(c, c) = Draw(rng, 0.6, 1.4);
    map(c, 3) = Draw(rng, -0.15, 0.15);
  }
  cv::transform(image, image, map);
}

// Between 2 and 12 random colours along each side, and what lies between.
void LayPatternOver(RandomStream& rng, cv::Mat& image) {
  const int cells = 2 + static_cast<int>(rng.Below(11));
  const double reach = rng.Uniform(0.05, 0.3);
  cv::Mat coarse(cells, cells, CV_32FC3);
  for (float* value = coarse.ptr<float>(); value != coarse.ptr<float>() + coarse.total() * 3;) {
    *value++ = Draw(rng, -reach, reach);
  }
  cv::Mat pattern;
  cv::resize(coarse, pattern, image.size(), 0, 0, cv::INTER_LINEAR);
  image += pattern;
}

void BlurBy(double sigma_px, cv::Mat& image) {
  cv::GaussianBlur(image, image, {}, sigma_px, sigma_px, cv::BORDER_REPLICATE);
}

void BlurALittle(RandomStream& rng, cv::Mat& image) {
  BlurBy(rng.Uniform(0.2, 1.0) * image.cols / 64, image);
}

void AddNoise(RandomStream& rng, cv::Mat& image) {
  cv::Mat noise(image.size(), CV_32FC3);
  cv::RNG draw(rng.Next());
  draw.fill(noise, cv::RNG::NORMAL, 0, rng.Uniform(0.01, 0.06));
  image += noise;
}

// The picture's own bytes, for OpenCV to change.
cv::Mat PixelsOf(RgbImage& image) {
  return {image.height_px, image.width_px, CV_8UC3, image.rgb_HWC.data()};
}

}  // namespace

void Blur(double sigma_px, RgbImage& image) {
  cv::Mat pixels = PixelsOf(image);
  BlurBy(sigma_px, pixels);
}

void TurnHues(double angle_rad, RgbImage& image) {
  cv::Mat pixels = PixelsOf(image);
  cv::transform(pixels, pixels, HueTurn(angle_rad));
}

void Disturb(int width_px, int height_px, RandomStream& rng, float* image_HWC) {
  cv::Mat image(height_px, width_px, CV_32FC3, image_HWC);
  for (const auto change : {TurnAllHues, ChangeChannels, LayPatternOver, BlurALittle, AddNoise}) {
    if (rng.Chance(0.5)) change(rng, image);
  }
  cv::Mat values = image.reshape(1);
  cv::max(values, -0.5F, values);
  cv::min(values, 0.5F, values);
}

}  // namespace qt

#include "image/draw.h"

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace qt {
namespace {

cv::Mat View(RgbImage& image) {
  return {image.height_px, image.width_px, CV_8UC3, image.rgb_HWC.data()};
}

cv::Mat View(const RgbImage& image) {
  return {image.height_px, image.width_px, CV_8UC3, const_cast<uint8_t*>(image.rgb_HWC.data())};
}

cv::Scalar ToScalar(const Rgb& colour) {
  return {double(colour[0]), double(colour[1]), double(colour[2])};
}

cv::Point At(double u_px, double v_px) { return {cvRound(u_px), cvRound(v_px)}; }

}  // namespace

RgbImage Canvas(int width_px, int height_px, const Rgb& colour) {
  QT_CHECK(width_px > 0 && height_px > 0, width_px, height_px);
  RgbImage canvas{width_px, height_px, {}};
  canvas.rgb_HWC.resize(size_t(3) * size_t(width_px) * size_t(height_px));
  View(canvas).setTo(ToScalar(colour));
  return canvas;
}

RgbImage Resized(const RgbImage& image, int width_px, int height_px) {
  RgbImage resized = Canvas(width_px, height_px, kBlack);
  cv::Mat target = View(resized);
  cv::resize(View(image), target, target.size(), 0, 0, cv::INTER_NEAREST);
  return resized;
}

void Paste(RgbImage& canvas, const RgbImage& image, int u_px, int v_px) {
  const cv::Rect place = cv::Rect(u_px, v_px, image.width_px, image.height_px) &
                         cv::Rect(0, 0, canvas.width_px, canvas.height_px);
  if (place.empty()) return;
  View(image)(place - cv::Point(u_px, v_px)).copyTo(View(canvas)(place));
}

void DrawText(RgbImage& canvas, const std::string& text, int u_px, int v_px, int height_px,
              const Rgb& colour) {
  constexpr double kHersheyHeight_px = 21;  // of a capital at scale 1
  const int width_px = std::max(1, height_px / 9);
  cv::putText(View(canvas), text, {u_px, v_px}, cv::FONT_HERSHEY_SIMPLEX,
              height_px / kHersheyHeight_px, ToScalar(colour), width_px, cv::LINE_AA);
}

void DrawLine(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
              const Rgb& colour, int width_px) {
  cv::line(View(canvas), At(u0_px, v0_px), At(u1_px, v1_px), ToScalar(colour), width_px,
           cv::LINE_AA);
}

void DrawArrow(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
               const Rgb& colour, int width_px) {
  cv::arrowedLine(View(canvas), At(u0_px, v0_px), At(u1_px, v1_px), ToScalar(colour), width_px,
                  cv::LINE_AA, 0, 0.25);
}

void FillRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour) {
  cv::rectangle(View(canvas), cv::Rect(u_px, v_px, width_px, height_px), ToScalar(colour),
                cv::FILLED);
}

void DrawRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour, int line_px) {
  cv::rectangle(View(canvas), cv::Rect(u_px, v_px, width_px, height_px), ToScalar(colour), line_px);
}

}  // namespace qt

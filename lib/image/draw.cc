// SPDX-License-Identifier: Apache-2.0
#include "image/draw.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "image/strokes.h"

namespace qt {
namespace {

struct Box {
  int u0_px, v0_px, u1_px, v1_px;  // the upper ends are not part of it
};

Box Clip(const RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px) {
  const auto within = [](double value, int size_px) {
    return int(std::clamp(value, 0.0, double(size_px)));
  };
  return {within(u0_px, canvas.width_px), within(v0_px, canvas.height_px),
          within(u1_px, canvas.width_px), within(v1_px, canvas.height_px)};
}

uint8_t* PixelAt(RgbImage& image, int u_px, int v_px) {
  return &image.rgb_HWC[kRgbChannels * (size_t(v_px) * size_t(image.width_px) + size_t(u_px))];
}

const uint8_t* PixelAt(const RgbImage& image, int u_px, int v_px) {
  return &image.rgb_HWC[kRgbChannels * (size_t(v_px) * size_t(image.width_px) + size_t(u_px))];
}

void Blend(uint8_t* pixel, const Rgb& colour, double cover) {
  for (size_t c = 0; c < kRgbChannels; ++c) {
    pixel[c] = uint8_t(std::lround(pixel[c] + cover * (double(colour[c]) - pixel[c])));
  }
}

double DistanceToSegment(double u, double v, double u0, double v0, double u1, double v1) {
  const double du = u1 - u0, dv = v1 - v0, square = du * du + dv * dv;
  const double t =
      square > 0 ? std::clamp(((u - u0) * du + (v - v0) * dv) / square, 0.0, 1.0) : 0.0;
  return std::hypot(u - u0 - t * du, v - v0 - t * dv);
}

// A stroke with round ends; each pixel is covered as far as the stroke's edge reaches into it.
void DrawStroke(RgbImage& canvas, double u0, double v0, double u1, double v1, const Rgb& colour,
                double width_px) {
  if (!std::isfinite(u0 + v0 + u1 + v1)) return;
  const double reach = width_px / 2 + 0.5;
  const Box box = Clip(canvas, std::min(u0, u1) - reach, std::min(v0, v1) - reach,
                       std::max(u0, u1) + reach + 1, std::max(v0, v1) + reach + 1);
  for (int v = box.v0_px; v < box.v1_px; ++v) {
    for (int u = box.u0_px; u < box.u1_px; ++u) {
      const double cover = reach - DistanceToSegment(u, v, u0, v0, u1, v1);
      if (cover > 0) Blend(PixelAt(canvas, u, v), colour, std::min(cover, 1.0));
    }
  }
}

// The mean of the pixels of `image` that fall into one pixel of a smaller one; at least one.
struct Span {
  int first, last;
};
Span SourceSpan(int target, int target_size_px, int source_size_px) {
  const int first = int(int64_t(target) * source_size_px / target_size_px);
  const int next = int(int64_t(target + 1) * source_size_px / target_size_px);
  return {first, std::max(first, next - 1)};
}

void MeanOver(const RgbImage& image, Span columns, Span rows, uint8_t* out) {
  const unsigned count =
      unsigned(columns.last - columns.first + 1) * unsigned(rows.last - rows.first + 1);
  for (size_t c = 0; c < kRgbChannels; ++c) {
    unsigned sum = 0;
    for (int v = rows.first; v <= rows.last; ++v) {
      for (int u = columns.first; u <= columns.last; ++u) sum += PixelAt(image, u, v)[c];
    }
    out[c] = uint8_t((sum + count / 2) / count);
  }
}

}  // namespace

RgbImage Canvas(int width_px, int height_px, const Rgb& colour) {
  QT_CHECK(width_px > 0 && height_px > 0, width_px, height_px);
  RgbImage canvas{width_px, height_px, {}};
  canvas.rgb_HWC.resize(RgbBytes(width_px, height_px));
  FillRectangle(canvas, 0, 0, width_px, height_px, colour);
  return canvas;
}

RgbImage Resized(const RgbImage& image, int width_px, int height_px) {
  QT_CHECK(image.width_px > 0 && image.height_px > 0, image.width_px, image.height_px);
  RgbImage resized = Canvas(width_px, height_px, kBlack);
  for (int v = 0; v < height_px; ++v) {
    const Span rows = SourceSpan(v, height_px, image.height_px);
    for (int u = 0; u < width_px; ++u) {
      MeanOver(image, SourceSpan(u, width_px, image.width_px), rows, PixelAt(resized, u, v));
    }
  }
  return resized;
}

void Paste(RgbImage& canvas, const RgbImage& image, int u_px, int v_px) {
  const Box box =
      Clip(canvas, u_px, v_px, double(u_px) + image.width_px, double(v_px) + image.height_px);
  if (box.u0_px >= box.u1_px) return;
  for (int v = box.v0_px; v < box.v1_px; ++v) {
    const uint8_t* from = PixelAt(image, box.u0_px - u_px, v - v_px);
    std::copy(from, from + RgbBytes(box.u1_px - box.u0_px, 1), PixelAt(canvas, box.u0_px, v));
  }
}

void DrawText(RgbImage& canvas, const std::string& text, int u_px, int v_px, int height_px,
              const Rgb& colour) {
  const double unit_v = height_px / double(kStrokeHeight), unit_u = 0.85 * unit_v;
  const double width_px = std::max(1.0, height_px / 9.0);
  double left = u_px;
  for (const char c : text) {
    for (const StrokeSegment& s : StrokesOf(c)) {
      DrawStroke(canvas, left + s.x0 * unit_u, v_px + (s.y0 - kStrokeHeight) * unit_v,
                 left + s.x1 * unit_u, v_px + (s.y1 - kStrokeHeight) * unit_v, colour, width_px);
    }
    left += kTextAdvance * height_px;
  }
}

void DrawLine(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
              const Rgb& colour, int width_px) {
  DrawStroke(canvas, u0_px, v0_px, u1_px, v1_px, colour, width_px);
}

void DrawArrow(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
               const Rgb& colour, int width_px) {
  DrawStroke(canvas, u0_px, v0_px, u1_px, v1_px, colour, width_px);
  const double length = std::hypot(u1_px - u0_px, v1_px - v0_px);
  if (!(length > 0)) return;
  const double du = (u1_px - u0_px) / length, dv = (v1_px - v0_px) / length;
  const double head = std::clamp(0.3 * length, 2.0 + width_px, 6.0 + 2 * width_px);
  for (const double side : {-0.6, 0.6}) {
    DrawStroke(canvas, u1_px, v1_px, u1_px - head * (du - side * dv),
               v1_px - head * (dv + side * du), colour, width_px);
  }
}

void FillRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour) {
  const Box box = Clip(canvas, u_px, v_px, double(u_px) + width_px, double(v_px) + height_px);
  for (int v = box.v0_px; v < box.v1_px; ++v) {
    for (int u = box.u0_px; u < box.u1_px; ++u) {
      std::copy(colour.begin(), colour.end(), PixelAt(canvas, u, v));
    }
  }
}

void DrawRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour, int line_px) {
  FillRectangle(canvas, u_px, v_px, width_px, line_px, colour);
  FillRectangle(canvas, u_px, v_px + height_px - line_px, width_px, line_px, colour);
  FillRectangle(canvas, u_px, v_px, line_px, height_px, colour);
  FillRectangle(canvas, u_px + width_px - line_px, v_px, line_px, height_px, colour);
}

}  // namespace qt

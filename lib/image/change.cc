// SPDX-License-Identifier: Apache-2.0
#include "image/change.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace qt {
namespace {

// Every so manieth pixel in both directions is enough for robust fits.
constexpr int kFitStride = 2;

void CheckSizes(const RgbImage& a, const RgbImage& b) {
  QT_CHECK(a.width_px == b.width_px && a.height_px == b.height_px, a.width_px, a.height_px,
           b.width_px, b.height_px);
  QT_CHECK(!a.rgb_HWC.empty() && a.rgb_HWC.size() == b.rgb_HWC.size(), a.rgb_HWC.size(),
           b.rgb_HWC.size());
}

// How many of at most 65535 levels are not above a limit.
uint16_t CountUpTo(std::span<const uint16_t> levels, uint16_t limit) {
  uint16_t count = 0;
  for (const uint16_t level : levels) count = uint16_t(count + (level <= limit ? 1 : 0));
  return count;
}

// Pairs of values of one channel.
struct Points {
  std::vector<uint8_t> x, y;
};

// Values of each channel at every kFitStride-th pixel of every kFitStride-th row.
std::array<Points, kRgbChannels> SamplePoints(const RgbImage& from, const RgbImage& to) {
  const auto every = [](int side_px) { return (size_t(side_px) + kFitStride - 1) / kFitStride; };
  const size_t width = every(from.width_px), size = width * every(from.height_px);
  std::array<Points, kRgbChannels> points;
  std::array<uint8_t*, 6> out;
  for (size_t channel = 0; channel < kRgbChannels; ++channel) {
    points[channel] = {std::vector<uint8_t>(size), std::vector<uint8_t>(size)};
    out[channel] = points[channel].x.data(), out[kRgbChannels + channel] = points[channel].y.data();
  }
  for (size_t start = 0; start < size; start += width) {
    const size_t row = kRgbChannels * kFitStride * (start / width) * size_t(from.width_px);
    const uint8_t *x = &from.rgb_HWC[row], *y = &to.rgb_HWC[row];
    for (size_t i = start; i < start + width;
         ++i, x += kRgbChannels * kFitStride, y += kRgbChannels * kFitStride) {
      out[0][i] = x[0], out[1][i] = x[1], out[2][i] = x[2];
      out[3][i] = y[0], out[4][i] = y[1], out[5][i] = y[2];
    }
  }
  return points;
}

int MedianOffset(const Points& points) {
  std::vector<uint16_t> raised(points.x.size());
  const uint8_t *x = points.x.data(), *y = points.y.data();
  for (size_t i = 0; i < raised.size(); ++i) raised[i] = uint16_t(255 + y[i] - x[i]);
  return MedianOf(raised) - 255;
}

constexpr int kFitRounds = 4;
constexpr double kInlierDeviations = 2.5;
constexpr double kLeastSpread = 1.5;  // levels: rounding and JPEG noise

// Sums over the points that are kept. Whole numbers, so the order of adding does not matter.
struct Sums {
  int64_t n = 0, x = 0, y = 0, xx = 0, xy = 0;
};

Sums SumsOf(const Points& points, const std::vector<uint8_t>& keep) {
  constexpr size_t kBlock = 16384;  // 255 * 255 of each fit into an int
  Sums sums;
  for (size_t start = 0; start < keep.size(); start += kBlock) {
    const size_t count = std::min(kBlock, keep.size() - start);
    const uint8_t *kept = &keep[start], *px = &points.x[start], *py = &points.y[start];
    int n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto x = int16_t(kept[i] * px[i]), y = int16_t(kept[i] * py[i]);
      n += kept[i], x_sum += x, y_sum += y, xx_sum += x * x, xy_sum += x * y;
    }
    sums.n += n, sums.x += x_sum, sums.y += y_sum, sums.xx += xx_sum, sums.xy += xy_sum;
  }
  return sums;
}

// The least-squares line through the points that are kept. Where they have no spread in x, its
// offset alone is fitted.
Light::Channel Refit(const Points& points, const std::vector<uint8_t>& keep,
                     const Light::Channel& last) {
  const Sums sums = SumsOf(points, keep);
  const double n = double(sums.n), x_sum = double(sums.x), y_sum = double(sums.y);
  if (n < 0.1 * double(points.x.size())) return last;
  const double variance = double(sums.xx) - x_sum * x_sum / n;
  const double gain =
      variance > n ? std::clamp((double(sums.xy) - x_sum * y_sum / n) / variance, 0.5, 2.0) : 1.0;
  return {gain, (y_sum - gain * x_sum) / n};
}

// How far from a line a point still counts, if the median of all lies in this half level.
double MostFor(int median_half) {
  const double spread = 1.4826 * 0.5 * (median_half + 0.5);
  return kInlierDeviations * std::max(kLeastSpread, spread);
}

// Marks (1, else 0) the points near y = x + offset, in whole numbers.
std::vector<uint8_t> KeepNear(const Points& points, int offset) {
  const size_t size = points.x.size();
  std::vector<uint16_t> residuals(size);
  const uint8_t *x = points.x.data(), *y = points.y.data();
  const auto shift = int16_t(offset);
  for (size_t i = 0; i < size; ++i) {
    const auto residual = int16_t(y[i] - x[i] - shift);
    residuals[i] = uint16_t(residual < 0 ? -residual : residual);
  }
  const double most = MostFor(std::min(2 * MedianOf(residuals), 511));
  const auto limit = uint16_t(std::min(most, 511.0));
  std::vector<uint8_t> keep(size);
  uint8_t* to = keep.data();
  for (size_t i = 0; i < size; ++i) to[i] = residuals[i] <= limit ? 1 : 0;
  return keep;
}

// Marks (1, else 0) the points near the line.
std::vector<uint8_t> KeepNear(const Points& points, const Light::Channel& line) {
  const size_t size = points.x.size();
  std::vector<double> residuals(size);
  std::vector<uint16_t> halves(size);
  const uint8_t *x = points.x.data(), *y = points.y.data();
  for (size_t i = 0; i < size; ++i) {
    residuals[i] = std::abs(y[i] - line.gain * x[i] - line.offset);
  }
  for (size_t i = 0; i < size; ++i) {
    const double half = residuals[i] * 2;
    halves[i] = uint16_t(int(half < 511.0 ? half : 511.0));
  }
  const double most = MostFor(MedianOf(halves));
  std::vector<uint8_t> keep(size);
  uint8_t* to = keep.data();
  for (size_t i = 0; i < size; ++i) to[i] = residuals[i] <= most ? 1 : 0;
  return keep;
}

// y ~ gain x + offset, refitted to the points near the line. Starts from the median offset.
Light::Channel FitRobustly(const Points& points) {
  const int offset = MedianOffset(points);
  Light::Channel line{1, double(offset)};
  for (int round = 0; round < kFitRounds; ++round) {
    const std::vector<uint8_t> keep =
        round == 0 ? KeepNear(points, offset) : KeepNear(points, line);
    const Light::Channel refitted = Refit(points, keep, line);
    const double moved =
        std::abs(refitted.offset - line.offset) +
        std::abs(255 * (refitted.gain - line.gain) + refitted.offset - line.offset);
    line = refitted;
    if (moved < 0.2) break;
  }
  return line;
}

uint8_t Above(uint8_t x, uint8_t y) { return uint8_t(x > y ? x - y : 0); }

// Writes how far each value of a row lies outside of its range; returns the largest of these.
uint8_t FindOutside(const uint8_t* value, const uint8_t* low, const uint8_t* high, size_t count,
                    uint8_t* outside) {
  uint8_t most = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t above = Above(value[i], high[i]), below = Above(low[i], value[i]);
    const uint8_t here = above > below ? above : below;
    outside[i] = here;
    most = here > most ? here : most;
  }
  return most;
}

// Writes the lowest value of each square of 2 x 2 pixels in two rows; 0 where one is cut off.
void LowestOfSquares(const uint8_t* top, size_t width, std::vector<uint8_t>* squares) {
  const uint8_t* bottom = top + width;
  uint8_t* square = squares->data();
  for (size_t u = 0; u + 1 < width; ++u) {
    const uint8_t above = top[u] < top[u + 1] ? top[u] : top[u + 1];
    const uint8_t below = bottom[u] < bottom[u + 1] ? bottom[u] : bottom[u + 1];
    square[u] = above < below ? above : below;
  }
  square[width - 1] = 0;
}

// Takes away what is narrower than two pixels: the highest of the lowest of the four squares of
// 2 x 2 pixels that hold a pixel.
void Open(uint8_t* value_HW, size_t width, size_t height) {
  const size_t size = width * height;
  if (width < 2 || height < 2) return;
  std::vector<uint8_t> above(width, 0), here(width, 0);  // of the squares' upper left pixels
  for (size_t start = 0; start < size; start += width) {
    uint8_t* value = &value_HW[start];
    if (start + width < size) {
      LowestOfSquares(value, width, &here);
    } else {
      std::fill(here.begin(), here.end(), uint8_t{0});
    }
    const uint8_t *old = above.data(), *now = here.data();
    value[0] = std::max(now[0], old[0]);
    for (size_t u = 1; u < width; ++u) {
      const uint8_t left = now[u - 1] > old[u - 1] ? now[u - 1] : old[u - 1];
      const uint8_t right = now[u] > old[u] ? now[u] : old[u];
      value[u] = left > right ? left : right;
    }
    above.swap(here);
  }
}

// One channel after the other, so that rows of one can be compared as they lie.
std::vector<uint8_t> Planes(const RgbImage& image) {
  const size_t size = image.rgb_HWC.size() / kRgbChannels;
  std::vector<uint8_t> value_CHW(kRgbChannels * size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t channel = 0; channel < kRgbChannels; ++channel) {
      value_CHW[channel * size + i] = image.rgb_HWC[kRgbChannels * i + channel];
    }
  }
  return value_CHW;
}

uint8_t Distance(uint8_t x, uint8_t y) { return uint8_t(x > y ? x - y : y - x); }

// Lowers the first `count` of `least` to how unlike a row of one picture is to one of another; the
// planes lie `size` apart.
void LowerTo(const uint8_t* x, const uint8_t* y, size_t size, size_t count, uint8_t* least) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t red_green = std::max(Distance(x[i], y[i]), Distance(x[size + i], y[size + i]));
    const uint8_t most = std::max(red_green, Distance(x[2 * size + i], y[2 * size + i]));
    least[i] = std::min(least[i], most);
  }
}

}  // namespace

Range RangeAround(const RgbImage& image) {
  const size_t row = kRgbChannels * size_t(image.width_px), size = image.rgb_HWC.size();
  Range range{std::vector<uint8_t>(size), std::vector<uint8_t>(size)};
  std::vector<uint8_t> low_row(row), high_row(row);
  for (size_t start = 0; start < size; start += row) {
    const uint8_t* middle = &image.rgb_HWC[start];
    const uint8_t* above = start > 0 ? middle - row : middle;
    const uint8_t* below = start + row < size ? middle + row : middle;
    for (size_t i = 0; i < row; ++i) {
      low_row[i] = std::min(std::min(above[i], below[i]), middle[i]);
      high_row[i] = std::max(std::max(above[i], below[i]), middle[i]);
    }
    const uint8_t *low = low_row.data(), *high = high_row.data();
    uint8_t *to_low = &range.low[start], *to_high = &range.high[start];
    for (size_t i = kRgbChannels; i + kRgbChannels < row; ++i) {
      to_low[i] = std::min(std::min(low[i - kRgbChannels], low[i + kRgbChannels]), low[i]);
      to_high[i] = std::max(std::max(high[i - kRgbChannels], high[i + kRgbChannels]), high[i]);
    }
    for (size_t i = 0; i < std::min<size_t>(row, kRgbChannels); ++i) {
      const size_t inner = std::min(i + kRgbChannels, row - kRgbChannels + i),
                   last = row - kRgbChannels + i;
      const size_t before_last = last >= kRgbChannels + i ? last - kRgbChannels : last;
      to_low[i] = std::min(low[i], low[inner]), to_high[i] = std::max(high[i], high[inner]);
      to_low[last] = std::min(low[last], low[before_last]);
      to_high[last] = std::max(high[last], high[before_last]);
    }
  }
  return range;
}

int MedianOf(std::span<const uint16_t> levels) {
  constexpr size_t kBlock = 65535;
  int low = 0, high = 511;
  while (low < high) {
    const int middle = (low + high) / 2;
    size_t count = 0;
    for (size_t start = 0; start < levels.size(); start += kBlock) {
      const size_t size = std::min(kBlock, levels.size() - start);
      count += CountUpTo(levels.subspan(start, size), uint16_t(middle));
    }
    2 * count > levels.size() ? high = middle : low = middle + 1;
  }
  return low;
}

int LargestDifference(const RgbImage& a, const RgbImage& b) {
  CheckSizes(a, b);
  if (a.rgb_HWC == b.rgb_HWC) return 0;
  const uint8_t *x = a.rgb_HWC.data(), *y = b.rgb_HWC.data();
  uint8_t largest = 0;
  for (size_t i = 0; i < a.rgb_HWC.size(); ++i) {
    const uint8_t difference = Distance(x[i], y[i]);
    largest = difference > largest ? difference : largest;  // a value: std::max does not vectorise
  }
  return largest;
}

Light FitLight(const RgbImage& before, const RgbImage& after) {
  CheckSizes(before, after);
  const std::array<Points, kRgbChannels> points = SamplePoints(before, after);
  return {{FitRobustly(points[0]), FitRobustly(points[1]), FitRobustly(points[2])}};
}

RgbImage Relit(const RgbImage& image, const Light& light) {
  std::array<std::array<uint8_t, 256>, kRgbChannels> level;
  bool same = true;
  for (size_t channel = 0; channel < kRgbChannels; ++channel) {
    for (size_t x = 0; x < 256; ++x) {
      const double y = light.channel[channel].gain * double(x) + light.channel[channel].offset;
      level[channel][x] = uint8_t(std::clamp(y + 0.5, 0.0, 255.0));
      same = same && level[channel][x] == x;
    }
  }
  RgbImage relit = image;
  for (size_t i = 0; !same && i + 2 < relit.rgb_HWC.size(); i += kRgbChannels) {
    uint8_t* rgb = &relit.rgb_HWC[i];
    for (size_t channel = 0; channel < kRgbChannels; ++channel)
      rgb[channel] = level[channel][rgb[channel]];
  }
  return relit;
}

std::array<double, 2> MovedTo(double u_px, double v_px, const ImageShift& shift, int width_px,
                              int height_px) {
  const double u_mid = 0.5 * (width_px - 1), v_mid = 0.5 * (height_px - 1);
  const double c = std::cos(shift.turn_rad), s = std::sin(shift.turn_rad);
  const double x = u_px - u_mid, y = v_px - v_mid;
  return {u_mid + c * x - s * y + shift.du_px, v_mid + s * x + c * y + shift.dv_px};
}

std::array<double, 2> MovedFrom(double u_px, double v_px, const ImageShift& shift, int width_px,
                                int height_px) {
  const double u_mid = 0.5 * (width_px - 1), v_mid = 0.5 * (height_px - 1);
  const double c = std::cos(shift.turn_rad), s = std::sin(shift.turn_rad);
  const double x = u_px - u_mid - shift.du_px, y = v_px - v_mid - shift.dv_px;
  return {u_mid + c * x + s * y, v_mid - s * x + c * y};
}

RgbImage Moved(const RgbImage& image, const ImageShift& shift) {
  RgbImage moved = image;
  const auto origin = MovedFrom(0, 0, shift, image.width_px, image.height_px);
  const double c = std::cos(shift.turn_rad), s = std::sin(shift.turn_rad);
  uint8_t* to = moved.rgb_HWC.data();
  for (int v = 0; v < image.height_px; ++v) {
    for (int u = 0; u < image.width_px; ++u, to += kRgbChannels) {
      const double from_u = origin[0] + c * u + s * v, from_v = origin[1] - s * u + c * v;
      const int near_u = int(std::clamp(from_u + 0.5, 0.0, double(image.width_px - 1)));
      const int near_v = int(std::clamp(from_v + 0.5, 0.0, double(image.height_px - 1)));
      const size_t from = kRgbChannels * (size_t(near_v) * size_t(image.width_px) + size_t(near_u));
      std::copy_n(&image.rgb_HWC[from], kRgbChannels, to);
    }
  }
  return moved;
}

double NoiseBetween(const RgbImage& a, const RgbImage& b) {
  CheckSizes(a, b);
  std::vector<uint16_t> values(a.rgb_HWC.size() / kRgbChannels);
  size_t count = 0;
  for (int v = 0; v < a.height_px; v += kFitStride) {
    for (int u = 0; u < a.width_px; u += kFitStride) {
      const size_t i = kRgbChannels * (size_t(v) * size_t(a.width_px) + size_t(u));
      int largest = 0;
      for (size_t channel = i; channel < i + kRgbChannels; ++channel) {
        largest = std::max(largest, std::abs(a.rgb_HWC[channel] - b.rgb_HWC[channel]));
      }
      values[count++] = uint16_t(largest);
    }
  }
  return 1.4826 * MedianOf(std::span(values).first(count));
}

bool EdgesMatch(const RgbImage& a, const Range& around_a, const RgbImage& b, int tolerance,
                double least_share) {
  CheckSizes(a, b);
  constexpr uint8_t kEdge = 40;  // levels
  const auto most = uint8_t(std::min(tolerance, 255));
  const uint8_t *low = around_a.low.data(), *high = around_a.high.data();
  const uint8_t *x = a.rgb_HWC.data(), *y = b.rgb_HWC.data();
  constexpr size_t kBlock = 255;  // whose counts fit into a byte
  const size_t size = a.rgb_HWC.size();
  int num_edges = 0, num_same = 0;
  for (size_t start = 0; start < size; start += kBlock) {
    const size_t end = std::min(start + kBlock, size);
    uint8_t edges = 0, same = 0;
    for (size_t i = start; i < end; ++i) {
      const auto edge = uint8_t(uint8_t(high[i] - low[i]) > kEdge ? 1 : 0);
      const auto close = uint8_t(Distance(x[i], y[i]) <= most ? 1 : 0);
      edges = uint8_t(edges + edge);
      same = uint8_t(same + (edge & close));
    }
    num_edges += edges, num_same += same;
  }
  return num_same >= least_share * num_edges;
}

std::vector<uint8_t> Unexplained(const RgbImage& image, const Range& around_reference, int least) {
  const size_t size = image.rgb_HWC.size(), width = size_t(image.width_px);
  QT_CHECK(size > 0 && around_reference.low.size() == size, size, around_reference.low.size());
  std::vector<uint8_t> unexplained_HW(size / kRgbChannels), outside(kRgbChannels * width);
  size_t first = size / kRgbChannels, end = 0;  // of the rows with more, and those next to them
  for (size_t row = 0; row < size / kRgbChannels; row += width) {
    const uint8_t* value = &image.rgb_HWC[kRgbChannels * row];
    const uint8_t most = FindOutside(value, &around_reference.low[kRgbChannels * row],
                                     &around_reference.high[kRgbChannels * row],
                                     kRgbChannels * width, outside.data());
    if (most <= least) continue;
    first = std::min(first, row > 0 ? row - width : 0);
    end = std::min(row + 2 * width, size / kRgbChannels);
    for (size_t u = 0; u < width; ++u) {
      const uint8_t* rgb = &outside[kRgbChannels * u];
      unexplained_HW[row + u] = std::max(std::max(rgb[0], rgb[1]), rgb[2]);
    }
  }
  if (first < end) Open(&unexplained_HW[first], width, (end - first) / width);
  return unexplained_HW;
}

std::vector<uint8_t> Unlike(const RgbImage& image, const RgbImage& reference, int radius_px) {
  CheckSizes(image, reference);
  const std::vector<uint8_t> values = Planes(image), others = Planes(reference);
  const int width = image.width_px, height = image.height_px;
  const size_t size = values.size() / kRgbChannels;
  std::vector<uint8_t> least_HW(size, 255);
  for (int v = 0; v < height; ++v) {
    const int last = std::min(v + radius_px, height - 1);
    for (int row = std::max(v - radius_px, 0); row <= last; ++row) {
      for (int du = -radius_px; du <= radius_px; ++du) {
        const int first = std::max(0, -du), count = width - std::abs(du);
        if (count <= 0) continue;
        const size_t at = size_t(v) * size_t(width) + size_t(first);
        const size_t from = size_t(row) * size_t(width) + size_t(first + du);
        LowerTo(&values[at], &others[from], size, size_t(count), &least_HW[at]);
      }
    }
  }
  Open(least_HW.data(), size_t(width), size_t(height));
  return least_HW;
}

}  // namespace qt

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

// Counts of levels: medians without sorting.
class Histogram {
 public:
  void Add(int value) {
    ++count_[size_t(value)];
    ++total_;
  }
  int Median() const {
    size_t level = 0;
    for (int below = 0; level + 1 < count_.size(); ++level) {
      below += count_[level];
      if (2 * below > total_) break;
    }
    return int(level);
  }

 private:
  std::array<int, 512> count_ = {};
  int total_ = 0;
};

// Pairs of values of one channel.
struct Points {
  std::vector<uint8_t> x, y;
};

Points Sample(const RgbImage& from, const RgbImage& to, int channel) {
  Points points;
  const size_t most = from.rgb_HWC.size() / (3 * kFitStride * kFitStride) + size_t(from.width_px) +
                      size_t(from.height_px);
  points.x.reserve(most);
  points.y.reserve(most);
  for (int v = 0; v < from.height_px; v += kFitStride) {
    const size_t row = 3 * size_t(v) * size_t(from.width_px) + size_t(channel);
    for (int u = 0; u < from.width_px; u += kFitStride) {
      points.x.push_back(from.rgb_HWC[row + 3 * size_t(u)]);
      points.y.push_back(to.rgb_HWC[row + 3 * size_t(u)]);
    }
  }
  return points;
}

double MedianOffset(const Points& points) {
  Histogram raised;
  for (size_t i = 0; i < points.x.size(); ++i) raised.Add(255 + points.y[i] - points.x[i]);
  return raised.Median() - 255;
}

constexpr int kFitRounds = 4;
constexpr double kInlierDeviations = 2.5;
constexpr double kLeastSpread = 1.5;  // levels: rounding and JPEG noise

// The least-squares line through the points within `most` of the last one. Where they have no
// spread in x, its offset alone is fitted.
Light::Channel Refit(const Points& points, const Light::Channel& last, double most) {
  double n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
  for (size_t i = 0; i < points.x.size(); ++i) {
    const double x = points.x[i], y = points.y[i];
    const double weight = std::abs(y - last.gain * x - last.offset) <= most ? 1 : 0;
    n += weight, x_sum += weight * x, y_sum += weight * y;
    xx_sum += weight * x * x, xy_sum += weight * x * y;
  }
  if (n < 0.1 * double(points.x.size())) return last;
  const double variance = xx_sum - x_sum * x_sum / n;
  const double gain =
      variance > n ? std::clamp((xy_sum - x_sum * y_sum / n) / variance, 0.5, 2.0) : 1.0;
  return {gain, (y_sum - gain * x_sum) / n};
}

// y ~ gain x + offset, refitted to the points near the line. Starts from the median offset.
Light::Channel FitRobustly(const Points& points) {
  Light::Channel line{1, MedianOffset(points)};
  for (int round = 0; round < kFitRounds; ++round) {
    Histogram residuals;
    for (size_t i = 0; i < points.x.size(); ++i) {
      const double residual = std::abs(points.y[i] - line.gain * points.x[i] - line.offset);
      residuals.Add(int(std::min(residual * 2, 511.0)));
    }
    const double spread = 1.4826 * 0.5 * (residuals.Median() + 0.5);
    const Light::Channel refitted =
        Refit(points, line, kInlierDeviations * std::max(kLeastSpread, spread));
    const double moved =
        std::abs(refitted.offset - line.offset) +
        std::abs(255 * (refitted.gain - line.gain) + refitted.offset - line.offset);
    line = refitted;
    if (moved < 0.2) break;
  }
  return line;
}

// What is lowest and highest within one pixel: both as rgb_HWC.
struct Range {
  std::vector<uint8_t> low, high;
};

Range RangeAround(const RgbImage& image) {
  const size_t row = 3 * size_t(image.width_px), size = image.rgb_HWC.size();
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
    for (size_t i = 3; i + 3 < row; ++i) {
      to_low[i] = std::min(std::min(low[i - 3], low[i + 3]), low[i]);
      to_high[i] = std::max(std::max(high[i - 3], high[i + 3]), high[i]);
    }
    for (size_t i = 0; i < std::min<size_t>(row, 3); ++i) {
      const size_t inner = std::min(i + 3, row - 3 + i), last = row - 3 + i;
      const size_t before_last = last >= 3 + i ? last - 3 : last;
      to_low[i] = std::min(low[i], low[inner]), to_high[i] = std::max(high[i], high[inner]);
      to_low[last] = std::min(low[last], low[before_last]);
      to_high[last] = std::max(high[last], high[before_last]);
    }
  }
  return range;
}

uint8_t Above(uint8_t x, uint8_t y) { return uint8_t(x > y ? x - y : 0); }

// The largest of each pixel's channels: value_HW.
std::vector<uint8_t> LargestChannel(const std::vector<uint8_t>& value_HWC) {
  std::vector<uint8_t> largest_HW(value_HWC.size() / 3);
  const uint8_t* value = value_HWC.data();
  for (size_t i = 0; i < largest_HW.size(); ++i, value += 3) {
    largest_HW[i] = std::max(std::max(value[0], value[1]), value[2]);
  }
  return largest_HW;
}

// Takes away what is narrower than two pixels: the highest of the lowest of the four squares of
// 2 x 2 pixels that hold a pixel.
void Open(std::vector<uint8_t>& value_HW, size_t width) {
  const size_t size = value_HW.size();
  if (width < 2 || size < 2 * width) return;
  std::vector<uint8_t> square_HW(size, 0);  // of those whose upper left pixel it is
  uint8_t *value = value_HW.data(), *square = square_HW.data();
  for (size_t start = 0; start + width < size; start += width) {
    const uint8_t *top = value + start, *bottom = top + width;
    for (size_t u = 0; u + 1 < width; ++u) {
      square[start + u] =
          std::min(std::min(top[u], top[u + 1]), std::min(bottom[u], bottom[u + 1]));
    }
  }
  for (size_t start = 0; start < size; start += width) {
    const uint8_t *here = square + start, *above = start > 0 ? here - width : here;
    value[start] = std::max(here[0], above[0]);
    for (size_t u = 1; u < width; ++u) {
      value[start + u] = std::max(std::max(here[u], here[u - 1]), std::max(above[u], above[u - 1]));
    }
  }
}

// One channel after the other, so that rows of one can be compared as they lie.
std::vector<uint8_t> Planes(const RgbImage& image) {
  const size_t size = image.rgb_HWC.size() / 3;
  std::vector<uint8_t> value_CHW(3 * size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t channel = 0; channel < 3; ++channel) {
      value_CHW[channel * size + i] = image.rgb_HWC[3 * i + channel];
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
  Light light;
  for (int channel = 0; channel < 3; ++channel) {
    light.channel[size_t(channel)] = FitRobustly(Sample(before, after, channel));
  }
  return light;
}

RgbImage Relit(const RgbImage& image, const Light& light) {
  std::array<std::array<uint8_t, 256>, 3> level;
  for (size_t channel = 0; channel < 3; ++channel) {
    for (size_t x = 0; x < 256; ++x) {
      const double y = light.channel[channel].gain * double(x) + light.channel[channel].offset;
      level[channel][x] = uint8_t(std::clamp(y + 0.5, 0.0, 255.0));
    }
  }
  RgbImage relit = image;
  for (size_t i = 0; i + 2 < relit.rgb_HWC.size(); i += 3) {
    uint8_t* rgb = &relit.rgb_HWC[i];
    for (size_t channel = 0; channel < 3; ++channel) rgb[channel] = level[channel][rgb[channel]];
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
    for (int u = 0; u < image.width_px; ++u, to += 3) {
      const double from_u = origin[0] + c * u + s * v, from_v = origin[1] - s * u + c * v;
      const int near_u = int(std::clamp(from_u + 0.5, 0.0, double(image.width_px - 1)));
      const int near_v = int(std::clamp(from_v + 0.5, 0.0, double(image.height_px - 1)));
      const size_t from = 3 * (size_t(near_v) * size_t(image.width_px) + size_t(near_u));
      std::copy_n(&image.rgb_HWC[from], 3, to);
    }
  }
  return moved;
}

double NoiseBetween(const RgbImage& a, const RgbImage& b) {
  CheckSizes(a, b);
  Histogram values;
  for (int v = 0; v < a.height_px; v += kFitStride) {
    for (int u = 0; u < a.width_px; u += kFitStride) {
      const size_t i = 3 * (size_t(v) * size_t(a.width_px) + size_t(u));
      int largest = 0;
      for (size_t channel = i; channel < i + 3; ++channel) {
        largest = std::max(largest, std::abs(a.rgb_HWC[channel] - b.rgb_HWC[channel]));
      }
      values.Add(largest);
    }
  }
  return 1.4826 * values.Median();
}

bool EdgesMatch(const RgbImage& a, const RgbImage& b, int tolerance, double least_share) {
  CheckSizes(a, b);
  constexpr uint8_t kEdge = 40;  // levels
  const Range range = RangeAround(a);
  const uint8_t *low = range.low.data(), *high = range.high.data();
  const uint8_t *x = a.rgb_HWC.data(), *y = b.rgb_HWC.data();
  int num_edges = 0, num_same = 0;
  for (size_t i = 0; i < a.rgb_HWC.size(); ++i) {
    const int edge = high[i] - low[i] > kEdge;
    num_edges += edge;
    num_same += edge & int(std::abs(x[i] - y[i]) <= tolerance);
  }
  return num_same >= least_share * num_edges;
}

std::vector<uint8_t> Unexplained(const RgbImage& image, const RgbImage& reference) {
  CheckSizes(image, reference);
  Range range = RangeAround(reference);
  const uint8_t *value = image.rgb_HWC.data(), *low = range.low.data();
  uint8_t* high = range.high.data();
  const size_t size =
      image.rgb_HWC.size();  // what is written could be it, for all a compiler knows
  for (size_t i = 0; i < size; ++i) {
    high[i] = std::max(Above(value[i], high[i]), Above(low[i], value[i]));
  }
  std::vector<uint8_t> unexplained_HW = LargestChannel(range.high);
  Open(unexplained_HW, size_t(image.width_px));
  return unexplained_HW;
}

std::vector<uint8_t> Unlike(const RgbImage& image, const RgbImage& reference, int radius_px) {
  CheckSizes(image, reference);
  const std::vector<uint8_t> values = Planes(image), others = Planes(reference);
  const int width = image.width_px, height = image.height_px;
  const size_t size = values.size() / 3;
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
  Open(least_HW, size_t(width));
  return least_HW;
}

}  // namespace qt

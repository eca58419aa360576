// SPDX-License-Identifier: Apache-2.0
// Success from two pictures (paper App. D.3): before_drop shows the bin while the gripper is out of
// view with whatever it holds, after_drop the same bin once it has let go. What was held shows in
// the second and not in the first; what merely rolled shows in both, in its own colours. A change
// of light and a camera that was bumped in between are fitted and taken out first.
#include "label/image_diff.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

#include "image/change.h"
#include "image/ops.h"
#include "json/json.h"
#include "label/object_of.h"
#include "label/pair_labeller.h"

namespace qt::label {
namespace {

// How steeply confidence rises with the distance from the edge, on a logarithmic scale.
constexpr double kImageSteepness = 1.5;
constexpr double kImageWorth = 0.99;

// The camera was not bumped if so many edges are where they were, within so many levels.
constexpr double kLeastEdgesInPlace = 0.75;
constexpr int kEdgeTolerance = 24;
// After a bump, what lies so near to the end of one of the pictures is left out.
constexpr double kBorder_px = 2;

// The earlier picture as the light and the camera of the later one would show it.
struct FittedPair {
  RgbImage before;
  Range around_before;
  double noise = 0;  // of the pair, levels
  ImageShift shift;  // of the camera
};

// REQUIRES: equal sizes, not empty.
FittedPair FitPair(const RgbImage& before, const RgbImage& after) {
  FittedPair fitted;
  fitted.before = Relit(before, FitLight(before, after));
  fitted.around_before = RangeAround(fitted.before);
  if (!EdgesMatch(fitted.before, fitted.around_before, after, kEdgeTolerance, kLeastEdgesInPlace)) {
    fitted.shift = FindShift(before, after);
    if (!fitted.shift.IsZero()) {
      const RgbImage moved = Moved(before, fitted.shift);
      fitted.before = Relit(moved, FitLight(moved, after));
      fitted.around_before = RangeAround(fitted.before);
    }
  }
  fitted.noise = NoiseBetween(fitted.before, after);
  return fitted;
}

// Whether both pictures show what is at a pixel of the later one, and not at their very edge.
bool IsInBoth(int u, int v, const RgbImage& image, const ImageShift& shift) {
  if (shift.IsZero()) return true;
  const auto from = MovedFrom(u, v, shift, image.width_px, image.height_px);
  const auto inside = [](double position, int size) {
    return position >= kBorder_px && position <= size - 1 - kBorder_px;
  };
  return inside(u, image.width_px) && inside(v, image.height_px) &&
         inside(from[0], image.width_px) && inside(from[1], image.height_px);
}

// How much counts beside what came: what got covered, and how much of all that changed shows an
// object now. Chosen on the episodes of bench/label_trust.sh (docs/LABELS.md).
constexpr double kCoveredWeight = 0.5, kObjectsWeight = 0.1;

// After a bump, what lies so near to the end of the region is left out.
constexpr double kRegionMargin_px = 1;

// The pixels of a row that count.
struct Span {
  double low_px = 1e9, high_px = -1e9;
  bool Holds(double u_px) const { return u_px >= low_px && u_px <= high_px; }
  // The first and the last pixel of a picture that it holds.
  std::pair<int, int> Within(int width_px) const {
    return {int(std::ceil(std::clamp(low_px, 0.0, double(width_px)))),
            int(std::floor(std::clamp(high_px, -1.0, width_px - 1.0)))};
  }
};

using Point = std::array<double, 2>;  // u, v in pixels

// Widens the spans of the rows between two heights to a line's points there, less a margin.
void Cover(const Point& a, const Point& b, double top_px, double bottom_px, double margin_px,
           std::vector<Span>& spans) {
  const double low = std::max(std::min(a[1], b[1]), top_px);
  const double high = std::min(std::max(a[1], b[1]), bottom_px);
  for (int v = int(std::ceil(low)); v <= high; ++v) {
    const double share = a[1] == b[1] ? 0 : (v - a[1]) / (b[1] - a[1]);
    const double u_px = a[0] + share * (b[0] - a[0]);
    Span& span = spans[size_t(v)];
    span.low_px = std::min(span.low_px, u_px + margin_px);
    span.high_px = std::max(span.high_px, u_px - margin_px);
  }
}

// The convex hull of a box's corners as they are seen, row by row: it reaches as far as the box's
// edges, which join the corners whose numbers differ in one bit.
std::vector<Span> SpansOfHull(const std::vector<Point>& points, int height_px, double margin_px) {
  std::vector<Span> spans(static_cast<size_t>(height_px));
  double top_px = 1e9, bottom_px = -1e9;
  for (const Point& point : points) {
    top_px = std::min(top_px, point[1]), bottom_px = std::max(bottom_px, point[1]);
  }
  top_px = std::max(top_px + margin_px, 0.0);
  bottom_px = std::min(bottom_px - margin_px, height_px - 1.0);
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t bit = 1; bit < points.size(); bit *= 2) {
      if ((i & bit) == 0) continue;
      Cover(points[i], points[i ^ bit], top_px, bottom_px, margin_px, spans);
    }
  }
  return spans;
}

// The pixels of the (shrunken) later picture that see the bin and what is close to it. Without a
// camera, or if it does not look that way, all of them.
std::vector<Span> Region(const RgbImage& image, const CameraModel& camera, const ImageShift& shift,
                         const ImageDiffConfig& config) {
  std::vector<Point> corners_px;
  for (int corner = 0; camera.valid() && corner < 8; ++corner) {
    const double half_m = config.region_half_m;
    const auto pixel = camera.Project({corner & 1 ? half_m : -half_m, corner & 2 ? half_m : -half_m,
                                       corner & 4 ? config.region_height_m : 0});
    const double u_px = (pixel.u_px + 0.5) * image.width_px / camera.width_px - 0.5;
    const double v_px = (pixel.v_px + 0.5) * image.height_px / camera.height_px - 0.5;
    corners_px.push_back(MovedTo(u_px, v_px, shift, image.width_px, image.height_px));
  }
  std::vector<Span> spans =
      SpansOfHull(corners_px, image.height_px, shift.IsZero() ? 0 : kRegionMargin_px);
  const bool sees_any = std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
    return std::max(span.low_px, 0.0) <= std::min(span.high_px, image.width_px - 1.0);
  });
  if (!sees_any) spans.assign(spans.size(), {-1e9, 1e9});
  return spans;
}

using Colour = std::array<double, kRgbChannels>;

const uint8_t* PixelOf(const RgbImage& image, size_t i) { return &image.rgb_HWC[kRgbChannels * i]; }

// The median of each channel over every fourth pixel of the region: the floor, if it fills more
// than half of that.
Colour FloorOf(const RgbImage& image, const std::vector<Span>& region) {
  const size_t most = size_t(image.width_px + 1) / 2 * (size_t(image.height_px + 1) / 2);
  std::array<std::vector<uint16_t>, kRgbChannels> levels;
  for (std::vector<uint16_t>& of_channel : levels) of_channel.resize(most);
  size_t total = 0;
  for (int v = 0; v < image.height_px; v += 2) {
    const auto [first, last] = region[size_t(v)].Within(image.width_px);
    for (int u = first + first % 2; u <= last; u += 2) {
      const uint8_t* rgb = PixelOf(image, size_t(v) * size_t(image.width_px) + size_t(u));
      for (size_t channel = 0; channel < kRgbChannels; ++channel)
        levels[channel][total] = rgb[channel];
      ++total;
    }
  }
  Colour floor;
  for (size_t channel = 0; channel < kRgbChannels; ++channel) {
    floor[channel] = std::min(MedianOf(std::span(levels[channel]).first(total)), 255);
  }
  return floor;
}

// Colours in cells of 16 levels, each with the cells around it: what is within 16 levels in every
// channel is held, what is 32 away in one is not.
class Palette {
 public:
  void Add(const uint8_t* rgb) {
    const size_t cell = CellOf(rgb[0] >> 4, rgb[1] >> 4, rgb[2] >> 4);
    if (own_[cell]) return;
    own_[cell] = true;
    for (int r = (rgb[0] >> 4) - 1; r <= (rgb[0] >> 4) + 1; ++r) {
      for (int g = (rgb[1] >> 4) - 1; g <= (rgb[1] >> 4) + 1; ++g) {
        for (int b = (rgb[2] >> 4) - 1; b <= (rgb[2] >> 4) + 1; ++b) {
          if (((r | g | b) & ~15) == 0) near_[CellOf(r, g, b)] = true;
        }
      }
    }
  }
  bool Holds(const uint8_t* rgb) const {
    return near_[CellOf(rgb[0] >> 4, rgb[1] >> 4, rgb[2] >> 4)];
  }

 private:
  static size_t CellOf(int r, int g, int b) { return size_t(r << 8 | g << 4 | b); }
  std::bitset<4096> own_, near_;
};

// Pixels that differ between the pictures, and those of them that show an object.
struct Changed {
  size_t count = 0;
  std::vector<size_t> objects;
  Palette palette;  // of the objects
};

// What of `image` was found to differ.
class Collector {
 public:
  Collector(const RgbImage& image, const Colour& floor, double floor_threshold)
      : image_(image), floor_(floor), least_square_(floor_threshold * floor_threshold) {}

  void Add(size_t i) {
    ++changed_.count;
    const uint8_t* rgb = PixelOf(image_, i);
    double square = 0;
    for (size_t channel = 0; channel < kRgbChannels; ++channel) {
      square += (rgb[channel] - floor_[channel]) * (rgb[channel] - floor_[channel]);
    }
    if (square <= least_square_) return;
    changed_.objects.push_back(i);
    changed_.palette.Add(rgb);
  }
  // How many pixels show an object in a colour that the other one's do not have.
  size_t CountNewColours(const Collector& other) const {
    return size_t(std::count_if(changed_.objects.begin(), changed_.objects.end(), [&](size_t i) {
      return !other.changed_.palette.Holds(PixelOf(image_, i));
    }));
  }
  const Changed& changed() const { return changed_; }

 private:
  const RgbImage& image_;
  const Colour floor_;
  const double least_square_;
  Changed changed_;
};

void MarkAll(const std::vector<size_t>& pixels, Mark mark, std::vector<Mark>& mark_HW) {
  for (size_t i : pixels) mark_HW[i] = mark;
}

// Finds rows without any change quickly, because most rows have none.
uint8_t HighestOf(const std::vector<uint8_t>& a_HW, const std::vector<uint8_t>& b_HW, size_t start,
                  size_t count) {
  const uint8_t *a = &a_HW[start], *b = &b_HW[start];
  uint8_t highest = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t higher = a[i] > b[i] ? a[i] : b[i];
    highest = higher > highest ? higher : highest;
  }
  return highest;
}

// Fills in what appeared and what vanished.
void CountChanges(const FittedPair& fitted, const CameraModel& camera,
                  const ImageDiffConfig& config, const RgbImage& after, PairChange& change,
                  std::vector<Mark>& mark_HW) {
  const int least = int(std::min(change.threshold, 255.0));
  const std::vector<uint8_t> gained_HW = Unexplained(after, fitted.around_before, least);
  const std::vector<uint8_t> lost_HW = Unexplained(fitted.before, RangeAround(after), least);
  const std::vector<Span> region = Region(after, camera, fitted.shift, config);
  const Colour floor = FloorOf(after, region);
  Collector gained(after, floor, config.floor_threshold);
  Collector lost(fitted.before, floor, config.floor_threshold);
  const size_t width = size_t(after.width_px);
  for (size_t v = 0; v < size_t(after.height_px); ++v) {
    const size_t row = v * width;
    if (HighestOf(gained_HW, lost_HW, row, width) <= change.threshold) continue;
    for (size_t i = row; i < row + width; ++i) {
      if (std::max(gained_HW[i], lost_HW[i]) <= change.threshold) continue;
      const int u = int(i - row);
      if (!region[v].Holds(u) || !IsInBoth(u, int(v), after, fitted.shift)) continue;
      if (gained_HW[i] > change.threshold) gained.Add(i);
      if (lost_HW[i] > change.threshold) lost.Add(i);
    }
  }
  const double percent = 100 / double(gained_HW.size());
  change.appeared = percent * double(gained.changed().count);
  change.vanished = percent * double(lost.changed().count);
  change.appeared_objects = percent * double(gained.changed().objects.size());
  change.appeared_colours = percent * double(gained.CountNewColours(lost));
  change.vanished_colours = percent * double(lost.CountNewColours(gained));
  MarkAll(lost.changed().objects, Mark::kVanished, mark_HW);
  MarkAll(gained.changed().objects, Mark::kAppeared, mark_HW);
}

class ImageDiff : public PairLabeller {
 public:
  ImageDiff() : PairLabeller({"before_drop", "after_drop", 128, kImageSteepness, kImageWorth}) {}
  std::unique_ptr<Labeller> Clone() const override { return std::make_unique<ImageDiff>(*this); }
  std::string_view source() const override { return "image_diff/3"; }
  std::vector<Field> settings() override { return FieldsOf(config_); }
  std::string_view edge() const override { return "min_change"; }

 protected:
  Comparison Compare(const RgbImage& before, const RgbImage& after,
                     const CameraModel& camera) const override {
    Comparison compared;
    compared.mark_HW.resize(after.rgb_HWC.size() / kRgbChannels, Mark::kNone);
    PairChange change{.threshold = config_.threshold};
    ImageShift shift;
    double noise = 0;
    if (LargestDifference(before, after) > config_.threshold) {
      const FittedPair fitted = FitPair(before, after);
      noise = fitted.noise;
      shift = fitted.shift;
      change.threshold += config_.noise_factor * fitted.noise;
      CountChanges(fitted, camera, config_, after, change, compared.mark_HW);
    }
    compared.change = NetChange(change, config_);
    compared.score = compared.change / config_.min_change;
    compared.details = json::Dump(Describe(change, noise, shift));
    return compared;
  }

  std::string WordsOf(const Json& d) const override {
    char text[200];
    std::snprintf(text, sizeof text,
                  "appeared %.2f %% vanished %.2f %% (edge %.2f)  new colours %.2f gone %.2f  "
                  "noise %.1f  moved %.1f %.1f px",
                  d["appeared"].get<double>(), d["vanished"].get<double>(),
                  d["min_change"].get<double>(), d["appeared_colours"].get<double>(),
                  d["vanished_colours"].get<double>(), d["noise"].get<double>(),
                  d["shift"][0].get<double>(), d["shift"][1].get<double>());
    return text;
  }

 private:
  Json Describe(const PairChange& change, double noise, const ImageShift& shift) const {
    Json shift_numbers = Json::array();
    for (const double number : {shift.du_px, shift.dv_px, shift.turn_rad}) {
      shift_numbers.push_back(Rounded(number));
    }
    return ObjectOf("threshold", config_.threshold, "noise_factor", config_.noise_factor,
                    "floor_threshold", config_.floor_threshold, "min_change", config_.min_change,
                    "region_half_m", config_.region_half_m, "region_height_m",
                    config_.region_height_m, "max_side_px", traits().max_side_px, "appeared",
                    Rounded(change.appeared), "vanished", Rounded(change.vanished),
                    "appeared_objects", Rounded(change.appeared_objects), "appeared_colours",
                    Rounded(change.appeared_colours), "vanished_colours",
                    Rounded(change.vanished_colours), "noise", Rounded(noise), "shift",
                    std::move(shift_numbers));
  }

  ImageDiffConfig config_;
};

}  // namespace

double NetChange(const PairChange& change, const ImageDiffConfig& config) {
  const double added = std::max(change.appeared_colours, change.appeared - change.vanished);
  const double covered = std::min(change.appeared_objects, change.vanished_colours);
  const double hidden = std::max(change.threshold / std::max(config.threshold, 1.0), 1.0);
  return hidden * (added + kCoveredWeight * covered + kObjectsWeight * change.appeared_objects);
}

std::unique_ptr<Labeller> NewImageDiff() { return std::make_unique<ImageDiff>(); }

}  // namespace qt::label

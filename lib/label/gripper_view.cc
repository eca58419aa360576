// SPDX-License-Identifier: Apache-2.0
// Success from the gripper's own camera: gripper_before shows the closed fingers with what they
// hold, gripper_after the same fingers, closed again, once they have let go of it. What is held is
// near and keeps the fingers apart, so that far more changes here than in the bin, and what rolls
// about down there is small and out of the way.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "image/change.h"
#include "json/json.h"
#include "label/object_of.h"
#include "label/pair_labeller.h"

namespace qt::label {

struct GripperViewConfig {
  double min_change = 1.75;   // percent of the region that must have changed for a success
  double region_share = 0.6;  // of the picture's sides: the region is its middle
  double threshold = 24;      // levels by which a pixel must differ from all about its place ...
  double noise_factor = 3;    // ... and this many medians of that over the whole picture more
  int radius_px = 2;          // how far about: what a bump of the camera may move
};

template <class V>
void Visit(V&& visit, GripperViewConfig& c) {
  visit("min_gripper_change", c.min_change,
        {"PERCENT", "how much of the middle of the gripper's view must have changed for a success",
         0.001, 100});
}

namespace {

// How steeply confidence rises with the distance from the edge, on a logarithmic scale: held things
// are far beyond it.
constexpr double kGripperSteepness = 6;
constexpr double kGripperWorth = 0.999;

double MedianLevel(std::vector<uint8_t> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class GripperView : public PairLabeller {
 public:
  GripperView()
      : PairLabeller({"gripper_before", "gripper_after", 64, kGripperSteepness, kGripperWorth}) {}
  std::unique_ptr<Labeller> Clone() const override { return std::make_unique<GripperView>(*this); }
  std::string_view source() const override { return "gripper_view/1"; }
  std::vector<Field> settings() override { return FieldsOf(config_); }
  std::string_view edge() const override { return "min_gripper_change"; }

 protected:
  Comparison Compare(const RgbImage& before, const RgbImage& after,
                     const CameraModel&) const override {
    Comparison compared;
    compared.mark_HW.resize(after.rgb_HWC.size() / kRgbChannels, Mark::kNone);
    double threshold = config_.threshold;
    if (LargestDifference(before, after) > config_.threshold) {
      threshold = MarkMiddle(before, after, &compared);
    }
    compared.score = compared.change / config_.min_change;
    compared.details = json::Dump(
        ObjectOf("threshold", config_.threshold, "noise_factor", config_.noise_factor, "radius_px",
                 config_.radius_px, "max_side_px", traits().max_side_px, "min_change",
                 config_.min_change, "region_share", config_.region_share, "change",
                 Rounded(compared.change), "applied_threshold", Rounded(threshold)));
    return compared;
  }

  std::string WordsOf(const Json& d) const override {
    char text[96];
    std::snprintf(text, sizeof text, "changed %.2f %% of the middle (edge %.2f)",
                  d["change"].get<double>(), d["min_change"].get<double>());
    return text;
  }

 private:
  // Marks what differs in the middle of the picture, and fills in how much. Returns the levels by
  // which a pixel had to differ.
  double MarkMiddle(const RgbImage& before, const RgbImage& after, Comparison* compared) const {
    const RgbImage lit = Relit(before, FitLight(before, after));
    const std::vector<uint8_t> gained_HW = Unlike(after, lit, config_.radius_px);
    const std::vector<uint8_t> lost_HW = Unlike(lit, after, config_.radius_px);
    const double noise = std::max(MedianLevel(gained_HW), MedianLevel(lost_HW));
    const double threshold = config_.threshold + config_.noise_factor * noise;
    const auto margin = [&](int side_px) {
      return int(0.5 * (1 - config_.region_share) * side_px);
    };
    const int left = margin(after.width_px), top = margin(after.height_px);
    size_t count = 0, total = 0;
    for (int v = top; v < after.height_px - top; ++v) {
      for (int u = left; u < after.width_px - left; ++u) {
        const size_t i = size_t(v) * size_t(after.width_px) + size_t(u);
        ++total;
        if (std::max(gained_HW[i], lost_HW[i]) <= threshold) continue;
        compared->mark_HW[i] = gained_HW[i] > threshold ? Mark::kAppeared : Mark::kVanished;
        ++count;
      }
    }
    compared->change = 100 * double(count) / double(total);
    return threshold;
  }

  GripperViewConfig config_;
};

}  // namespace

std::unique_ptr<Labeller> NewGripperView() { return std::make_unique<GripperView>(); }

}  // namespace qt::label

#include "label/gripper_view.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "image/change.h"
#include "image/ops.h"
#include "label/object_of.h"

namespace qt::label {
namespace {

// How steeply confidence rises with the distance from the edge, on a logarithmic scale: held things
// are far beyond it.
constexpr double kGripperSteepness = 6;

double MedianLevel(std::vector<uint8_t> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Marks what differs in the middle of the picture, and fills in how much.
void Compare(const GripperViewConfig& config, GripperAnalysis& analysis) {
  const RgbImage& after = analysis.after;
  const RgbImage before = Relit(analysis.before, FitLight(analysis.before, after));
  const std::vector<uint8_t> gained_HW = Unlike(after, before, config.radius_px);
  const std::vector<uint8_t> lost_HW = Unlike(before, after, config.radius_px);
  const double noise = std::max(MedianLevel(gained_HW), MedianLevel(lost_HW));
  const double threshold = config.threshold + config.noise_factor * noise;
  const auto margin = [&](int side_px) { return int(0.5 * (1 - config.region_share) * side_px); };
  const int left = margin(after.width_px), top = margin(after.height_px);
  size_t count = 0, total = 0;
  for (int v = top; v < after.height_px - top; ++v) {
    for (int u = left; u < after.width_px - left; ++u) {
      const size_t i = size_t(v) * size_t(after.width_px) + size_t(u);
      ++total;
      if (std::max(gained_HW[i], lost_HW[i]) <= threshold) continue;
      analysis.mark_HW[i] = gained_HW[i] > threshold ? Mark::kAppeared : Mark::kVanished;
      ++count;
    }
  }
  analysis.judgement.threshold = threshold;
  analysis.judgement.change = 100 * double(count) / double(total);
}

}  // namespace

Result<GripperAnalysis> AnalyseGripperPair(RgbImage before, RgbImage after,
                                           const GripperViewConfig& config) {
  if (before.width_px != after.width_px || before.height_px != after.height_px) {
    return Corrupt("the gripper's two evidence pictures differ in size");
  }
  GripperAnalysis analysis;
  analysis.before = ShrinkToSide(std::move(before), config.max_side_px);
  analysis.after = ShrinkToSide(std::move(after), config.max_side_px);
  analysis.mark_HW.resize(analysis.after.rgb_HWC.size() / kRgbChannels, Mark::kNone);
  GripperJudgement& judgement = analysis.judgement;
  judgement.threshold = config.threshold;
  if (LargestDifference(analysis.before, analysis.after) > config.threshold) {
    Compare(config, analysis);
  }
  const double score = judgement.change / config.min_change;
  judgement.success = score >= 1;
  judgement.confidence = ConfidenceOf(score, kGripperSteepness);
  return analysis;
}

Json DescribeGripperJudgement(const GripperViewConfig& config, const GripperJudgement& judgement) {
  return ObjectOf("threshold", config.threshold, "noise_factor", config.noise_factor, "radius_px",
                  config.radius_px, "max_side_px", config.max_side_px, "min_change",
                  config.min_change, "region_share", config.region_share, "change",
                  Rounded(judgement.change), "applied_threshold", Rounded(judgement.threshold));
}

}  // namespace qt::label

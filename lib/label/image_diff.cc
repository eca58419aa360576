#include "label/image_diff.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/ops.h"
#include "record/json.h"

namespace qt::label {
namespace {

// How steeply confidence rises with the distance from the edge, on a logarithmic scale.
constexpr double kSteepness = 1.5;

float Confidence(double change, double min_change) {
  const double ratio = std::max(change, 1e-3 * min_change) / min_change;
  const double odds = std::pow(std::max(ratio, 1 / ratio), kSteepness);
  return float(odds / (1 + odds));
}

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

}  // namespace

Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const ImageDiffConfig& config) {
  if (before.width_px != after.width_px || before.height_px != after.height_px) {
    return Corrupt("the two evidence pictures differ in size");
  }
  const FloatImage change = ChangeBetween(ShrinkToSide(before, config.max_side_px),
                                          ShrinkToSide(after, config.max_side_px));
  const double num_pixels = double(change.value_HW.size());
  Judgement judgement;
  judgement.noise = NoiseLevel(change);
  const double threshold = std::max(config.threshold, config.noise_factor * judgement.noise);
  const int min_area_px = std::max(1, int(std::lround(config.min_area * num_pixels)));
  const std::vector<Blob> blobs = FindBlobs(change, threshold, min_area_px);
  if (!blobs.empty()) judgement.change = blobs.front().sum / num_pixels;
  judgement.success = judgement.change >= config.min_change;
  judgement.confidence = Confidence(judgement.change, config.min_change);
  return judgement;
}

std::string DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement) {
  return Json({{"threshold", config.threshold},
               {"noise_factor", config.noise_factor},
               {"min_area", config.min_area},
               {"min_change", config.min_change},
               {"max_side_px", config.max_side_px},
               {"change", Rounded(judgement.change)},
               {"noise", Rounded(judgement.noise)}})
      .dump();
}

}  // namespace qt::label

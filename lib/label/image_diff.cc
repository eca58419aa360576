#include "label/image_diff.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace qt::label {
namespace {

// How steeply confidence rises with the distance from the edge, on a logarithmic scale.
constexpr double kSteepness = 1.5;

// Forgiven at edges: what rounding and JPEG do to them, and the rest that alignment leaves.
constexpr double kEdgeTolerance_px = 0.05, kMovedEdgeTolerance_px = 0.25;

float Confidence(double score) {
  const double ratio = std::clamp(score, 1e-3, 1e3);
  const double odds = std::pow(std::max(ratio, 1 / ratio), kSteepness);
  return float(odds / (1 + odds));
}

// 1 for the pixels that see the bin, shrunken by `margin_px`; all of them if the camera does not
// know. The picture may be a shrunken one.
std::vector<uint8_t> BinRegion(const RgbImage& image, const CameraModel& camera,
                               const ImageDiffConfig& config) {
  std::vector<std::array<double, 2>> corners_px;
  for (int corner = 0; camera.valid() && corner < 8; ++corner) {
    const double half_m = config.bin_half_m;
    const Vec3 p_W_m = {corner & 1 ? half_m : -half_m, corner & 2 ? half_m : -half_m,
                        corner & 4 ? config.bin_height_m : 0};
    const auto pixel = camera.Project(p_W_m);
    corners_px.push_back({(pixel.u_px + 0.5) * image.width_px / camera.width_px - 0.5,
                          (pixel.v_px + 0.5) * image.height_px / camera.height_px - 0.5});
  }
  return ConvexRegion(image.width_px, image.height_px, corners_px);
}

// Change where an object is now, and where one was and is no longer.
struct ChangeParts {
  FloatImage appeared, vanished;
};

ChangeParts Split(const FloatImage& change, const FloatImage& from_floor_before,
                  const FloatImage& from_floor_after, const std::vector<uint8_t>& region_HW,
                  double floor_threshold) {
  FloatImage none{change.width_px, change.height_px, std::vector<float>(change.value_HW.size(), 0)};
  ChangeParts parts{none, none};
  for (size_t i = 0; i < region_HW.size(); ++i) {
    if (region_HW[i] == 0) continue;
    if (from_floor_after.value_HW[i] > floor_threshold) {
      parts.appeared.value_HW[i] = change.value_HW[i];
    } else if (from_floor_before.value_HW[i] > floor_threshold) {
      parts.vanished.value_HW[i] = change.value_HW[i];
    }
  }
  return parts;
}

double TotalOf(const std::vector<Blob>& blobs) {
  return std::accumulate(blobs.begin(), blobs.end(), 0.0,
                         [](double sum, const Blob& blob) { return sum + blob.sum; });
}

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

}  // namespace

double NetChange(const Judgement& judgement, const ImageDiffConfig& config) {
  const double net = judgement.appeared - judgement.vanished;
  const double total = judgement.appeared + judgement.vanished;
  if (net <= 0) return 0;
  return net * std::min(1.0, net / total / config.min_share);
}

Result<Analysis> AnalysePair(const RgbImage& before, const RgbImage& after,
                             const CameraModel& camera, const ImageDiffConfig& config) {
  if (before.width_px != after.width_px || before.height_px != after.height_px) {
    return Corrupt("the two evidence pictures differ in size");
  }
  Analysis analysis;
  analysis.before = ShrinkToSide(before, config.max_side_px);
  analysis.after = ShrinkToSide(after, config.max_side_px);
  Judgement& judgement = analysis.judgement;
  judgement.shift = FindShift(analysis.before, analysis.after);
  const FloatImage change =
      ChangeBetween(analysis.before, analysis.after, judgement.shift,
                    judgement.shift.IsZero() ? kEdgeTolerance_px : kMovedEdgeTolerance_px);
  judgement.noise = NoiseLevel(change);
  const std::vector<uint8_t> region_HW = BinRegion(analysis.before, camera, config);
  ChangeParts parts =
      Split(change, DistanceFromFloor(analysis.before, region_HW),
            DistanceFromFloor(analysis.after, region_HW), region_HW, config.floor_threshold);
  const double num_pixels = double(change.value_HW.size());
  const int min_area_px = std::max(1, int(std::lround(config.min_area * num_pixels)));
  analysis.threshold = std::max(config.threshold, config.noise_factor * judgement.noise);
  const auto total = [&](const FloatImage& part) {
    return TotalOf(FindBlobs(part, analysis.threshold, min_area_px)) / num_pixels;
  };
  judgement.appeared = total(parts.appeared);
  judgement.vanished = total(parts.vanished);
  judgement.score = NetChange(judgement, config) / config.min_change;
  judgement.success = judgement.score >= 1;
  judgement.confidence = Confidence(judgement.score);
  analysis.appeared = std::move(parts.appeared);
  analysis.vanished = std::move(parts.vanished);
  return analysis;
}

Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const CameraModel& camera, const ImageDiffConfig& config) {
  QT_ASSIGN(const Analysis analysis, AnalysePair(before, after, camera, config));
  return analysis.judgement;
}

Json DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement) {
  return {{"threshold", config.threshold},
          {"noise_factor", config.noise_factor},
          {"floor_threshold", config.floor_threshold},
          {"min_area", config.min_area},
          {"min_change", config.min_change},
          {"min_share", config.min_share},
          {"bin_half_m", config.bin_half_m},
          {"bin_height_m", config.bin_height_m},
          {"max_side_px", config.max_side_px},
          {"appeared", Rounded(judgement.appeared)},
          {"vanished", Rounded(judgement.vanished)},
          {"noise", Rounded(judgement.noise)},
          {"shift",
           {Rounded(judgement.shift.du_px), Rounded(judgement.shift.dv_px),
            Rounded(judgement.shift.turn_rad)}}};
}

}  // namespace qt::label

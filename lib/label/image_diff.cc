#include "label/image_diff.h"

#include <algorithm>
#include <cmath>
#include <numeric>
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

bool SeesBin(const CameraModel& camera, double u_px, double v_px, const ImageDiffConfig& config) {
  for (double height_m : {0.0, config.bin_height_m}) {
    const Vec3 p_W_m = camera.Unproject(u_px, v_px, height_m);
    if (std::max(std::abs(p_W_m[0]), std::abs(p_W_m[1])) <= config.bin_half_m) return true;
  }
  return false;
}

// 1 for the pixels that see the bin; all of them if the camera does not know. The picture may be a
// shrunken one.
std::vector<uint8_t> BinRegion(const RgbImage& image, const CameraModel& camera,
                               const ImageDiffConfig& config) {
  const size_t count = size_t(image.width_px) * size_t(image.height_px);
  std::vector<uint8_t> region_HW(count, 1);
  if (!camera.valid()) return region_HW;
  const double scale_u = double(camera.width_px) / image.width_px;
  const double scale_v = double(camera.height_px) / image.height_px;
  for (size_t i = 0; i < count; ++i) {
    const double u_px = (double(i % size_t(image.width_px)) + 0.5) * scale_u - 0.5;
    const double v_px = (double(i / size_t(image.width_px)) + 0.5) * scale_v - 0.5;
    region_HW[i] = SeesBin(camera, u_px, v_px, config);
  }
  const bool any = std::find(region_HW.begin(), region_HW.end(), 1) != region_HW.end();
  return any ? region_HW : std::vector<uint8_t>(count, 1);
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

Result<Judgement> JudgePair(const RgbImage& before, const RgbImage& after,
                            const CameraModel& camera, const ImageDiffConfig& config) {
  if (before.width_px != after.width_px || before.height_px != after.height_px) {
    return Corrupt("the two evidence pictures differ in size");
  }
  const RgbImage small_before = ShrinkToSide(before, config.max_side_px);
  const RgbImage small_after = ShrinkToSide(after, config.max_side_px);
  const std::vector<uint8_t> region_HW = BinRegion(small_before, camera, config);
  const FloatImage change = ChangeBetween(small_before, small_after);
  const ChangeParts parts =
      Split(change, DistanceFromFloor(small_before, region_HW),
            DistanceFromFloor(small_after, region_HW), region_HW, config.floor_threshold);
  const double num_pixels = double(change.value_HW.size());
  Judgement judgement;
  judgement.noise = NoiseLevel(change);
  const double threshold = std::max(config.threshold, config.noise_factor * judgement.noise);
  const int min_area_px = std::max(1, int(std::lround(config.min_area * num_pixels)));
  const double appeared = TotalOf(FindBlobs(parts.appeared, threshold, min_area_px));
  const double vanished = TotalOf(FindBlobs(parts.vanished, threshold, min_area_px));
  judgement.change = (appeared - vanished) / num_pixels;
  judgement.success = judgement.change >= config.min_change;
  judgement.confidence = Confidence(judgement.change, config.min_change);
  return judgement;
}

std::string DescribeJudgement(const ImageDiffConfig& config, const Judgement& judgement) {
  return Json({{"threshold", config.threshold},
               {"noise_factor", config.noise_factor},
               {"floor_threshold", config.floor_threshold},
               {"min_area", config.min_area},
               {"min_change", config.min_change},
               {"bin_half_m", config.bin_half_m},
               {"bin_height_m", config.bin_height_m},
               {"max_side_px", config.max_side_px},
               {"change", Rounded(judgement.change)},
               {"noise", Rounded(judgement.noise)}})
      .dump();
}

}  // namespace qt::label

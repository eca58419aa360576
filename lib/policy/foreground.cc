// SPDX-License-Identifier: Apache-2.0
#include "policy/foreground.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace qt::policy {
namespace {

// The box around the gripper, relative to the centre of the finger tips, in its yaw frame: as wide
// as the open fingers, as high as the image can show.
constexpr double kGripperHalfX_m = 0.065;
constexpr double kGripperHalfY_m = 0.025;
constexpr double kGripperUp_m = 0.16;
constexpr double kBoxStep_m = 0.004;

Vec3 PointOf(const Foreground& map, int pixel, const CameraModel& camera, double height_m) {
  return camera.Unproject(pixel % map.width_px, pixel / map.width_px, height_m);
}

// 1 where the plane seen by the pixel is inside the bin and the gripper does not hide it.
std::vector<uint8_t> SearchMask(const CameraModel& camera, const GripperState& gripper,
                                const ForegroundConfig& config) {
  const int width = camera.width_px, height = camera.height_px;
  std::vector<uint8_t> mask(size_t(width) * height);
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      const Vec3 p_W_m = camera.Unproject(u, v, config.plane_height_m);
      mask[size_t(v) * width + u] =
          std::abs(p_W_m[0]) <= config.bin_half_m && std::abs(p_W_m[1]) <= config.bin_half_m;
    }
  }
  const double c = std::cos(gripper.yaw_rad), s = std::sin(gripper.yaw_rad);
  for (double x = -kGripperHalfX_m; x <= kGripperHalfX_m; x += kBoxStep_m) {
    for (double y = -kGripperHalfY_m; y <= kGripperHalfY_m; y += kBoxStep_m) {
      for (double z = 0; z <= kGripperUp_m; z += kBoxStep_m) {
        const Pixel pixel = camera.Project(
            {gripper.x_m + c * x - s * y, gripper.y_m + s * x + c * y, gripper.height_m + z});
        const double u = std::round(pixel.u_px), v = std::round(pixel.v_px);
        if (pixel.depth_m <= 0 || u < 0 || v < 0 || u >= width || v >= height) continue;
        mask[size_t(v) * width + size_t(u)] = 0;
      }
    }
  }
  return mask;
}

uint8_t Median(std::vector<uint8_t>& values) {
  if (values.empty()) return 0;
  auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::array<double, kRgbChannels> MedianColour(const RgbView& image,
                                              const std::vector<uint8_t>& search) {
  std::array<double, kRgbChannels> colour;
  for (size_t channel = 0; channel < kRgbChannels; ++channel) {
    std::vector<uint8_t> values;
    for (size_t i = 0; i < search.size(); ++i) {
      if (search[i]) values.push_back(image.rgb_HWC[kRgbChannels * i + channel]);
    }
    colour[channel] = Median(values);
  }
  return colour;
}

double ColourDistance(const uint8_t* rgb, const std::array<double, kRgbChannels>& colour) {
  return std::hypot(rgb[0] - colour[0], rgb[1] - colour[1], rgb[2] - colour[2]);
}

}  // namespace

Foreground FindForeground(const RgbView& image, const CameraModel& camera,
                          const GripperState& gripper, const ForegroundConfig& config) {
  QT_CHECK(camera.valid());
  QT_CHECK(camera.width_px == image.width_px && camera.height_px == image.height_px,
           camera.width_px, camera.height_px, image.width_px, image.height_px);
  Foreground map{image.width_px, image.height_px, SearchMask(camera, gripper, config), {}};
  const std::array<double, kRgbChannels> floor = MedianColour(image, map.mask_HW);
  for (size_t i = 0; i < map.mask_HW.size(); ++i) {
    map.mask_HW[i] &= ColourDistance(&image.rgb_HWC[kRgbChannels * i], floor) > config.threshold;
    if (map.mask_HW[i]) map.pixels.push_back(int(i));
  }
  return map;
}

std::vector<int> ConnectedBlob(const Foreground& foreground, int pixel) {
  QT_CHECK(foreground.mask_HW.at(size_t(pixel)) == 1, pixel);
  const int width = foreground.width_px;
  std::vector<uint8_t> todo = foreground.mask_HW;
  std::vector<int> blob = {pixel};
  todo[size_t(pixel)] = 0;
  const auto visit = [&](int neighbour, bool inside) {
    if (!inside || !todo[size_t(neighbour)]) return;
    todo[size_t(neighbour)] = 0;
    blob.push_back(neighbour);
  };
  for (size_t next = 0; next < blob.size(); ++next) {
    const int i = blob[next];
    visit(i - 1, i % width > 0);
    visit(i + 1, i % width < width - 1);
    visit(i - width, i >= width);
    visit(i + width, i / width < foreground.height_px - 1);
  }
  return blob;
}

double MinorAxisYaw(const Foreground& foreground, const std::vector<int>& blob,
                    const CameraModel& camera, double height_m) {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  const Vec3 origin_m = PointOf(foreground, blob.front(), camera, height_m);
  for (int pixel : blob) {
    const Vec3 d_m = PointOf(foreground, pixel, camera, height_m) - origin_m;
    x += d_m[0], y += d_m[1];
    xx += d_m[0] * d_m[0], yy += d_m[1] * d_m[1], xy += d_m[0] * d_m[1];
  }
  const double n = double(blob.size());
  const double cov_xx = xx - x * x / n, cov_yy = yy - y * y / n, cov_xy = xy - x * y / n;
  if (blob.size() < 2) return 0;
  const double major_yaw_rad = 0.5 * std::atan2(2 * cov_xy, cov_xx - cov_yy);
  return major_yaw_rad > 0 ? major_yaw_rad - std::numbers::pi / 2
                           : major_yaw_rad + std::numbers::pi / 2;
}

}  // namespace qt::policy

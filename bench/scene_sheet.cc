// SPDX-License-Identifier: Apache-2.0
// One picture of 40 bins, to be looked at: is the gripper in view at every height, do objects stand
// out from the floor, does nothing interpenetrate. The gripper's tips are at eight heights from the
// lowest to the highest, from left to right, over a random place. A JPEG on standard output.
// Usage: bench_scene_sheet [OBJECTS] [LOOKS] [SIDE_PX] [CAMERA] [shadows] > SHEET.jpg
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/random.h"
#include "harness.h"
#include "image/image.h"
#include "sim/sim_robot.h"

namespace {

using qt::bench::Die;
using qt::bench::Must;

constexpr int kColumns = 8, kRows = 5;

// To a random place at the given height, in as many actions as it takes; what lies there may stop
// it.
void GoSomewhere(qt::sim::SimRobot& world, double height_m, qt::RandomStream& rng) {
  const double x_m = rng.Uniform(-0.1, 0.1), y_m = rng.Uniform(-0.1, 0.1);
  double turn_rad = rng.Uniform(-1.5, 1.5);
  for (int i = 0; i < 3; ++i) {
    const qt::GripperState g = world.gripper();
    const double dz_m = i < 1 ? 0 : height_m - g.height_m;
    Must(world.Act(qt::Action::Move(x_m - g.x_m, y_m - g.y_m, dz_m, turn_rad)));
    turn_rad = 0;
  }
}

void Paste(const qt::RgbImage& tile, int row, int column, qt::RgbImage& sheet) {
  const size_t bytes = size_t(tile.width_px) * 3;
  for (int v = 0; v < tile.height_px; ++v) {
    const size_t line = size_t(row) * tile.height_px + v;
    std::memcpy(&sheet.rgb_HWC[(line * kColumns + column) * bytes], &tile.rgb_HWC[v * bytes],
                bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, const char* otherwise) {
    return std::string(argc > i ? argv[i] : otherwise);
  };
  qt::sim::SceneConfig config;
  config.objects = argument(1, "train");
  Must(qt::Set(config, "looks", argument(2, "auto")));
  Must(qt::Set(config, "image_size", argument(3, "128")));
  Must(qt::Set(config, "camera", argument(4, "shoulder")));
  config.shadows = argument(5, "") == "shadows" ? qt::When::kOn : qt::When::kOff;
  config.image = qt::sim::ImageFormat::kRaw;
  auto world = qt::sim::SimRobot::Create(config);
  if (!world.ok()) Die(world.status());
  const int side_px = config.image_size->width_px;
  qt::RgbImage sheet{kColumns * side_px, kRows * side_px, {}};
  sheet.rgb_HWC.resize(size_t(3) * sheet.width_px * sheet.height_px);
  for (int i = 0; i < kRows * kColumns; ++i) {
    qt::RandomStream rng(1, "bench.scene_sheet", uint64_t(i));
    Must((*world)->NewBin(uint64_t(i)));
    Must((*world)->StartEpisode(uint64_t(i)));
    const double share = double(i % kColumns) / (kColumns - 1);
    GoSomewhere(**world, 0.008 + share * (0.20 - 0.008), rng);
    auto seen = (*world)->Observe();
    if (!seen.ok()) Die(seen.status());
    Paste(*Decode(seen->image), i / kColumns, i % kColumns, sheet);
  }
  const qt::EncodedImage jpeg = EncodeJpeg(sheet, 88);
  return std::fwrite(jpeg.bytes.data(), 1, jpeg.bytes.size(), stdout) == jpeg.bytes.size() ? 0 : 1;
}

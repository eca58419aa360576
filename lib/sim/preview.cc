// SPDX-License-Identifier: Apache-2.0
// Renders each object alone with the camera of the bin's renderer, and puts the tiles together.
#include "sim/preview.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "sim/cell.h"
#include "sim/renderer.h"
#include "sim/scene.h"

namespace qt::sim {
namespace {

constexpr int kTile_px = 208, kColumns = 8;
constexpr double kTilt_rad = 0.87, kDistance_m = 0.55, kSquare_m = 0.02;

struct Item {
  objects::ObjectSpec object;
  std::string note;  // on a line of its own
};

std::vector<Item> ItemsOf(const ObjectSet& set, uint64_t seed) {
  std::vector<Item> items;
  const size_t n = set.library ? std::min(set.library->objects.size(), kMaxPreviewObjects)
                               : kDrawnPreviewObjects;
  for (size_t k = 0; k < n; ++k) {
    RandomStream rng(seed, "sim.preview." + set.name, k);
    Item item;
    if (!set.library) {
      item.object = DrawObject(set, rng);
    } else {
      const UserObject& own = set.library->objects[k];
      item.object = DrawOwn(own, rng);
      char text[32];
      std::snprintf(text, sizeof text, "\n%.0f %%", 100 * own.coverage);
      item.note = text;
      if (own.fitted < 1) {
        std::snprintf(text, sizeof text, ", x %.3g", own.fitted);
        item.note += text;
      }
    }
    items.push_back(std::move(item));
  }
  return items;
}

// Looks at a point over the floor's middle, from the front, from far enough to see all of it.
CameraModel TileCamera(const Vec3& size_m) {
  const double view_m = std::max(0.15, 1.25 * Norm(size_m));
  const double aim_m = std::max(0.015, size_m[2] / 2 - 0.035);
  const double s = std::sin(kTilt_rad), c = std::cos(kTilt_rad);
  CameraModel camera{kTile_px, kTile_px, 1, 1, 0.5 * (kTile_px - 1), 0.5 * (kTile_px - 1), {}};
  camera.fx_px = camera.fy_px = kTile_px * kDistance_m / view_m;
  camera.X_WC.q = FromMatrix({{{1, 0, 0}, {0, -c, s}, {0, -s, -c}}});
  camera.X_WC.p_m = {0, -kDistance_m * s, kDistance_m * c + aim_m};
  return camera;
}

SceneSpec TileScene(const objects::ObjectSpec& object) {
  SceneSpec scene;
  scene.objects = {object};
  for (int x = -4; x < 4; ++x) {
    for (int y = -4; y < 4; ++y) {
      if ((x + y) % 2 != 0) continue;
      scene.looks.patches.push_back({{(x + 0.5) * kSquare_m, (y + 0.5) * kSquare_m, 2e-4},
                                     kSquare_m / 2,
                                     0,
                                     {0.5, 0.5, 0.5}});
    }
  }
  return scene;
}

std::string CaptionOf(const Item& item) {
  constexpr size_t kFits = 28;
  std::string name = item.object.family;
  if (name.size() > kFits) name = ".." + name.substr(name.size() - kFits + 2);
  const Vec3 size_m = ExtentsOf(item.object).size_m();
  char text[96];
  std::snprintf(text, sizeof text, "\n%.0f x %.0f x %.0f mm, %zu%s", 1e3 * size_m[0],
                1e3 * size_m[1], 1e3 * size_m[2], item.object.primitives.size(), item.note.c_str());
  return name + text;
}

Result<RgbImage> DrawTile(const Item& item, std::unique_ptr<Renderer>& renderer) {
  const objects::ObjectSpec& object = item.object;
  QT_ASSIGN(const std::unique_ptr<Cell> cell, Cell::Create(TileScene(object), {0, 0, 0.5}));
  if (!renderer) {
    QT_ASSIGN(renderer, Renderer::Create(cell->model(), kTile_px, kTile_px));
  }
  const Quaternion turn = objects::AxisAngle({0, 0, 1}, 0.5);
  cell->PlaceObject(0, {{0, 0, -ExtentsOf(object).low_m[2]}, turn});
  mj_kinematics(cell->model(), cell->data());
  return renderer->Render(cell->model(), cell->data(), TileCamera(ExtentsOf(object).size_m()),
                          /*show_gripper=*/false, CaptionOf(item).c_str());
}

void PutTile(const RgbImage& tile, int u_px, int v_px, RgbImage& sheet) {
  for (int v = 0; v < kTile_px; ++v) {
    std::copy_n(tile.rgb_HWC.begin() + std::ptrdiff_t{3} * v * kTile_px, 3 * kTile_px,
                sheet.rgb_HWC.begin() + 3 * (std::ptrdiff_t{v_px + v} * sheet.width_px + u_px));
  }
}

}  // namespace

Result<Preview> DrawPreview(const ObjectSet& set, uint64_t seed) {
  const std::vector<Item> items = ItemsOf(set, seed);
  const int columns = std::min(kColumns, int(items.size()));
  const int rows = (int(items.size()) + columns - 1) / columns;
  Preview preview{{columns * kTile_px, rows * kTile_px, {}}, items.size()};
  preview.sheet.rgb_HWC.assign(RgbBytes(columns * kTile_px, rows * kTile_px), 255);
  std::unique_ptr<Renderer> renderer;
  for (size_t k = 0; k < items.size(); ++k) {
    QT_ASSIGN(const RgbImage tile, DrawTile(items[k], renderer));
    PutTile(tile, int(k) % columns * kTile_px, int(k) / columns * kTile_px, preview.sheet);
  }
  return preview;
}

}  // namespace qt::sim

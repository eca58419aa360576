// SPDX-License-Identifier: Apache-2.0
// The camera model is exact: what CameraModel::Project says is where the renderer draws; the
// gripper is in view wherever it may work and out of view where it parks.
#include "sim/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "sim/cell.h"
#include "sim/renderer.h"

namespace qt::sim {
namespace {

// A world with one red ball of 9 mm radius at p and nothing else.
mjModel* BallModel(const Vec3& p_m) {
  const std::string xml =
      "<mujoco><statistic extent=\"1\"/><visual><headlight ambient=\"1 1 1\" diffuse=\"0 0 0\" "
      "specular=\"0 0 0\"/><quality shadowsize=\"0\" offsamples=\"0\"/></visual><worldbody>"
      "<geom type=\"sphere\" size=\"0.009\" rgba=\"1 0 0 1\" pos=\"" +
      std::to_string(p_m[0]) + " " + std::to_string(p_m[1]) + " " + std::to_string(p_m[2]) +
      "\"/></worldbody></mujoco>";
  const auto vfs = std::make_unique<mjVFS>();
  mj_defaultVFS(vfs.get());
  mj_makeEmptyFileVFS(vfs.get(), "ball.xml", int(xml.size()));
  std::memcpy(vfs->filedata[0], xml.data(), xml.size());
  char error[300] = "";
  mjModel* model = mj_loadXML("ball.xml", vfs.get(), error, sizeof error);
  mj_deleteVFS(vfs.get());
  EXPECT_NE(model, nullptr) << error;
  return model;
}

struct Centroid {
  double u_px = 0, v_px = 0;
  int n = 0;
};
Centroid RedCentroid(const RgbImage& image) {
  Centroid c;
  for (int v = 0; v < image.height_px; ++v) {
    for (int u = 0; u < image.width_px; ++u) {
      const uint8_t* rgb = &image.rgb_HWC[3 * (size_t(v) * image.width_px + u)];
      if (rgb[0] < 100 || rgb[1] > 60) continue;
      c.u_px += u, c.v_px += v, ++c.n;
    }
  }
  if (c.n > 0) c.u_px /= c.n, c.v_px /= c.n;
  return c;
}

void ExpectDrawnWhereProjected(const CameraModel& camera) {
  for (const Vec3& p : {Vec3{0, 0, 0}, Vec3{0.1, 0.1, 0.02}, Vec3{-0.1, 0.08, 0.15},
                        Vec3{0.09, -0.1, 0.01}, Vec3{-0.08, -0.09, 0.1}}) {
    mjModel* model = BallModel(p);
    mjData* data = mj_makeData(model);
    mj_forward(model, data);
    auto renderer = Renderer::Create(model, camera.width_px, camera.height_px);
    ASSERT_TRUE(renderer.ok()) << renderer.status().ToString();
    const Centroid seen = RedCentroid((*renderer)->Render(model, data, camera));
    const Pixel expected = camera.Project(p);
    EXPECT_GT(seen.n, 2);
    EXPECT_NEAR(seen.u_px, expected.u_px, 0.7) << p[0] << " " << p[1] << " " << p[2];
    EXPECT_NEAR(seen.v_px, expected.v_px, 0.7) << p[0] << " " << p[1] << " " << p[2];
    mj_deleteData(data);
    mj_deleteModel(model);
  }
}

TEST(View, PointsAreDrawnWhereTheCameraModelProjectsThem) {
  ExpectDrawnWhereProjected(FitView(Camera::kShoulder, {}, {64, 64}).camera);
  ExpectDrawnWhereProjected(FitView(Camera::kShoulder, {}, {160, 128}).camera);
  ExpectDrawnWhereProjected(FitView(Camera::kTop, {}, {96, 96}).camera);
}

TEST(View, JitteredAndOffCentreCamerasAreDrawnExactlyToo) {
  RandomStream rng(3);
  const CameraModel camera = FitView(Camera::kShoulder, {}, {128, 128}).camera;
  CameraModel moved = Jitter(camera, 1.0, rng);
  EXPECT_GT(Norm(moved.X_WC.p_m - camera.X_WC.p_m), 1e-4);
  moved.cx_px += 7;
  moved.cy_px -= 5;
  moved.fx_px *= 0.9;
  moved.fy_px *= 0.9;
  ExpectDrawnWhereProjected(moved);
}

TEST(View, SeesTheWholeFloorAndTheTipsEverywhere) {
  const TaskConfig task;
  for (const Camera place : {Camera::kShoulder, Camera::kTop}) {
    const CameraModel camera = FitView(place, task, {64, 64}).camera;
    for (const double sx : {-1.0, 1.0}) {
      for (const double sy : {-1.0, 1.0}) {
        for (const Vec3& p :
             {Vec3{sx * kBinHalf_m, sy * kBinHalf_m, 0},
              Vec3{sx * task.workspace_xy_m, sy * task.workspace_xy_m, task.max_height_m}}) {
          const Pixel pixel = camera.Project(p);
          EXPECT_GE(pixel.u_px, -0.5) << EnumName(place);
          EXPECT_LE(pixel.u_px, 63.5) << EnumName(place);
          EXPECT_GE(pixel.v_px, -0.5) << EnumName(place);
          EXPECT_LE(pixel.v_px, 63.5) << EnumName(place);
        }
      }
    }
  }
}

// Counts the pixels that the gripper changes.
class GripperPixels {
 public:
  explicit GripperPixels(Camera camera) : view_(FitView(camera, {}, {64, 64})) {
    cell_ = *Cell::Create(DrawScene(*ParseObjectSet("train"), 1, 1, 1), view_.park_p_m);
    renderer_ = *Renderer::Create(cell_->model(), 64, 64);
  }
  int At(const GripperPose& pose) {
    cell_->Teleport(pose);
    const RgbImage with = renderer_->Render(cell_->model(), cell_->data(), view_.camera, true);
    const RgbImage without = renderer_->Render(cell_->model(), cell_->data(), view_.camera, false);
    int n = 0;
    for (size_t i = 0; i < with.rgb_HWC.size(); i += 3) {
      n += std::memcmp(&with.rgb_HWC[i], &without.rgb_HWC[i], 3) != 0;
    }
    return n;
  }
  const Vec3& park_p_m() const { return view_.park_p_m; }

 private:
  View view_;
  std::unique_ptr<Cell> cell_;
  std::unique_ptr<Renderer> renderer_;
};

TEST(View, GripperIsInViewAtEveryHeightAndOutOfViewWhenParked) {
  const TaskConfig task;
  for (const Camera place : {Camera::kShoulder, Camera::kTop}) {
    GripperPixels pixels(place);
    const std::string name = NamesOf(place)[static_cast<size_t>(place)];
    for (const double z : {task.min_height_m, 0.05, 0.10, 0.15, task.max_height_m}) {
      for (const double x : {-task.workspace_xy_m, 0.0, task.workspace_xy_m}) {
        for (const double y : {-task.workspace_xy_m, 0.0, task.workspace_xy_m}) {
          for (const double yaw : {0.0, 0.8, 1.5708}) {
            EXPECT_GT(pixels.At({{x, y, z}, yaw}), 15) << name << " " << x << " " << y << " " << z;
          }
        }
      }
    }
    for (const double yaw : {0.0, 0.8, 1.5708}) EXPECT_EQ(pixels.At({pixels.park_p_m(), yaw}), 0);
  }
}

}  // namespace
}  // namespace qt::sim

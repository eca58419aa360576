// SPDX-License-Identifier: Apache-2.0
// Renders a MuJoCo scene into RGB through EGL, without a display. One Renderer serves many models
// that hold primitives only (no meshes) and the same number and sizes of textures. Internal to
// lib/sim.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>

#include "base/status.h"
#include "image/image.h"
#include "mdp/camera.h"

namespace qt::sim {

// Owns an EGL context. Usable from one thread at a time: the context is made current for each
// image and released after it.
class Renderer {
 public:
  // Fails if EGL or OpenGL is not there; says what is missing. Sets the model's offscreen size.
  static Result<std::unique_ptr<Renderer>> Create(mjModel* model, int width_px, int height_px);
  ~Renderer();
  // OpenGL's renderer and version. Pictures are the same to the bit only with the same
  // driver.
  const std::string& driver() const;
  // Another model from now on: hands its textures to OpenGL. Free if there are none.
  void Load(const mjModel* model);
  // `show_gripper` false hides geom group 1 (for tests of what is in view).
  // `caption`: lines of text at the lower left.
  RgbImage Render(const mjModel* model, mjData* data, const CameraModel& camera,
                  bool show_gripper = true, const char* caption = nullptr);

 private:
  Renderer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qt::sim

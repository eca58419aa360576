// SPDX-License-Identifier: Apache-2.0
// Where the camera of qt-bin/1 stands: fitted so that the whole bin floor and the gripper's fingers
// at every height they can reach fill the frame. Internal to lib/sim.
#pragma once

#include "base/random.h"
#include "mdp/camera.h"
#include "mdp/task.h"
#include "sim/scene_config.h"

namespace qt::sim {

// The bin's interior is square; the walls lean outwards.
inline constexpr double kBinHalf_m = 0.13;
inline constexpr double kWallHeight_m = 0.025;

struct View {
  // What observes. On the gripper: its pose is X_GC, in the gripper's frame.
  CameraModel camera;
  bool on_gripper = false;
  // What photographs the evidence of a drop test, from where it stands: the same camera, or for one
  // on the gripper, which cannot look at the bin while the gripper is away, that of `shoulder`.
  CameraModel evidence_camera;
  // What looks between the fingers, in the gripper's frame: `camera` itself if that is there.
  CameraModel gripper_camera;
  // Where the gripper waits, closed or open, so that neither it nor what it holds is in that frame.
  Vec3 park_p_m;  // finger tips
};

View FitView(Camera camera, const TaskConfig& task, const ImageSize& size);

// The same camera moved by up to +-1 cm and turned by up to +-1 degree per axis, times `scale`.
CameraModel Jitter(const CameraModel& camera, double scale, RandomStream& rng);
// The same, by at least 0.4 of these limits on each axis: a knock against the mount.
CameraModel Bump(const CameraModel& camera, double scale, RandomStream& rng);

}  // namespace qt::sim

// SPDX-License-Identifier: Apache-2.0
// What is in one bin and how it looks, drawn from a seed, and its MJCF text. Internal to
// lib/sim.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "objects/shape.h"
#include "sim/families.h"
#include "sim/looks.h"

namespace qt::sim {

// Geometry of the gripper that more than one file needs.
inline constexpr double kOpening_m = 0.085;  // between the pads, fully open
inline constexpr double kPadDepth_m = 0.010;
inline constexpr double kPadWidth_m = 0.020;
inline constexpr double kPadHeight_m = 0.030;
inline constexpr double kTimestep_s = 0.003;
inline constexpr int kTextureSide_px = 64;

struct SceneSpec {
  std::vector<objects::ObjectSpec> objects;
  Looks looks;
  bool arm = false;  // carries the gripper, which floats otherwise
  // Times the friction of everything, and the force of the closing fingers.
  double friction_factor = 1, grip_factor = 1;
};

// Under kMixed a bin looks as it would under the level that is drawn for it.
// REQUIRES: 1 <= min_objects <= max_objects; not kAuto.
SceneSpec DrawScene(const ObjectSet& set, int min_objects, int max_objects, uint64_t seed,
                    LooksLevel looks = LooksLevel::kMild);

// Numbers of geoms: object k's body is "object<k>", the gripper's geoms are in group 1.
std::string ToXml(const SceneSpec& scene);

}  // namespace qt::sim

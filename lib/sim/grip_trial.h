// SPDX-License-Identifier: Apache-2.0
// One trial of the contact physics: a single object is grasped off-centre, lifted 0.25 m at
// 0.25 m/s and shaken by 3 cm at 2 Hz. The acceptance test of the contact settings (docs/TASK.md);
// no tool needs it.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "objects/shape.h"

namespace qt::sim {

struct GripTrial {
  bool grasped = false;  // the fingers closed on it: otherwise the trial says nothing of contacts
  bool held = false;     // after the shake
  double creep_mps = 0;  // slip of the object in the gripper while it hangs still
  double mj_steps = 0;
};

// Sizes (12-35 mm half sizes), density, yaw and offset (+-6 mm) come from (seed, index).
Result<GripTrial> RunGripTrial(objects::PrimitiveKind kind, uint64_t seed, uint64_t index);

// The same of any object: dropped at random, grasped where a grasp is found with the truth, up to
// 6 mm beside it along the pads.
Result<GripTrial> RunGripTrial(const objects::ObjectSpec& object, uint64_t seed, uint64_t index);

}  // namespace qt::sim

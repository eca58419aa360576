// SPDX-License-Identifier: Apache-2.0
// Grasps found with the truth: where a top-down grasp of an object would close, given every
// object's pose. For tests and for the bound on what is feasible; never for a policy.
#pragma once

#include <optional>
#include <vector>

#include "mdp/geometry.h"
#include "mdp/task.h"
#include "objects/shape.h"

namespace qt::sim {

struct TruthGrasp {
  Vec3 p_W_m;          // finger tips when closing
  double yaw_rad = 0;  // of the gripper's closing direction in W
  double width_m = 0;  // between the pads when closed
  double score = 0;    // larger is better
};

// The best grasp of object k, or none if no sampled grasp is free of collisions.
std::optional<TruthGrasp> FindTruthGrasp(const std::vector<objects::ObjectSpec>& objects,
                                         const std::vector<Pose>& X_WO, size_t k,
                                         const TaskConfig& task);

// Whether a grasp of the object is found when it lies alone on one of its six sides, of those on
// which it rests: a coin does not stand on its edge.
enum class Graspability { kGraspable, kTooLow, kTooWide };
Graspability GraspabilityOf(const objects::ObjectSpec& object);

// What lies lower cannot be held.
double LeastHeight_m();

}  // namespace qt::sim

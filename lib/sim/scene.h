// What is in one bin and how it looks, drawn from a seed, and its MJCF text. Used inside lib/sim
// only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "sim/families.h"
#include "sim/shape.h"

namespace qt::sim {

// Geometry of the gripper that more than one file needs.
inline constexpr double kOpening_m = 0.085;  // between the pads, fully open
inline constexpr double kPadDepth_m = 0.010;
inline constexpr double kPadWidth_m = 0.020;
inline constexpr double kPadHeight_m = 0.030;
inline constexpr double kTimestep_s = 0.003;

// A flat coloured patch on the floor; looks only.
struct Patch {
  Vec3 p_m;
  double half_m, yaw_rad;
  Vec3 rgb;
};

struct Looks {
  Vec3 floor_rgb = {0.58, 0.58, 0.58}, wall_rgb = {0.76, 0.76, 0.76},
       table_rgb = {0.34, 0.34, 0.34};
  Vec3 light_p_m = {0, 0, 1.5}, light_direction = {0, 0, -1};
  double ambient = 0.4, diffuse = 0.5;
  std::vector<Patch> patches;
};

struct SceneSpec {
  std::vector<ObjectSpec> objects;
  Looks looks;
};

// REQUIRES: 1 <= min_objects <= max_objects.
SceneSpec DrawScene(const ObjectSet& set, int min_objects, int max_objects, uint64_t seed);

// Numbers of geoms: object k's body is "object<k>", the gripper's geoms are in group 1.
std::string ToXml(const SceneSpec& scene);

}  // namespace qt::sim

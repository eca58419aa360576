// SPDX-License-Identifier: Apache-2.0
// How a bin looks, drawn from a seed: colours, light, textures (docs/TASK.md, "Looks"). Physics
// does not depend on any of it. Internal to lib/sim; knows nothing of MuJoCo.
#pragma once

#include <vector>

#include "base/random.h"
#include "objects/shape.h"
#include "sim/scene_config.h"

namespace qt::sim {

// A flat coloured patch on the floor.
struct Patch {
  Vec3 p_m;
  double half_m, yaw_rad;
  Vec3 rgb;
};

struct Light {
  Vec3 p_m = {0, 0, 1.5}, direction = {0, 0, -1};
  Vec3 ambient_rgb = {0.4, 0.4, 0.4}, diffuse_rgb = {0.5, 0.5, 0.5};
};

// Something that a surface's colour is multiplied by, over the unit square.
struct Pattern {
  enum class Kind { kChecker, kStripes, kGradient, kNoise, kDots };
  Kind kind = Kind::kNoise;
  double low = 1;      // the darkest factor; the brightest is 1
  double repeats = 4;  // over the square
  double turn_rad = 0;
  uint64_t seed = 0;
};
inline constexpr int kNumPatternKinds = 5;

// Brightness of the pattern, in [low, 1]. `face` tells the sides of a cube apart.
double ValueAt(const Pattern& pattern, double u, double v, int face);

// Patterns of a scene, if there are any: of the table, the bin's floor, its walls, and then those
// that the objects take in turn. Always as many, so that a renderer can go from bin to bin.
inline constexpr size_t kObjectPatterns = 6, kNumPatterns = 3 + kObjectPatterns;

struct Looks {
  LooksLevel level = LooksLevel::kPlain;  // never kAuto or kMixed
  Vec3 floor_rgb = {0.58, 0.58, 0.58}, wall_rgb = {0.76, 0.76, 0.76},
       table_rgb = {0.34, 0.34, 0.34};
  std::vector<Light> lights = {{}};
  bool shadows = false;  // of the first light
  bool fine = false;     // round things with twice as many facets, for large pictures
  std::vector<Patch> patches;
  std::vector<Pattern> patterns;  // none, or kNumPatterns
};

// REQUIRES: neither kAuto nor kMixed.
Looks DrawLooks(LooksLevel level, const std::vector<objects::ObjectSpec>& objects,
                RandomStream& rng);

}  // namespace qt::sim

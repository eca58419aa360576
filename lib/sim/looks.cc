// SPDX-License-Identifier: Apache-2.0
// Draws the looks of bins, and evaluates the patterns of their surfaces.
#include "sim/looks.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace qt::sim {
namespace {

Vec3 Grey(double value, double tint, RandomStream& rng) {
  const auto clip = [](double v) { return std::clamp(v, 0.0, 1.0); };
  return {clip(value + rng.Uniform(-tint, tint)), clip(value + rng.Uniform(-tint, tint)),
          clip(value + rng.Uniform(-tint, tint))};
}

Light WhiteLight(const Vec3& p_m, double ambient, double diffuse) {
  const Vec3 white = {1, 1, 1};
  return {p_m, -1.0 * p_m, ambient * white, diffuse * white};
}

Looks DrawMildLooks(RandomStream& rng) {
  Looks looks;
  const double floor = rng.Uniform(0.50, 0.66);
  looks.floor_rgb = Grey(floor, 0.04, rng);
  looks.wall_rgb = Grey(floor + rng.Uniform(0.14, 0.24), 0.04, rng);
  looks.table_rgb = Grey(rng.Uniform(0.28, 0.40), 0.04, rng);
  const Vec3 light_p_m = {rng.Uniform(-0.4, 0.4), rng.Uniform(-0.4, 0.4), 1.5};
  const double ambient = rng.Uniform(0.36, 0.50), diffuse = rng.Uniform(0.45, 0.60);
  looks.lights = {WhiteLight(light_p_m, ambient, diffuse)};
  return looks;
}

double Distance(const Vec3& a, const Vec3& b) { return Norm(a - b); }

Vec3 Componentwise(const Vec3& a, const Vec3& b) { return {a[0] * b[0], a[1] * b[1], a[2] * b[2]}; }

// The first light gets a tint; up to two others, from other sides, add to it.
void AddColouredLight(Looks& looks, RandomStream& rng) {
  const auto tint = [&rng] {
    return Vec3{rng.Uniform(0.7, 1), rng.Uniform(0.7, 1), rng.Uniform(0.7, 1)};
  };
  const Vec3 first = tint();
  looks.lights[0].ambient_rgb = Componentwise(first, looks.lights[0].ambient_rgb);
  looks.lights[0].diffuse_rgb = Componentwise(first, looks.lights[0].diffuse_rgb);
  for (uint64_t i = 0, n = rng.Below(3); i < n; ++i) {
    const Vec3 p_m = {rng.Uniform(-1.2, 1.2), rng.Uniform(-1.2, 1.2), rng.Uniform(0.6, 1.4)};
    Light light = WhiteLight(p_m, 0, rng.Uniform(0.1, 0.3));
    light.diffuse_rgb = Componentwise(tint(), light.diffuse_rgb);
    looks.lights.push_back(light);
  }
}

void DrawPatterns(Looks& looks, RandomStream& rng) {
  for (size_t i = 0; i < kNumPatterns; ++i) {
    Pattern pattern;
    pattern.kind = Pattern::Kind(rng.Below(kNumPatternKinds));
    pattern.low = rng.Uniform(0.6, 0.95);
    pattern.repeats = std::floor(rng.Uniform(2, 9));
    pattern.turn_rad = rng.Uniform(-3, 3);
    pattern.seed = rng.Next();
    looks.patterns.push_back(pattern);
  }
}

// Any floor colour that differs from the objects', patches on it, slanted and uneven light of any
// tint, and patterns on everything but the gripper.
Looks DrawStrongLooks(const std::vector<objects::ObjectSpec>& objects, RandomStream& rng) {
  Looks looks = DrawMildLooks(rng);
  const auto any = [&] { return Vec3{rng.Uniform(), rng.Uniform(), rng.Uniform()}; };
  const auto clear = [&](const Vec3& rgb) {
    return std::all_of(objects.begin(), objects.end(), [&](const objects::ObjectSpec& object) {
      return Distance(rgb, object.colours_rgb[0]) > 0.3 &&
             Distance(rgb, object.colours_rgb[1]) > 0.3;
    });
  };
  for (int i = 0; i < 50; ++i) {
    const Vec3 rgb = any();
    if (!clear(rgb)) continue;
    looks.floor_rgb = rgb;
    break;
  }
  looks.wall_rgb = any();
  looks.table_rgb = any();
  for (int i = 0, n = int(rng.Below(9)); i < n; ++i) {
    const double shade = rng.Uniform(0.75, 1.2);
    Patch patch{{rng.Uniform(-0.09, 0.09), rng.Uniform(-0.09, 0.09), 2e-4 + 2e-5 * i},
                rng.Uniform(0.01, 0.03),
                rng.Uniform(-3, 3),
                shade * looks.floor_rgb};
    for (double& channel : patch.rgb) channel = std::min(channel, 1.0);
    looks.patches.push_back(patch);
  }
  const Vec3 light_p_m = {rng.Uniform(-1.2, 1.2), rng.Uniform(-1.2, 1.2), 1.2};
  const double ambient = rng.Uniform(0.25, 0.60), diffuse = rng.Uniform(0.30, 0.80);
  looks.lights = {WhiteLight(light_p_m, ambient, diffuse)};
  AddColouredLight(looks, rng);
  DrawPatterns(looks, rng);
  return looks;
}

// A number in [0, 1) for each point of a grid: SplitMix64's mixer. One stream a point would cost
// more than a bin's settling.
double Lattice(const Pattern& pattern, int i, int j, int face) {
  uint64_t z = pattern.seed + 0x9e3779b97f4a7c15 * (uint64_t(uint32_t(i)) << 32 | uint32_t(j)) +
               0xd1b54a32d192ed03 * uint64_t(face);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return double((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// Bilinear between the points of the grid.
double Noise(const Pattern& pattern, double x, double y, int face) {
  const int i = int(std::floor(x)), j = int(std::floor(y));
  const double s = x - i, t = y - j;
  const double low = std::lerp(Lattice(pattern, i, j, face), Lattice(pattern, i + 1, j, face), s);
  const double high =
      std::lerp(Lattice(pattern, i, j + 1, face), Lattice(pattern, i + 1, j + 1, face), s);
  return std::lerp(low, high, t);
}

// A disc in about half of the cells.
bool IsInDot(const Pattern& pattern, double x, double y, int face) {
  const int i = int(std::floor(x)), j = int(std::floor(y));
  return std::hypot(x - i - 0.5, y - j - 0.5) < 0.4 && Lattice(pattern, i, j, face) < 0.5;
}

// Shade of the pattern at a place, in [0, 1].
double ShadeAt(const Pattern& pattern, double u, double v, int face) {
  const double c = std::cos(pattern.turn_rad), s = std::sin(pattern.turn_rad);
  const double x = pattern.repeats * (c * u - s * v), y = pattern.repeats * (s * u + c * v);
  switch (pattern.kind) {
    case Pattern::Kind::kChecker:
      return double((int(std::floor(x)) + int(std::floor(y))) & 1);
    case Pattern::Kind::kStripes:
      return double(int(std::floor(x)) & 1);
    case Pattern::Kind::kGradient:
      return 0.5 + 0.5 * std::sin(3 * (c * u - s * v));
    case Pattern::Kind::kDots:
      return IsInDot(pattern, x, y, face) ? 0 : 1;
    case Pattern::Kind::kNoise:
      break;
  }
  return 0.6 * Noise(pattern, x, y, face) + 0.4 * Noise(pattern, 3 * x, 3 * y, face);
}

}  // namespace

double ValueAt(const Pattern& pattern, double u, double v, int face) {
  return std::lerp(pattern.low, 1.0, ShadeAt(pattern, u, v, face));
}

Looks DrawLooks(LooksLevel level, const std::vector<objects::ObjectSpec>& objects,
                RandomStream& rng) {
  QT_CHECK(level != LooksLevel::kAuto && level != LooksLevel::kMixed);
  Looks looks;
  if (level == LooksLevel::kMild || level == LooksLevel::kTextured) looks = DrawMildLooks(rng);
  if (level == LooksLevel::kTextured) DrawPatterns(looks, rng);
  if (level == LooksLevel::kStrong) looks = DrawStrongLooks(objects, rng);
  looks.level = level;
  return looks;
}

}  // namespace qt::sim

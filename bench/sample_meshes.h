// SPDX-License-Identifier: Apache-2.0
// Parametric meshes to try the loading of users' objects with: things as people model them, and as
// text or bytes of the files that they come in. For benches and tests.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "mdp/geometry.h"

namespace qt::bench {

struct SampleMesh {
  std::vector<Vec3> vertices_m;
  std::vector<std::array<uint32_t, 3>> faces;
};

using Point2 = std::array<double, 2>;

inline void Append(const SampleMesh& part, SampleMesh& mesh) {
  const auto base = uint32_t(mesh.vertices_m.size());
  mesh.vertices_m.insert(mesh.vertices_m.end(), part.vertices_m.begin(), part.vertices_m.end());
  for (const auto& f : part.faces) mesh.faces.push_back({base + f[0], base + f[1], base + f[2]});
}

// Rings of n points each, joined side by side; the ends closed to their middle, or to each other.
inline SampleMesh Rings(const std::vector<std::vector<Vec3>>& rings, bool closed) {
  SampleMesh mesh;
  const auto n = uint32_t(rings[0].size()), m = uint32_t(rings.size());
  for (const auto& ring : rings) {
    mesh.vertices_m.insert(mesh.vertices_m.end(), ring.begin(), ring.end());
  }
  for (uint32_t i = 0; i + (closed ? 0 : 1) < m; ++i) {
    for (uint32_t j = 0; j < n; ++j) {
      const uint32_t a = i * n + j, b = i * n + (j + 1) % n;
      const uint32_t c = (i + 1) % m * n + j, d = (i + 1) % m * n + (j + 1) % n;
      mesh.faces.push_back({a, b, d});
      mesh.faces.push_back({a, d, c});
    }
  }
  if (closed) return mesh;
  for (const uint32_t end : {0u, m - 1}) {
    Vec3 middle = {0, 0, 0};
    for (const Vec3& p : rings[end]) middle = middle + (1.0 / n) * p;
    const auto centre = uint32_t(mesh.vertices_m.size());
    mesh.vertices_m.push_back(middle);
    for (uint32_t j = 0; j < n; ++j) {
      const uint32_t a = end * n + j, b = end * n + (j + 1) % n;
      if (end == 0) mesh.faces.push_back({b, a, centre});
      if (end != 0) mesh.faces.push_back({a, b, centre});
    }
  }
  return mesh;
}

// A profile of (radius, height) turned about z.
inline SampleMesh Revolve(const std::vector<Point2>& profile, int n, bool closed) {
  std::vector<std::vector<Vec3>> rings;
  for (const Point2& p : profile) {
    std::vector<Vec3> ring;
    for (int j = 0; j < n; ++j) {
      const double a = 2 * std::numbers::pi * j / n;
      ring.push_back({p[0] * std::cos(a), p[0] * std::sin(a), p[1]});
    }
    rings.push_back(ring);
  }
  return Rings(rings, closed);
}

// A polygon that its centroid sees whole, as thick as `height_m`.
inline SampleMesh Extrude(const std::vector<Point2>& polygon, double height_m) {
  std::vector<std::vector<Vec3>> rings(2);
  for (const Point2& p : polygon) {
    rings[0].push_back({p[0], p[1], 0});
    rings[1].push_back({p[0], p[1], height_m});
  }
  return Rings(rings, false);
}

inline SampleMesh Block(const Vec3& low, const Vec3& high) {
  SampleMesh mesh =
      Extrude({{low[0], low[1]}, {high[0], low[1]}, {high[0], high[1]}, {low[0], high[1]}},
              high[2] - low[2]);
  for (Vec3& v : mesh.vertices_m) v[2] += low[2];
  return mesh;
}

// The convex hull of a few points; brute force.
inline SampleMesh Hull(const std::vector<Vec3>& points) {
  SampleMesh mesh{points, {}};
  const auto n = uint32_t(points.size());
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t j = i + 1; j < n; ++j) {
      for (uint32_t k = j + 1; k < n; ++k) {
        const Vec3 normal = Cross(points[j] - points[i], points[k] - points[i]);
        int above = 0, below = 0;
        for (uint32_t l = 0; l < n; ++l) {
          if (l == i || l == j || l == k) continue;
          (Dot(normal, points[l] - points[i]) > 0 ? above : below)++;
        }
        if (above == 0) mesh.faces.push_back({i, j, k});
        if (below == 0) mesh.faces.push_back({i, k, j});
      }
    }
  }
  return mesh;
}

inline constexpr std::array<const char*, 10> kSampleKinds = {
    "polyhedron", "gear", "bracket", "mug", "banana", "bottle", "torus", "pebble", "can", "clamp"};

// One of a kind; 30-100 mm, somewhere at most 55 mm thick.
inline SampleMesh DrawSample(const std::string& kind, RandomStream& rng) {
  constexpr double kPi = std::numbers::pi;
  const auto mm = [&](double low, double high) { return 1e-3 * rng.Uniform(low, high); };
  if (kind == "polyhedron") {
    const Vec3 half = {mm(12, 27), mm(12, 35), mm(12, 35)};
    std::vector<Vec3> points;
    for (int i = 0, n = 10 + int(rng.Below(12)); i < n; ++i) {
      Vec3 p = {rng.Normal(), rng.Normal(), rng.Normal()};
      p = (1 / Norm(p)) * p;
      points.push_back({half[0] * p[0], half[1] * p[1], half[2] * p[2]});
    }
    return Hull(points);
  }
  if (kind == "gear") {
    const int teeth = 7 + int(rng.Below(8));
    const double outer = mm(16, 27), inner = outer * rng.Uniform(0.72, 0.88);
    std::vector<Point2> polygon;
    for (int i = 0; i < 4 * teeth; ++i) {
      const double r = i % 4 < 2 ? outer : inner, a = 2 * kPi * i / (4 * teeth);
      polygon.push_back({r * std::cos(a), r * std::sin(a)});
    }
    return Extrude(polygon, mm(14, 30));
  }
  if (kind == "bracket") {  // two plates and a gusset, meeting at an angle
    const double t = mm(6, 14), a = mm(40, 70), b = mm(30, 60), w = mm(20, 45);
    SampleMesh mesh = Block({0, 0, 0}, {a, w, t});
    SampleMesh wall = Block({0, 0, 0}, {t, w, b});
    const double lean = rng.Uniform(-0.3, 0.3);
    for (Vec3& v : wall.vertices_m) v[0] += std::tan(lean) * v[2];
    Append(wall, mesh);
    return mesh;
  }
  if (kind == "mug") {
    const double r = mm(20, 27), h = mm(45, 80), t = mm(4, 6), base = mm(5, 8);
    SampleMesh mesh = Revolve({{r, 0}, {r, h}, {r - t, h}, {r - t, base}}, 28, false);
    std::vector<std::vector<Vec3>> rings;  // the handle: half a ring of its own, ends in the wall
    const double reach = mm(14, 20), thick = mm(4, 6);
    for (int i = 0; i <= 10; ++i) {
      const double a = kPi * i / 10;
      std::vector<Vec3> ring;
      for (int j = 0; j < 10; ++j) {
        const double b = 2 * kPi * j / 10, d = reach + thick * std::cos(b);
        ring.push_back({r - t / 2 + d * std::sin(a), thick * std::sin(b), h / 2 + d * std::cos(a)});
      }
      rings.push_back(ring);
    }
    Append(Rings(rings, false), mesh);
    return mesh;
  }
  if (kind == "banana") {
    const double length = mm(70, 95), thick = mm(10, 17), bend = rng.Uniform(0.6, 1.6);
    const double radius = length / bend;
    std::vector<std::vector<Vec3>> rings;
    for (int i = 0; i <= 16; ++i) {
      const double s = i / 16.0, a = bend * (s - 0.5);
      const double own = thick * std::max(0.25, std::pow(std::sin(kPi * (0.06 + 0.88 * s)), 0.6));
      std::vector<Vec3> ring;
      for (int j = 0; j < 12; ++j) {
        const double b = 2 * kPi * j / 12, d = radius + own * std::cos(b);
        ring.push_back({d * std::sin(a), d * std::cos(a) - radius, own * std::sin(b)});
      }
      rings.push_back(ring);
    }
    return Rings(rings, false);
  }
  if (kind == "bottle") {
    const double r = mm(15, 27), h = mm(70, 98), neck = mm(7, 11);
    return Revolve({{r * 0.9, 0}, {r, 0.05 * h}, {r, 0.55 * h}, {neck, 0.75 * h}, {neck, h}}, 32,
                   false);
  }
  if (kind == "torus") {
    const double thick = mm(7, 12), radius = mm(18, 32);
    std::vector<Point2> profile;
    for (int i = 0; i < 14; ++i) {
      const double a = 2 * kPi * i / 14;
      profile.push_back({radius + thick * std::cos(a), thick * std::sin(a)});
    }
    return Revolve(profile, 32, true);
  }
  if (kind == "pebble") {  // smooth and lumpy
    const Vec3 half = {mm(13, 26), mm(16, 35), mm(16, 45)};
    const double phase[3] = {rng.Uniform(0, 6), rng.Uniform(0, 6), rng.Uniform(0, 6)};
    std::vector<std::vector<Vec3>> rings;
    for (int i = 1; i < 16; ++i) {
      const double t = kPi * i / 16;
      std::vector<Vec3> ring;
      for (int j = 0; j < 24; ++j) {
        const double a = 2 * kPi * j / 24;
        const double lump = 1 + 0.10 * std::sin(2 * a + phase[0]) * std::sin(t) +
                            0.08 * std::cos(3 * t + phase[1]) +
                            0.05 * std::sin(3 * a + phase[2]) * std::sin(t);
        ring.push_back({lump * half[0] * std::sin(t) * std::cos(a),
                        lump * half[1] * std::sin(t) * std::sin(a), lump * half[2] * -std::cos(t)});
      }
      rings.push_back(ring);
    }
    return Rings(rings, false);
  }
  if (kind == "can") {
    const double r = mm(14, 26), h = mm(30, 95);
    return Revolve({{r, 0}, {r, h}}, 24, false);
  }
  // A clamp: three blocks and a slanted jaw, one part each, as a CAD program exports them.
  const double w = mm(40, 65), t = mm(8, 14), d = mm(14, 30), h = mm(25, 45);
  SampleMesh mesh = Block({0, 0, 0}, {w, d, t});
  Append(Block({0, 0, t}, {t, d, h}), mesh);
  Append(Block({w - t, 0, t}, {w, d, h}), mesh);
  SampleMesh jaw = Block({t, 0.25 * d, t}, {0.4 * w, 0.75 * d, t + 6e-3});
  for (Vec3& v : jaw.vertices_m) v[2] += 0.3 * (v[0] - t);
  Append(jaw, mesh);
  return mesh;
}

inline std::string ToObj(const SampleMesh& mesh, double scale = 1) {
  std::string text = "o sample\n";
  char line[120];
  for (const Vec3& v : mesh.vertices_m) {
    std::snprintf(line, sizeof line, "v %.7g %.7g %.7g\n", scale * v[0], scale * v[1],
                  scale * v[2]);
    text += line;
  }
  for (const auto& f : mesh.faces) {
    std::snprintf(line, sizeof line, "f %u %u %u\n", f[0] + 1, f[1] + 1, f[2] + 1);
    text += line;
  }
  return text;
}

inline std::string ToAsciiStl(const SampleMesh& mesh, double scale = 1) {
  std::string text = "solid sample\n";
  char line[120];
  for (const auto& f : mesh.faces) {
    text += "facet normal 0 0 0\n outer loop\n";
    for (const uint32_t i : f) {
      const Vec3& v = mesh.vertices_m[i];
      std::snprintf(line, sizeof line, "  vertex %.7g %.7g %.7g\n", scale * v[0], scale * v[1],
                    scale * v[2]);
      text += line;
    }
    text += " endloop\nendfacet\n";
  }
  return text + "endsolid sample\n";
}

inline std::string ToBinaryStl(const SampleMesh& mesh, double scale = 1) {
  std::string bytes(80, ' ');
  const auto add = [&](const void* value, size_t n) {
    bytes.append(static_cast<const char*>(value), n);
  };
  const auto count = uint32_t(mesh.faces.size());
  add(&count, 4);
  for (const auto& f : mesh.faces) {
    float numbers[12] = {};
    for (int i = 0; i < 3; ++i) {
      for (int axis = 0; axis < 3; ++axis) {
        numbers[3 + 3 * i + axis] = float(scale * mesh.vertices_m[f[size_t(i)]][size_t(axis)]);
      }
    }
    add(numbers, sizeof numbers);
    bytes.append(2, '\0');
  }
  return bytes;
}

// A hammer of 120 g: a cylinder for a handle, and a mesh in millimetres for its head.
inline std::string SampleUrdf(const std::string& head_file) {
  return R"(<?xml version="1.0"?>
<robot name="hammer">
  <link name="handle">
    <inertial><mass value="0.05"/></inertial>
    <collision><origin xyz="0 0 0" rpy="0 1.5707963 0"/>
      <geometry><cylinder radius="0.009" length="0.07"/></geometry></collision>
  </link>
  <link name="head">
    <inertial><mass value="0.07"/></inertial>
    <collision><geometry><mesh filename=")" +
         head_file + R"(" scale="0.001 0.001 0.001"/></geometry></collision>
  </link>
  <joint name="fixed" type="fixed">
    <parent link="handle"/><child link="head"/><origin xyz="0.042 0 0"/>
  </joint>
</robot>
)";
}

}  // namespace qt::bench

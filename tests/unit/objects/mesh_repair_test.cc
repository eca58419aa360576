// SPDX-License-Identifier: Apache-2.0
// Small flaws of scans and exports, each made of a whole mesh.
#include "objects/mesh_repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "base/random.h"
#include "bench/sample_meshes.h"
#include "objects/decompose.h"

namespace qt::objects {
namespace {

using bench::SampleMesh;

TriangleMesh Mended(const SampleMesh& mesh) {
  return Repaired(Weld({mesh.vertices_m, mesh.faces}));
}

SampleMesh Ball() {
  std::vector<bench::Point2> profile;
  for (int i = 1; i < 16; ++i) {
    const double a = M_PI * i / 16;
    profile.push_back({0.03 * std::sin(a), 0.03 - 0.03 * std::cos(a)});
  }
  return bench::Revolve(profile, 32, false);
}

double VolumeOf(const TriangleMesh& mesh) {
  const auto parts = Decompose(mesh);
  EXPECT_TRUE(parts.ok()) << parts.status().ToString();
  return parts.ok() ? parts->mass.volume_m3 : 0;
}

TEST(Repaired, LeavesWhatIsWholeAsItIs) {
  for (const std::string kind : bench::kSampleKinds) {
    if (kind == "bracket" || kind == "clamp") continue;  // pieces that touch
    RandomStream rng(3, kind);
    const SampleMesh sample = bench::DrawSample(kind, rng);
    const TriangleMesh mesh = Weld({sample.vertices_m, sample.faces});
    const TriangleMesh mended = Repaired(mesh);
    EXPECT_EQ(mended.vertices_m, mesh.vertices_m) << kind;
    EXPECT_EQ(mended.triangles, mesh.triangles) << kind;
  }
}

TEST(Repaired, MendsSmallFlaws) {
  struct Flaw {
    const char* name;
    std::function<void(SampleMesh&)> make;
  };
  const std::vector<Flaw> flaws = {
      {"none", [](SampleMesh&) {}},
      {"a face is missing", [](SampleMesh& m) { m.faces.erase(m.faces.begin() + 100); }},
      {"three faces are missing",
       [](SampleMesh& m) { m.faces.erase(m.faces.begin() + 100, m.faces.begin() + 103); }},
      {"a face stands twice", [](SampleMesh& m) { m.faces.push_back(m.faces[7]); }},
      {"all faces stand twice",
       [](SampleMesh& m) {
         const auto faces = m.faces;
         for (const auto& f : faces) m.faces.push_back({f[0], f[2], f[1]});
       }},
      {"inside out",
       [](SampleMesh& m) {
         for (auto& f : m.faces) std::swap(f[1], f[2]);
       }},
      {"half of it inside out",
       [](SampleMesh& m) {
         for (size_t i = 0; i < m.faces.size(); i += 2) std::swap(m.faces[i][1], m.faces[i][2]);
       }},
      {"a stray face",
       [](SampleMesh& m) {
         const auto n = uint32_t(m.vertices_m.size());
         m.vertices_m.insert(m.vertices_m.end(), {{0.02, 0, 0}, {0.022, 0, 0}, {0.02, 0.002, 0}});
         m.faces.push_back({n, n + 1, n + 2});
       }},
      {"a seam of 0.02 mm",
       [](SampleMesh& m) {
         const auto n = uint32_t(m.vertices_m.size());
         for (uint32_t i = 0; i < n; ++i) {
           const Vec3& v = m.vertices_m[i];
           m.vertices_m.push_back({v[0] + 0.00002, v[1], v[2]});
         }
         for (auto& f : m.faces) {
           double x = 0;
           for (const uint32_t v : f) x += m.vertices_m[v][0];
           if (x > 0) f = {f[0] + n, f[1] + n, f[2] + n};
         }
       }},
      {"an edge ends in the middle of another",
       [](SampleMesh& m) {
         const auto f = m.faces[60];
         const auto n = uint32_t(m.vertices_m.size());
         m.vertices_m.push_back(0.5 * (m.vertices_m[f[0]] + m.vertices_m[f[1]]));
         m.faces[60] = {f[0], n, f[2]};
         m.faces.push_back({n, f[1], f[2]});
       }},
  };
  for (const Flaw& flaw : flaws) {
    SampleMesh mesh = Ball();
    flaw.make(mesh);
    const TriangleMesh mended = Mended(mesh);
    EXPECT_TRUE(CheckClosed(mended).ok()) << flaw.name << ": " << CheckClosed(mended).message();
    EXPECT_NEAR(VolumeOf(mended), 4.0 / 3 * M_PI * 0.03 * 0.03 * 0.03, 3e-6) << flaw.name;
  }
}

// A bowl without thickness, or a box without a lid, could be meant as it is.
TEST(Repaired, LeavesLargeHolesOpen) {
  SampleMesh ball = Ball();
  std::erase_if(ball.faces, [&](const auto& f) { return ball.vertices_m[f[0]][2] < 0.015; });
  EXPECT_FALSE(CheckClosed(Mended(ball)).ok());
  SampleMesh box = bench::Block({0, 0, 0}, {0.03, 0.04, 0.06});
  box.faces.resize(10);
  EXPECT_FALSE(CheckClosed(Mended(box)).ok());
  EXPECT_FALSE(CheckClosed(Mended({{{0, 0, 0}, {0.1, 0, 0}, {0, 0.1, 0}}, {{0, 1, 2}}})).ok());
}

TEST(Repaired, BodiesThatTouchAreBodies) {
  const auto box = [](const Vec3& low, const Vec3& high) { return bench::Block(low, high); };
  struct Case {
    const char* name;
    SampleMesh a, b;
    double volume_cm3;
  };
  const std::vector<Case> cases = {
      {"in an edge", box({0, 0, 0}, {0.02, 0.02, 0.04}), box({0.02, 0.02, 0}, {0.04, 0.04, 0.04}),
       32},
      {"in a corner", box({0, 0, 0}, {0.02, 0.02, 0.02}),
       box({0.02, 0.02, 0.02}, {0.04, 0.04, 0.04}), 16},
      {"in a face", box({0, 0, 0}, {0.02, 0.03, 0.04}), box({0.02, 0, 0}, {0.04, 0.03, 0.04}), 48},
      {"one in the other, from a corner", box({0, 0, 0}, {0.06, 0.06, 0.03}),
       box({0, 0, 0}, {0.03, 0.03, 0.015}), 108},
      {"overlapping, from an edge", box({0, 0, 0}, {0.02, 0.04, 0.04}),
       box({0, 0, 0}, {0.04, 0.02, 0.04}), 48},
      {"the same", box({0, 0, 0}, {0.02, 0.03, 0.04}), box({0, 0, 0}, {0.02, 0.03, 0.04}), 24},
  };
  for (const Case& c : cases) {
    SampleMesh both = c.a;
    bench::Append(c.b, both);
    const TriangleMesh mended = Mended(both);
    ASSERT_TRUE(CheckClosed(mended).ok()) << c.name << ": " << CheckClosed(mended).message();
    EXPECT_NEAR(VolumeOf(mended), c.volume_cm3 * 1e-6, 0.04e-6 * c.volume_cm3) << c.name;
  }
}

}  // namespace
}  // namespace qt::objects

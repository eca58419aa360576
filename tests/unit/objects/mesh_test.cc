// SPDX-License-Identifier: Apache-2.0
// The volume that a surface encloses.
#include "objects/mesh.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "bench/sample_meshes.h"

namespace qt::objects {
namespace {

TriangleMesh BlockMesh() {
  const bench::SampleMesh block = bench::Block({0.5, 0, 0}, {0.53, 0.04, 0.06});
  return Weld({block.vertices_m, block.faces});
}

TEST(EnclosedVolume, IsExactWhicheverWayFacesLook) {
  TriangleMesh block = BlockMesh();
  EXPECT_NEAR(EnclosedVolume_m3(block).value_or(0), 72e-6, 1e-12);
  for (size_t i = 0; i < block.triangles.size(); i += 3) {
    std::swap(block.triangles[i][0], block.triangles[i][1]);
  }
  EXPECT_NEAR(EnclosedVolume_m3(block).value_or(0), 72e-6, 1e-12);
}

TEST(EnclosedVolume, IsNoneOfWhatHasNoInside) {
  TriangleMesh open = BlockMesh();
  open.triangles.pop_back();
  EXPECT_FALSE(EnclosedVolume_m3(open).has_value());
  EXPECT_FALSE(EnclosedVolume_m3({}).has_value());
  TriangleMesh twice = BlockMesh();
  twice.triangles.push_back(twice.triangles[0]);
  EXPECT_FALSE(EnclosedVolume_m3(twice).has_value());
  TriangleMesh two = BlockMesh();
  const auto n = uint32_t(two.vertices_m.size());
  for (const auto& t : BlockMesh().triangles)
    two.triangles.push_back({t[0] + n, t[1] + n, t[2] + n});
  for (const Vec3& v : BlockMesh().vertices_m) two.vertices_m.push_back(v);
  EXPECT_FALSE(EnclosedVolume_m3(two).has_value());
  // A Klein bottle: closed, with one side.
  TriangleMesh bottle;
  constexpr uint32_t kN = 6;
  bottle.vertices_m.assign(kN * kN, {0, 0, 0});
  const auto at = [](uint32_t i, uint32_t j) {
    return i == kN ? (kN - j) % kN : i * kN + j % kN;  // glued upside down
  };
  for (uint32_t i = 0; i < kN; ++i) {
    for (uint32_t j = 0; j < kN; ++j) {
      bottle.triangles.push_back({at(i, j), at(i + 1, j), at(i, j + 1)});
      bottle.triangles.push_back({at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)});
    }
  }
  EXPECT_FALSE(EnclosedVolume_m3(bottle).has_value());
}

}  // namespace
}  // namespace qt::objects

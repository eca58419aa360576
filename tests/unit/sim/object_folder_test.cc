// SPDX-License-Identifier: Apache-2.0
// Users' own objects: what is read, what is refused and why, and that it fills and grips like a
// primitive does.
#include "sim/object_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "bench/sample_meshes.h"
#include "objects/decompose.h"
#include "objects/mesh.h"
#include "objects/urdf.h"
#include "sim/families.h"
#include "sim/grip_trial.h"
#include "sim/scene.h"
#include "support/temp_dir.h"

namespace qt::sim {
namespace {

using testing::HasSubstr;

class ObjectFolder : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return dir_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  std::shared_ptr<const ObjectLibrary> Load(const FolderOptions& options = {}) const {
    auto library = LoadObjectFolder(dir_.path(), options);
    EXPECT_TRUE(library.ok()) << library.status().ToString();
    return *library;
  }
  // The reason for which the only file there is refused.
  std::string Reason(const std::string& name, const std::string& bytes,
                     const FolderOptions& options = {}) const {
    Write(name, bytes);
    const auto library = LoadObjectFolder(dir_.path(), options);
    return library.ok() ? "none" : library.status().message();
  }
  TempDir dir_;
};

const bench::SampleMesh kBlock = bench::Block({0, 0, 0}, {0.03, 0.04, 0.06});

TEST_F(ObjectFolder, AllFormatsGiveTheSameBox) {
  Write("a.obj", bench::ToObj(kBlock));
  Write("b.stl", bench::ToAsciiStl(kBlock));
  Write("c.STL", bench::ToBinaryStl(kBlock));
  const auto library = Load();
  ASSERT_EQ(library->objects.size(), 3u);
  EXPECT_TRUE(library->refused.empty());
  for (const UserObject& object : library->objects) {
    ASSERT_EQ(object.spec.primitives.size(), 1u) << object.name;
    EXPECT_EQ(object.spec.primitives[0].kind, objects::PrimitiveKind::kBox);
    const Vec3 size = ExtentsOf(object.spec).size_m();
    EXPECT_NEAR(size[0], 0.03, 1e-4);
    EXPECT_NEAR(size[2], 0.06, 1e-4);
    EXPECT_NEAR(object.volume_m3, 0.03 * 0.04 * 0.06, 1e-7);
    EXPECT_NEAR(Norm(object.spec.primitives[0].X_OP.p_m), 0, 1e-4);
    EXPECT_NEAR((*object.spec.inertia_per_kg)[2][2], (0.03 * 0.03 + 0.04 * 0.04) / 12, 1e-6);
  }
}

TEST_F(ObjectFolder, RoundThingsBecomeRoundPrimitives) {
  const bench::SampleMesh can = bench::Revolve({{0.02, 0}, {0.02, 0.07}}, 32, false);
  Write("can.obj", bench::ToObj(can));
  const auto library = Load();
  ASSERT_EQ(library->objects[0].spec.primitives.size(), 1u);
  const objects::Primitive& part = library->objects[0].spec.primitives[0];
  EXPECT_EQ(part.kind, objects::PrimitiveKind::kCylinder);
  EXPECT_NEAR(part.size_m[0], 0.02, 5e-4);
  EXPECT_NEAR(part.size_m[1], 0.035, 1e-4);
}

TEST_F(ObjectFolder, AUrdfJoinsItsPiecesWithScaleOriginAndMass) {
  Write("head.stl", bench::ToBinaryStl(bench::Block({-11, -25, -11}, {11, 25, 11})));
  Write("hammer.urdf", bench::SampleUrdf("head.stl"));
  const auto library = Load();
  ASSERT_EQ(library->objects.size(), 1u) << "a piece is no object of its own";
  const UserObject& hammer = library->objects[0];
  EXPECT_EQ(hammer.name, "hammer.urdf");
  EXPECT_EQ(hammer.spec.primitives.size(), 2u);
  EXPECT_NEAR(*hammer.mass_kg, 0.12, 1e-9);
  const Vec3 size = ExtentsOf(hammer.spec).size_m();
  EXPECT_NEAR(size[0], 0.035 + 0.042 + 0.011, 1e-3);
  EXPECT_NEAR(size[1], 0.05, 1e-3);
}

TEST_F(ObjectFolder, RefusesWithAReason) {
  bench::SampleMesh open = kBlock;
  std::erase_if(open.faces, [&](const auto& f) {
    return std::ranges::all_of(f, [&](uint32_t v) { return open.vertices_m[v][2] > 0.05; });
  });
  EXPECT_THAT(Reason("a.obj", bench::ToObj(open)), HasSubstr("the surface is open: 4 edges"));
  EXPECT_THAT(Reason("a.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\n"), HasSubstr("a.obj"));
  EXPECT_THAT(Reason("a.obj", bench::ToObj(kBlock, 1000)),
              HasSubstr("is too large: 30 x 40 x 60 m"));
  EXPECT_THAT(Reason("a.obj", bench::ToObj(kBlock, 1000)), HasSubstr("--object-scale 0.001"));
  EXPECT_THAT(Reason("a.obj", bench::ToObj(kBlock, 0.01)), HasSubstr("is too small"));
  EXPECT_THAT(Reason("a.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.1, 0.11, 0.12}))),
              HasSubstr("is too large for the gripper: 0.1 x 0.11 x 0.12 m"));
  bench::SampleMesh flat = kBlock;
  for (Vec3& v : flat.vertices_m) v[2] = 0;
  EXPECT_THAT(Reason("a.obj", bench::ToObj(flat)), HasSubstr(": a.obj "));
  bench::SampleMesh nan = kBlock;
  nan.vertices_m[3][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Reason("a.obj", bench::ToObj(nan)), HasSubstr(": a.obj "));
  std::filesystem::remove(Path("a.obj"));
  EXPECT_THAT(Reason("b.stl", bench::ToBinaryStl(nan)),
              HasSubstr("has a vertex that is no number"));
  EXPECT_THAT(Reason("b.stl", bench::ToBinaryStl(flat)), HasSubstr("encloses no volume"));
  EXPECT_THAT(Reason("b.stl", bench::ToBinaryStl(kBlock).substr(0, 300)),
              HasSubstr("84 + 50 x 16 bytes; it has 300"));
  EXPECT_THAT(Reason("b.stl", ""), HasSubstr("b.stl"));
  std::filesystem::remove(Path("b.stl"));
  EXPECT_THAT(Reason("c.urdf", bench::SampleUrdf("gone.stl")),
              HasSubstr("its mesh 'gone.stl' is not there"));
  EXPECT_THAT(Reason("c.urdf", "<robot>"), HasSubstr("is no XML"));
  std::string moving = bench::SampleUrdf("gone.stl");
  moving.replace(moving.find("\"fixed\">"), 8, "\"hinge\">");
  EXPECT_THAT(Reason("c.urdf", moving), HasSubstr("fixed joints only"));
  const std::string heavy =
      R"(<robot name="x"><link name="a"><inertial><mass value="3"/></inertial><collision>
      <geometry><box size="0.03 0.03 0.03"/></geometry></collision></link></robot>)";
  EXPECT_THAT(Reason("c.urdf", heavy), HasSubstr("is too heavy: 3 kg"));
}

TEST_F(ObjectFolder, AFileThatCannotBeUsedDoesNotSpoilTheOthers) {
  Write("bad.obj", "no mesh");
  Write("good/cube.obj", bench::ToObj(kBlock));
  const auto library = Load();
  ASSERT_EQ(library->objects.size(), 1u);
  EXPECT_EQ(library->objects[0].name, "good/cube.obj");
  ASSERT_EQ(library->refused.size(), 1u);
  EXPECT_EQ(library->refused[0].name, "bad.obj");
  EXPECT_EQ(LoadObjectFolder(Path("nowhere"), {}).status().code(), Code::kNotFound);
}

TEST_F(ObjectFolder, FittingIsOnRequestOnly) {
  Write("crate.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.4, 0.4, 0.4})));
  EXPECT_FALSE(LoadObjectFolder(dir_.path(), {}).ok());
  const auto library = Load({1, true});
  const Vec3 size = ExtentsOf(library->objects[0].spec).size_m();
  EXPECT_LE(size[0], 0.07);
  EXPECT_NEAR(library->objects[0].fitted, size[0] / 0.4, 1e-3);
}

TEST_F(ObjectFolder, TheDigestFollowsTheGeometry) {
  Write("a.obj", bench::ToObj(kBlock));
  const std::string first = Load()->digest;
  EXPECT_EQ(Load()->digest, first);
  Write("a.obj", bench::ToObj(kBlock, 1.01));
  EXPECT_NE(Load()->digest, first);
}

TEST(Decompose, FillsEveryKindOfMeshAndStaysInside) {
  for (const char* kind : bench::kSampleKinds) {
    RandomStream rng(3, kind);
    const bench::SampleMesh sample = bench::DrawSample(kind, rng);
    const objects::TriangleMesh mesh = objects::Weld({sample.vertices_m, sample.faces});
    ASSERT_TRUE(CheckClosed(mesh).ok()) << kind << ": " << CheckClosed(mesh).message();
    const auto parts = Decompose(mesh);
    ASSERT_TRUE(parts.ok()) << kind;
    EXPECT_GT(parts->coverage, 0.80) << kind;
    EXPECT_LE(parts->primitives.size(), 50u) << kind;
    objects::ObjectSpec object;
    object.primitives = parts->primitives;
    const objects::Extents own = ExtentsOf(mesh), filled = ExtentsOf(object);
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_NEAR(filled.low_m[axis], own.low_m[axis], 0.006) << kind;
      EXPECT_NEAR(filled.high_m[axis], own.high_m[axis], 0.006) << kind;
    }
  }
}

TEST(Decompose, ATurnedBoxIsFoundAsOne) {
  const bench::SampleMesh sample = bench::Block({-0.02, -0.03, -0.04}, {0.02, 0.03, 0.04});
  const Quaternion q = objects::AxisAngle({1, 2, 3}, 0.7);
  const objects::TriangleMesh mesh =
      Transformed(objects::Weld({sample.vertices_m, sample.faces}), {{0.01, 0, 0}, q});
  const auto parts = Decompose(mesh);
  ASSERT_TRUE(parts.ok());
  ASSERT_EQ(parts->primitives.size(), 1u);
  Vec3 half = parts->primitives[0].size_m;
  std::sort(half.begin(), half.end());
  EXPECT_NEAR(half[0], 0.02, 2e-4);
  EXPECT_NEAR(half[2], 0.04, 2e-4);
  EXPECT_NEAR(parts->mass.com_m[0], 0.01, 1e-4);
}

// The acceptance test of the contacts, reduced; bench/sim_contacts runs 30 of each kind.
TEST(Contacts, UsersMeshesHoldThroughLiftAndShake) {
  for (const char* kind : {"polyhedron", "gear", "mug", "banana"}) {
    RandomStream rng(4, kind);
    const bench::SampleMesh sample = bench::DrawSample(kind, rng);
    TempDir dir;
    std::ofstream(dir.path() + "/a.obj") << bench::ToObj(sample);
    const auto library = LoadObjectFolder(dir.path(), {});
    ASSERT_TRUE(library.ok()) << library.status().ToString();
    const objects::ObjectSpec object = DrawObject(OwnObjects(*library), rng);
    const auto trial = RunGripTrial(object, 3, 1);
    ASSERT_TRUE(trial.ok()) << kind << ": " << trial.status().ToString();
    if (!trial->grasped) continue;
    EXPECT_TRUE(trial->held) << kind;
  }
}

}  // namespace
}  // namespace qt::sim

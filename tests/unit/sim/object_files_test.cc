// SPDX-License-Identifier: Apache-2.0
// Users' own objects as files: which are found, what belongs to a URDF, what strangers' files may
// cost, and what is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/sample_meshes.h"
#include "objects/mesh.h"
#include "sim/object_folder.h"
#include "support/temp_dir.h"

namespace qt::sim {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const bench::SampleMesh kSmallBlock = bench::Block({0, 0, 0}, {0.03, 0.04, 0.06});
constexpr char kBox[] = "<box size='.03 .04 .06'/>";

std::string UrdfOf(const std::string& pieces, const std::string& rest = "") {
  return "<robot name='r'><link name='a'>" + pieces + "</link>" + rest + "</robot>";
}
std::string Piece(const std::string& tag, const std::string& shape,
                  const std::string& xyz = "0 0 0") {
  return "<" + tag + "><origin xyz='" + xyz + "'/><geometry>" + shape + "</geometry></" + tag + ">";
}
std::string MeshAt(const std::string& name) { return "<mesh filename='" + name + "'/>"; }

class ObjectFiles : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return dir_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) const {
    fs::create_directories(fs::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  std::shared_ptr<const ObjectLibrary> Load() const {
    auto library = LoadObjectFolder(dir_.path(), {});
    EXPECT_TRUE(library.ok()) << library.status().ToString();
    return library.ok() ? *library : std::make_shared<ObjectLibrary>();
  }
  // Why the only file there is refused.
  std::string Reason(const std::string& name, const std::string& bytes) const {
    Write(name, bytes);
    const auto library = LoadObjectFolder(dir_.path(), {});
    fs::remove(Path(name));
    return library.ok() ? "none" : library.status().message();
  }
  TempDir dir_;
};

template <typename Item>
std::vector<std::string> NamesOf(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

TEST_F(ObjectFiles, AMeshThatAUrdfNamesIsNoObjectHoweverItIsNamed) {
  for (const char* name : {"look.obj", "abs.obj", "linked.obj", "moved.obj", "my part.obj",
                           "back/slash.obj", "b.obj", "c.obj"}) {
    Write(name, bench::ToObj(kSmallBlock));
  }
  fs::create_directory_symlink(".", Path("here"));
  Write("1.urdf", UrdfOf(Piece("visual", MeshAt("look.obj")) + Piece("collision", kBox)));
  Write("2.urdf", UrdfOf(Piece("collision", MeshAt(Path("abs.obj")))));
  Write("3.urdf", UrdfOf(Piece("collision", MeshAt("here/./linked.obj"))));
  // A robot cannot be used; its links are no objects all the same.
  Write("4.urdf", UrdfOf(Piece("collision", MeshAt("moved.obj")),
                         "<link name='b'/><joint name='j' type='revolute'><parent link='a'/>"
                         "<child link='b'/></joint>"));
  Write("5.urdf", UrdfOf(Piece("collision", MeshAt("file://localhost" + Path("my%20part.obj")))));
  Write("6.urdf", UrdfOf(Piece("collision", MeshAt("back\\slash.obj"))));
  Write("7.urdf", UrdfOf(Piece("collision", MeshAt("file:" + Path("b.obj")))));
  Write("8.urdf", UrdfOf(Piece("collision", MeshAt("package://any/c.obj"))));
  const auto library = Load();
  EXPECT_THAT(NamesOf(library->objects),
              ElementsAre("1.urdf", "2.urdf", "3.urdf", "5.urdf", "6.urdf", "7.urdf", "8.urdf"));
  EXPECT_THAT(NamesOf(library->refused), ElementsAre("4.urdf"));
  // The same folder by another of its names.
  const auto again = LoadObjectFolder(Path("here"), {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->objects.size(), 7u);
}

TEST_F(ObjectFiles, APrimitiveIsAsLargeWhereverItStands) {
  for (const char* xyz : {"0 0 0", "1.2 0 0", "-5 7 0", "0 0 300"}) {
    Write("far.urdf", UrdfOf(Piece("collision", kBox, xyz)));
    const auto library = Load();
    ASSERT_EQ(library->objects.size(), 1u) << xyz;
    const Vec3 size = ExtentsOf(library->objects[0].spec).size_m();
    EXPECT_NEAR(size[0], 0.03, 1e-9) << xyz;
    EXPECT_NEAR(size[2], 0.06, 1e-9) << xyz;
  }
}

TEST_F(ObjectFiles, OneScaleCountsForAllAxes) {
  Write("part.obj", bench::ToObj(kSmallBlock, 1000));
  Write("a.urdf", UrdfOf(Piece("collision", "<mesh filename='part.obj' scale='0.001'/>")));
  EXPECT_NEAR(ExtentsOf(Load()->objects.at(0).spec).size_m()[1], 0.04, 1e-4);
}

TEST_F(ObjectFiles, AMarkOfByteOrderShiftsNothing) {
  Write("a.obj", "\xEF\xBB\xBF" + bench::ToObj(kSmallBlock) + "v 0 0 0\n");
  EXPECT_NEAR(Load()->objects.at(0).volume_m3, 0.03 * 0.04 * 0.06, 1e-7);
}

TEST_F(ObjectFiles, TooFarFromItsOriginIsSaid) {
  bench::SampleMesh block = kSmallBlock;
  for (Vec3& v : block.vertices_m) v[0] += 20;
  Write("near.obj", bench::ToObj(block));
  EXPECT_NEAR(Load()->objects.at(0).volume_m3, 0.03 * 0.04 * 0.06, 1e-7);
  fs::remove(Path("near.obj"));
  std::string text;
  for (const Vec3& v : kSmallBlock.vertices_m) {
    char line[100];
    std::snprintf(line, sizeof line, "v %.4f %.4f %.4f\n", v[0] + 500'000, v[1] - 4e6, v[2] + 100);
    text += line;
  }
  for (const auto& f : kSmallBlock.faces) {
    text += "f";
    for (const uint32_t v : f) text += " " + std::to_string(v + 1);
    text += "\n";
  }
  EXPECT_THAT(Reason("a.obj", text), HasSubstr("lies 4e+06 away from its origin"));
}

// A library of materials could be a FIFO, or without an end.
TEST_F(ObjectFiles, NoFileIsReadThatAMeshNames) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  Write("a.obj", "mtllib " + Path("pipe") + "\nmtllib pipe\n" + bench::ToObj(kSmallBlock));
  EXPECT_EQ(Load()->objects.size(), 1u);
}

TEST_F(ObjectFiles, LinkedAndDeepFoldersAreSearchedOnce) {
  const std::string deep = "1/2/3/4/5/6/7/8";
  Write(deep + "/a.obj", bench::ToObj(kSmallBlock));
  const TempDir elsewhere;
  std::ofstream(elsewhere.path() + "/b.obj") << bench::ToObj(kSmallBlock);
  fs::create_directory_symlink(elsewhere.path(), Path("linked"));
  fs::create_directory_symlink(elsewhere.path(), Path("again"));
  fs::create_directory_symlink("..", Path("1/loop"));
  fs::create_symlink("nowhere.obj", Path("gone.obj"));
  ASSERT_EQ(::mkfifo(Path("pipe.obj").c_str(), 0600), 0);
  const auto library = Load();
  ASSERT_EQ(library->objects.size(), 2u);
  EXPECT_EQ(library->objects[0].name, deep + "/a.obj");
  EXPECT_THAT(NamesOf(library->refused), ElementsAre("gone.obj"));
}

TEST_F(ObjectFiles, AFolderThatMayNotBeReadIsNamedAndTheOthersAreRead) {
  for (int i = 0; i < 12; ++i) Write("d" + std::to_string(i) + "/a.obj", bench::ToObj(kSmallBlock));
  const auto set_mode = [&](mode_t mode) {
    for (const char* name : {"d0", "d3", "d8", "d11"}) ::chmod(Path(name).c_str(), mode);
  };
  set_mode(0);
  ::chmod(dir_.path().c_str(), 0777);
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::seteuid(65534) == 0);
  const auto library = LoadObjectFolder(dir_.path(), {});
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  set_mode(0777);
  ASSERT_TRUE(library.ok()) << library.status().ToString();
  EXPECT_EQ((*library)->objects.size(), 8u);
  ASSERT_EQ((*library)->refused.size(), 4u);
  EXPECT_THAT((*library)->refused[0].reason, HasSubstr("Permission denied"));
}

TEST_F(ObjectFiles, AllReasonsAreTold) {
  Write("a.obj", "");
  Write("b.obj", bench::ToObj(kSmallBlock, 1000));
  Write("c.stl", "no mesh");
  const std::string message = LoadObjectFolder(dir_.path(), {}).status().message();
  for (const char* part : {"none of its 3 objects", "a.obj is empty", "b.obj is too large: 30",
                           "c.stl is neither a binary STL file"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
  const TempDir other;
  std::ofstream(other.path() + "/x.dae") << "x";
  std::ofstream(other.path() + "/x.ply") << "x";
  EXPECT_THAT(LoadObjectFolder(other.path(), {}).status().message(),
              HasSubstr("has no .obj, .stl or .urdf file, only .dae and .ply"));
}

TEST_F(ObjectFiles, WhatCannotBeHeldAsItLiesIsRefused) {
  EXPECT_THAT(Reason("sheet.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.08, 0.05, 0.0002}))),
              HasSubstr("is too low to be held: 0.08 x 0.05 x 0.0002 m"));
  EXPECT_THAT(Reason("rod.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.12, 0.002, 0.002}))),
              HasSubstr("at least 0.012 m high"));
  EXPECT_THAT(Reason("cube.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.011, 0.011, 0.011}))),
              HasSubstr("is too low to be held"));
  Write("bar.obj", bench::ToObj(bench::Block({0, 0, 0}, {0.1, 0.02, 0.02})));
  Write("can.obj", bench::ToObj(bench::Revolve({{0.02, 0}, {0.02, 0.07}}, 32, false)));
  EXPECT_EQ(Load()->objects.size(), 2u);
}

// Of hundreds of convex pieces, as convex decomposition makes them of a hollow ball.
// The poles may be open.
bench::SampleMesh ShellOfPieces(double open_rad = 0) {
  bench::SampleMesh shell;
  constexpr int kRings = 12, kAround = 24;
  for (int i = 0; i < kRings; ++i) {
    for (int k = 0; k < kAround; ++k) {
      bench::SampleMesh piece;
      for (const double r : {0.026, 0.03}) {
        for (int c = 0; c < 4; ++c) {
          const double a = std::clamp(M_PI * (i + c / 2) / kRings, open_rad, M_PI - open_rad),
                       b = 2 * M_PI * (k + c % 2) / kAround;
          piece.vertices_m.push_back(
              {r * std::sin(a) * std::cos(b), r * std::sin(a) * std::sin(b), r * std::cos(a)});
        }
      }
      constexpr uint32_t kSides[6][4] = {{0, 1, 3, 2}, {4, 5, 7, 6}, {0, 1, 5, 4},
                                         {1, 3, 7, 5}, {3, 2, 6, 7}, {2, 0, 4, 6}};
      for (const auto& s : kSides) {
        piece.faces.push_back({s[0], s[1], s[2]});
        piece.faces.push_back({s[0], s[2], s[3]});
      }
      bench::Append(piece, shell);
    }
  }
  return shell;
}

TEST_F(ObjectFiles, AShellOfManyPiecesIsASolid) {
  Write("ball.obj", bench::ToObj(ShellOfPieces()));
  const auto library = Load();
  ASSERT_EQ(library->objects.size(), 1u);
  EXPECT_GT(library->objects[0].coverage, 0.9);
  EXPECT_TRUE(library->rough.empty());
}

TEST_F(ObjectFiles, OpeningsThatNoFingerGetsThroughDoNotMatter) {
  Write("narrow.obj", bench::ToObj(ShellOfPieces(0.035)));
  Write("whole.obj", bench::ToObj(ShellOfPieces()));
  const auto library = Load();
  ASSERT_THAT(NamesOf(library->objects), ElementsAre("narrow.obj", "whole.obj"));
  const auto& narrow = library->objects[0];
  EXPECT_GT(narrow.coverage, 0.9);
  EXPECT_NEAR(narrow.volume_m3 / library->objects[1].volume_m3, 1, 0.01);
}

TEST_F(ObjectFiles, ABadFitIsNamed) {
  // A cup with thin walls.
  Write("cup.obj",
        bench::ToObj(bench::Revolve(
            {{0.0, 0}, {0.035, 0}, {0.035, 0.08}, {0.0345, 0.08}, {0.0345, 0.0005}, {0.0, 0.0005}},
            32, false)));
  Write("bar.obj", bench::ToObj(kSmallBlock));
  const auto library = Load();
  EXPECT_EQ(library->rough.size() + library->refused.size(), 1u);
}

TEST_F(ObjectFiles, WorkIsBounded) {
  const auto start = std::chrono::steady_clock::now();
  std::string chain = "<robot name='r'><link name='0'>" + Piece("collision", kBox) + "</link>";
  for (int i = 1; i < 25'000; ++i) {
    const std::string n = std::to_string(i);
    chain += "<link name='" + n + "'/><joint name='j" + n + "' type='fixed'><parent link='" +
             std::to_string(i - 1) + "'/><child link='" + n + "'/></joint>";
  }
  Write("chain.urdf", chain + "</robot>");
  bench::SampleMesh layers;  // large faces, many on top of each other
  for (int i = 0; i < 20'000; ++i) {
    bench::Append(bench::Block({0, 0, 0}, {0.05, 0.05, 0.05 + 1e-7 * i}), layers);
  }
  Write("layers.obj", bench::ToObj(layers));
  const auto library = Load();
  EXPECT_THAT(NamesOf(library->objects), ElementsAre("chain.urdf"));
  EXPECT_THAT(NamesOf(library->refused), ElementsAre("layers.obj"));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 30);
}

}  // namespace
}  // namespace qt::sim

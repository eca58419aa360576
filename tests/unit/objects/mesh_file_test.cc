// SPDX-License-Identifier: Apache-2.0
// OBJ and STL as programs write them, and as they come to us broken.
#include "objects/mesh_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "bench/sample_meshes.h"

namespace qt::objects {
namespace {

using testing::HasSubstr;

const bench::SampleMesh kPlainBlock = bench::Block({0, 0, 0}, {0.03, 0.04, 0.06});

TriangleMesh Obj(const std::string& text) {
  auto mesh = ParseObj(AsBytes(text));
  EXPECT_TRUE(mesh.ok()) << mesh.status().ToString();
  return mesh.ok() ? *std::move(mesh) : TriangleMesh();
}
std::string ObjError(const std::string& text) { return ParseObj(AsBytes(text)).status().message(); }
std::string StlError(const std::string& bytes) {
  return ParseStl(AsBytes(bytes)).status().message();
}

double AreaOf(const TriangleMesh& mesh) {
  double area = 0;
  for (const auto& t : mesh.triangles) {
    const Vec3& a = mesh.vertices_m[t[0]];
    area += 0.5 * Norm(Cross(mesh.vertices_m[t[1]] - a, mesh.vertices_m[t[2]] - a));
  }
  return area;
}

TEST(ObjFile, TakesTheDialectsOfPrograms) {
  const std::string plain = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";
  for (const std::string& text :
       {plain, "\xEF\xBB\xBF" + plain,                                       // byte order mark
        std::string("v 0 0 0\r\nv 1 0 0\r\nv 0 1 0\r\nf 1 2 3\r\n"),         // Windows
        std::string("v 0 0 0\rv 1 0 0\rv 0 1 0\rf 1 2 3\r"),                 // old Macintosh
        std::string("v 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\n"),              // from the end
        std::string("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1/1 2/2/2 3//3 # x\n"),  // more in a corner
        std::string("v 0 0 0 1 0 0\nv 1. 0 0 .5 0 0\nv +0 1e0 0 0 0 1\nf 1 2 3\n"),  // colours
        std::string("v 0 0 0 1 1 0 0\nv 1 -.0 0 1 x y z w\nv 0 1 0\nf 1 2 3\n"),     // and more
        std::string("v 0 0 0 1\nv 2 0 0 2\nv 0 1 0 1\nf 1 2 3\n"),                   // weights
        std::string(
            "#\\\nv 0 0 0\nv 1 \\\n0 0\n\tv 0 1 0\no x\ng\ns off\nusemtl m\nf 1 2 \\\r\n3\n")}) {
    const TriangleMesh mesh = Obj(text);
    ASSERT_EQ(mesh.vertices_m.size(), 3u) << text;
    ASSERT_EQ(mesh.triangles.size(), 1u) << text;
    EXPECT_EQ(mesh.vertices_m[1], (Vec3{1, 0, 0})) << text;
    EXPECT_EQ(mesh.vertices_m[2], (Vec3{0, 1, 0})) << text;
  }
}

TEST(ObjFile, SaysWhatIsWrong) {
  EXPECT_EQ(ObjError(""), "is empty");
  EXPECT_EQ(ObjError("v 0 0 0\nv 1 0 0\nv 0 1 0\n"), "has no faces");
  EXPECT_THAT(ObjError("v 0 0 0\nf 1 2 3\n"), HasSubstr("vertex index out of range"));
  EXPECT_THAT(ObjError("v 0 0 0\nf 1 1 -2\n"), HasSubstr("vertex index out of range"));
  EXPECT_THAT(ObjError("v 0 0 0\nf 0 1 1\n"), HasSubstr("Invalid face index"));
  EXPECT_THAT(ObjError("v 0 0 0\nf 1 1 one\n"), HasSubstr("line 2: 'one' is no corner"));
  EXPECT_THAT(ObjError("v 0 0,5 0\n"), HasSubstr("line 1: '0,5' is no number"));
  EXPECT_THAT(ObjError("v 0 0\n"), HasSubstr("line 1: a vertex wants three numbers"));
  EXPECT_THAT(ObjError("v \x1b[2J 0 0\n"), HasSubstr("'\\x1b[2J' is no number"));
  EXPECT_THAT(ObjError(std::string("\xFF\xFEv\0 \0", 6)), HasSubstr("is UTF-16 text"));
  EXPECT_THAT(ObjError("version https://git-lfs.github.com/spec/v1\noid sha256:12\n"),
              HasSubstr("git lfs pull"));
  EXPECT_THAT(ObjError("\x1f\x8b\x08"), HasSubstr("gzip"));
}

TEST(ObjFile, CutsFacesOfManyCorners) {
  // An L, clockwise and not, seen from three sides.
  const double l[6][2] = {{0, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 2}, {0, 2}};
  for (int axis = 0; axis < 3; ++axis) {
    for (const bool turned : {false, true}) {
      std::string text, face = "f";
      for (int i = 0; i < 6; ++i) {
        Vec3 v = {0, 0, 0};
        v[size_t(axis + 1) % 3] = l[i][0];
        v[size_t(axis + 2) % 3] = l[i][1];
        text += "v " + std::to_string(v[0]) + " " + std::to_string(v[1]) + " " +
                std::to_string(v[2]) + "\n";
        face += " " + std::to_string(turned ? 6 - i : i + 1);
      }
      const TriangleMesh mesh = Obj(text + face + "\n");
      EXPECT_EQ(mesh.triangles.size(), 4u);
      EXPECT_NEAR(AreaOf(mesh), 3, 1e-9);
    }
  }
  std::string circle, face = "f";
  for (int i = 0; i < 5'000; ++i) {
    const double a = 2 * M_PI * i / 5'000;
    circle += "v " + std::to_string(std::cos(a)) + " " + std::to_string(std::sin(a)) + " 0\n";
    face += " " + std::to_string(i + 1);
  }
  EXPECT_NEAR(AreaOf(Obj(circle + face + "\n")), M_PI, 1e-3);
}

// A star of 100,000 corners, and a crowd of large ones: no end in a minute, once.
TEST(ObjFile, WorkIsBounded) {
  const auto start = std::chrono::steady_clock::now();
  std::string text, face = "f";
  for (int i = 0; i < 100'000; ++i) {
    const double a = 2 * M_PI * i / 100'000, r = i % 2 == 0 ? 1 : 0.5;
    text += "v " + std::to_string(r * std::cos(a)) + " " + std::to_string(r * std::sin(a)) + " 0\n";
    face += " " + std::to_string(i + 1);
  }
  EXPECT_THAT(ObjError(text + face + "\n"),
              HasSubstr("a face of 100000 corners that is not convex"));
  std::string thousand = "f";
  for (int i = 0; i < 1'000; ++i) thousand += " " + std::to_string(100 * i + i % 2 + 1);
  std::string many = text;
  for (int i = 0; i < 390; ++i) many += thousand + "\n";
  ObjError(many);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 20);
}

TEST(StlFile, IsBinaryByItsLengthWhateverItsFirstWord) {
  const std::string binary = bench::ToBinaryStl(kPlainBlock);
  for (const std::string& head : {std::string("made by a test"), std::string("solid x")}) {
    for (const char* behind : {"", "\n\n", "and more"}) {
      std::string bytes = binary + behind;
      bytes.replace(0, head.size(), head);
      const auto mesh = ParseStl(AsBytes(bytes));
      ASSERT_TRUE(mesh.ok()) << mesh.status().ToString();
      EXPECT_EQ(mesh->triangles.size(), kPlainBlock.faces.size());
    }
  }
}

TEST(StlFile, TakesTheDialectsOfText) {
  const std::string facet =
      "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 "
      "0\nendloop\nendfacet\n";
  for (const std::string& text :
       {"solid a vertex of its own\n" + facet + "endsolid\n", "\xEF\xBB\xBFsolid\n" + facet,
        "  SOLID\r\n" + facet,
        std::string("solid\nfacet outer loop vertex 0 0 0 vertex 1 0 0 vertex 0 1 0 endfacet"),
        std::string(
            "solid K\xC3\xB6rper\nfacet\nvertex 0 0 0\nvertex 1 .0 -.0\nvertex +0 1 0\nendfacet"),
        "solid a\nendsolid a\nsolid b\n" + facet + "endsolid b\n"}) {
    const auto mesh = ParseStl(AsBytes(text));
    ASSERT_TRUE(mesh.ok()) << text << mesh.status().ToString();
    EXPECT_EQ(mesh->triangles.size(), 1u);
  }
}

TEST(StlFile, SaysWhatIsWrong) {
  const std::string binary = bench::ToBinaryStl(kPlainBlock);
  EXPECT_EQ(StlError(""), "is empty");
  EXPECT_EQ(StlError(binary.substr(0, 600)),
            "is neither a binary STL file (84 + 50 x 16 bytes; it has 600) nor a text one");
  EXPECT_THAT(StlError(std::string(40, '\0')), HasSubstr("84 bytes or more; it has 40"));
  EXPECT_EQ(StlError("solid nothing\nendsolid\n"), "has no faces");
  EXPECT_EQ(StlError(std::string(84, '\0')), "has no faces");
  EXPECT_THAT(StlError("solid\nfacet\nvertex 0 0 0\nendfacet\n"),
              HasSubstr("line 4: a facet wants"));
  EXPECT_THAT(StlError("solid\nfacet\nvertex 0 0 x\n"), HasSubstr("line 3: 'x' is no number"));
  EXPECT_THAT(StlError("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
  EXPECT_THAT(StlError("<!DOCTYPE html>"), HasSubstr("web page"));
  bench::SampleMesh far = kPlainBlock;
  for (Vec3& v : far.vertices_m) v[0] += 500'000;
  EXPECT_THAT(StlError(bench::ToBinaryStl(far)), HasSubstr("lies 5e+05 away from its origin"));
}

}  // namespace
}  // namespace qt::objects

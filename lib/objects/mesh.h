// SPDX-License-Identifier: Apache-2.0
// Triangle meshes of users' objects, read from OBJ and STL files. Internal to lib/sim:
// decompose.h turns a mesh into the primitives that physics and pictures use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/geometry.h"
#include "objects/shape.h"

namespace qt::objects {

// Equal vertices are one vertex, so that faces which share an edge name the same two vertices.
struct TriangleMesh {
  std::vector<Vec3> vertices_m;
  std::vector<std::array<uint32_t, 3>> triangles;
};

// A larger file, or one with more faces, is refused before or while it is read.
inline constexpr uint64_t kMaxMeshBytes = uint64_t{32} << 20;
inline constexpr size_t kMaxTriangles = 400'000;

// Reads an OBJ or STL file (by its extension), all of its parts as one mesh, every length times
// `scale`; equal vertices are joined and small flaws mended (objects/mesh_repair.h). Errors say
// what is wrong: not readable, too large, no faces, a vertex that is no number.
Result<TriangleMesh> LoadMesh(const std::string& path, const Vec3& scale);

// The mesh of vertices and faces given, with equal vertices joined and degenerate faces dropped.
TriangleMesh Weld(const TriangleMesh& mesh);

// Whether it has no thickness along an axis.
bool IsFlat(const TriangleMesh& mesh);

// Fails unless the surface is closed (every edge belongs to an even number of faces).
Status CheckClosed(const TriangleMesh& mesh);

// The parts that share no vertex, in the order of their first face.
std::vector<TriangleMesh> Components(const TriangleMesh& mesh);

// What a closed part encloses, whichever way its faces look; none if it is not one surface with an
// inside.
std::optional<double> EnclosedVolume_m3(const TriangleMesh& part);

Extents ExtentsOf(const TriangleMesh& mesh);
TriangleMesh Transformed(TriangleMesh mesh, const Pose& X_AB, double scale = 1);

// "0.05 x 0.03 x 0.1 m".
std::string SizeText(const Vec3& size_m);

}  // namespace qt::objects

// SPDX-License-Identifier: Apache-2.0
#include "objects/mesh.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>
#include <unordered_map>

#include "base/file.h"
#include "objects/mesh_file.h"
#include "objects/mesh_repair.h"

namespace qt::objects {
namespace {

std::string ExtensionOf(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return extension.empty() ? extension : extension.substr(1);
}

Result<Bytes> ReadCapped(const std::string& path) {
  QT_ASSIGN(const std::unique_ptr<RandomAccessFile> file, RandomAccessFile::Open(path));
  if (file->size_bytes() > kMaxMeshBytes) {
    return Failed("the file has " + std::to_string(file->size_bytes() >> 20) +
                  " MiB; a mesh may have " + std::to_string(kMaxMeshBytes >> 20));
  }
  Bytes bytes(file->size_bytes());
  QT_TRY(file->ReadAt(0, bytes));
  return bytes;
}

struct HashOfCell {
  size_t operator()(const std::array<int64_t, 3>& cell) const {
    return size_t(cell[0]) * 73856093u ^ size_t(cell[1]) * 19349663u ^ size_t(cell[2]) * 83492791u;
  }
};

// Number of faces of each edge, the edge as (smaller, larger) vertex.
std::map<std::array<uint32_t, 2>, int> CountEdges(const TriangleMesh& mesh) {
  std::map<std::array<uint32_t, 2>, int> edges;
  for (const auto& t : mesh.triangles) {
    for (int i = 0; i < 3; ++i)
      ++edges[{std::min(t[i], t[(i + 1) % 3]), std::max(t[i], t[(i + 1) % 3])}];
  }
  return edges;
}

uint64_t KeyOf(uint32_t a, uint32_t b) { return uint64_t{std::min(a, b)} << 32 | std::max(a, b); }

constexpr uint32_t kNoFace = UINT32_MAX;
using FacesOfEdges = std::unordered_map<uint64_t, std::array<uint32_t, 2>>;

// None if an edge has more than two faces.
std::optional<FacesOfEdges> FindFacesOfEdges(const TriangleMesh& mesh) {
  FacesOfEdges faces_of;
  for (uint32_t face = 0; face < mesh.triangles.size(); ++face) {
    const auto& t = mesh.triangles[face];
    for (size_t i = 0; i < 3; ++i) {
      const auto [at, is_new] =
          faces_of.try_emplace(KeyOf(t[i], t[(i + 1) % 3]), std::array{face, kNoFace});
      if (is_new) continue;
      if (at->second[1] != kNoFace) return std::nullopt;
      at->second[1] = face;
    }
  }
  return faces_of;
}

// Whether the triangle walks from a to b.
bool Walks(const std::array<uint32_t, 3>& t, uint32_t a, uint32_t b) {
  return (t[0] == a && t[1] == b) || (t[1] == a && t[2] == b) || (t[2] == a && t[0] == b);
}

// For each face 1, or -1 if it must be turned over to look the way that the first one does. None if
// the surface is open, is not connected by its edges or has but one side.
std::optional<std::vector<int>> TurnsAlike(const TriangleMesh& mesh) {
  const auto faces_of = FindFacesOfEdges(mesh);
  if (!faces_of || mesh.triangles.empty()) return std::nullopt;
  std::vector<int> turns(mesh.triangles.size(), 0);
  std::vector<uint32_t> reached = {0};
  turns[0] = 1;
  for (size_t next = 0; next < reached.size(); ++next) {
    const uint32_t face = reached[next];
    const auto& t = mesh.triangles[face];
    for (size_t i = 0; i < 3; ++i) {
      const uint32_t a = t[i], b = t[(i + 1) % 3];
      const auto& [first, second] = faces_of->at(KeyOf(a, b));
      const uint32_t other = first == face ? second : first;
      if (other == kNoFace) return std::nullopt;
      // Neighbours that look the same way walk along their edge in opposite directions.
      const int turn = Walks(mesh.triangles[other], a, b) ? -turns[face] : turns[face];
      if (turns[other] == -turn) return std::nullopt;
      if (turns[other] == 0) reached.push_back(other);
      turns[other] = turn;
    }
  }
  if (reached.size() < mesh.triangles.size()) return std::nullopt;
  return turns;
}

uint32_t Root(std::vector<uint32_t>& parent, uint32_t v) {
  while (parent[v] != v) v = parent[v] = parent[parent[v]];
  return v;
}

}  // namespace

Result<TriangleMesh> LoadMesh(const std::string& path, const Vec3& scale) {
  const std::string extension = ExtensionOf(path);
  if (extension != "obj" && extension != "stl") {
    return Failed("'." + extension + "' is no mesh that can be read: expected .obj or .stl");
  }
  QT_ASSIGN(const Bytes bytes, ReadCapped(path));
  QT_ASSIGN(TriangleMesh mesh, extension == "obj" ? ParseObj(bytes) : ParseStl(bytes));
  for (Vec3& v : mesh.vertices_m) v = {scale[0] * v[0], scale[1] * v[1], scale[2] * v[2]};
  return Repaired(Weld(mesh));
}

TriangleMesh Weld(const TriangleMesh& mesh) {
  const Vec3 size = ExtentsOf(mesh).size_m();
  const double cell_m = std::max({size[0], size[1], size[2], 1e-9}) * 1e-6;
  std::unordered_map<std::array<int64_t, 3>, uint32_t, HashOfCell> seen;
  std::vector<uint32_t> renamed;
  TriangleMesh welded;
  for (const Vec3& v : mesh.vertices_m) {
    const auto [at, is_new] = seen.try_emplace(
        {std::llround(v[0] / cell_m), std::llround(v[1] / cell_m), std::llround(v[2] / cell_m)},
        uint32_t(welded.vertices_m.size()));
    if (is_new) welded.vertices_m.push_back(v);
    renamed.push_back(at->second);
  }
  for (const auto& t : mesh.triangles) {
    const std::array<uint32_t, 3> r = {renamed[t[0]], renamed[t[1]], renamed[t[2]]};
    if (r[0] != r[1] && r[1] != r[2] && r[2] != r[0]) welded.triangles.push_back(r);
  }
  return welded;
}

bool IsFlat(const TriangleMesh& mesh) {
  const Vec3 size_m = ExtentsOf(mesh).size_m();
  return std::min({size_m[0], size_m[1], size_m[2]}) < 1e-5;
}

Status CheckClosed(const TriangleMesh& mesh) {
  size_t open = 0;
  Vec3 at = {0, 0, 0};
  for (const auto& [edge, count] : CountEdges(mesh)) {
    if (count % 2 == 0) continue;
    if (open++ == 0) at = 0.5 * (mesh.vertices_m[edge[0]] + mesh.vertices_m[edge[1]]);
  }
  if (open == 0) return Ok();
  char text[160];
  std::snprintf(text, sizeof text,
                "the surface is open: %zu edges do not join two faces, the first near (%.4g, %.4g, "
                "%.4g) m",
                open, at[0], at[1], at[2]);
  return Failed(text);
}

std::vector<TriangleMesh> Components(const TriangleMesh& mesh) {
  std::vector<uint32_t> parent(mesh.vertices_m.size());
  std::iota(parent.begin(), parent.end(), 0);
  for (const auto& t : mesh.triangles) {
    parent[Root(parent, t[1])] = Root(parent, t[0]);
    parent[Root(parent, t[2])] = Root(parent, t[0]);
  }
  std::unordered_map<uint32_t, size_t> index;
  std::vector<TriangleMesh> parts;
  std::vector<uint32_t> renamed(mesh.vertices_m.size(), UINT32_MAX);
  for (const auto& t : mesh.triangles) {
    const auto [at, is_new] = index.try_emplace(Root(parent, t[0]), parts.size());
    if (is_new) parts.emplace_back();
    TriangleMesh& part = parts[at->second];
    for (const uint32_t v : t) {
      if (renamed[v] != UINT32_MAX) continue;
      renamed[v] = uint32_t(part.vertices_m.size());
      part.vertices_m.push_back(mesh.vertices_m[v]);
    }
    part.triangles.push_back({renamed[t[0]], renamed[t[1]], renamed[t[2]]});
  }
  return parts;
}

std::optional<double> EnclosedVolume_m3(const TriangleMesh& part) {
  const std::optional<std::vector<int>> turns = TurnsAlike(part);
  if (!turns) return std::nullopt;
  double sum_m3 = 0;
  const Vec3& o = part.vertices_m[0];
  for (size_t i = 0; i < turns->size(); ++i) {
    const auto& t = part.triangles[i];
    sum_m3 +=
        (*turns)[i] / 6.0 *
        Dot(part.vertices_m[t[0]] - o, Cross(part.vertices_m[t[1]] - o, part.vertices_m[t[2]] - o));
  }
  return std::abs(sum_m3);
}

Extents ExtentsOf(const TriangleMesh& mesh) {
  if (mesh.vertices_m.empty()) return {{0, 0, 0}, {0, 0, 0}};
  Extents extents{mesh.vertices_m[0], mesh.vertices_m[0]};
  for (const Vec3& v : mesh.vertices_m) {
    for (int axis = 0; axis < 3; ++axis) {
      extents.low_m[axis] = std::min(extents.low_m[axis], v[axis]);
      extents.high_m[axis] = std::max(extents.high_m[axis], v[axis]);
    }
  }
  return extents;
}

TriangleMesh Transformed(TriangleMesh mesh, const Pose& X_AB, double scale) {
  const Mat3 R = ToMatrix(X_AB.q);
  for (Vec3& v : mesh.vertices_m) v = scale * (X_AB.p_m + Rotate(R, v));
  return mesh;
}

std::string SizeText(const Vec3& size_m) {
  char text[80];
  std::snprintf(text, sizeof text, "%.3g x %.3g x %.3g m", size_m[0], size_m[1], size_m[2]);
  return text;
}

}  // namespace qt::objects

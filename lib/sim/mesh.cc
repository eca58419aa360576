// Reads meshes through Assimp, from memory: a file names no other file that would be read.
#include "sim/mesh.h"

#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include <algorithm>
#include <assimp/Importer.hpp>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>
#include <unordered_map>

#include "base/file.h"

namespace qt::sim {
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

// Assimp 5.2 does not take ".5" in an OBJ file for a number: it becomes "0.5".
Bytes WithLeadingZeros(const Bytes& text) {
  Bytes longer;
  longer.reserve(text.size() + text.size() / 16);
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t before = i > 0 ? text[i - 1] : uint8_t{' '};
    const bool starts = before == ' ' || before == '\t' || before == '-' || before == '+';
    const bool digit = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (text[i] == '.' && starts && digit) longer.push_back('0');
    longer.push_back(text[i]);
  }
  return longer;
}

// Appends a part; false if a vertex is not a finite number.
bool Append(const aiMesh& part, const Vec3& scale, TriangleMesh& mesh) {
  const auto base = uint32_t(mesh.vertices_m.size());
  for (unsigned i = 0; i < part.mNumVertices; ++i) {
    const aiVector3D& v = part.mVertices[i];
    if (!std::isfinite(v.x) || !std::isfinite(v.y) || !std::isfinite(v.z)) return false;
    mesh.vertices_m.push_back({scale[0] * v.x, scale[1] * v.y, scale[2] * v.z});
  }
  for (unsigned i = 0; i < part.mNumFaces; ++i) {
    const aiFace& face = part.mFaces[i];
    if (face.mNumIndices != 3) continue;  // points and lines
    mesh.triangles.push_back(
        {base + face.mIndices[0], base + face.mIndices[1], base + face.mIndices[2]});
  }
  return true;
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
  QT_ASSIGN(Bytes bytes, ReadCapped(path));
  if (extension == "obj") bytes = WithLeadingZeros(bytes);
  Assimp::Importer importer;
  const aiScene* scene = importer.ReadFileFromMemory(bytes.data(), bytes.size(),
                                                     aiProcess_Triangulate, extension.c_str());
  if (scene == nullptr) return Corrupt(std::string("cannot be read: ") + importer.GetErrorString());
  size_t num_triangles = 0;
  for (unsigned i = 0; i < scene->mNumMeshes; ++i) num_triangles += scene->mMeshes[i]->mNumFaces;
  if (num_triangles > kMaxTriangles) {
    return Failed("has " + std::to_string(num_triangles) + " faces; at most " +
                  std::to_string(kMaxTriangles) + " can be used");
  }
  TriangleMesh mesh;
  for (unsigned i = 0; i < scene->mNumMeshes; ++i) {
    if (!Append(*scene->mMeshes[i], scale, mesh)) return Corrupt("has a vertex that is no number");
  }
  if (mesh.triangles.empty()) return Failed("has no faces");
  return Weld(mesh);
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

}  // namespace qt::sim

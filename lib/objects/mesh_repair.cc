// SPDX-License-Identifier: Apache-2.0
#include "objects/mesh_repair.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace qt::objects {
namespace {

using Triangle = std::array<uint32_t, 3>;

constexpr double kSeams[] = {1e-5, 1e-4, 1e-3};  // of the size: gaps that are no gaps
constexpr size_t kMaxLoop = 64;                  // edges of a hole that is closed
constexpr double kMaxHole = 0.02;                // of the surface
constexpr double kMaxTriangleHole = 0.15;        // the same for one face that is missing
constexpr double kMaxStray = 0.05;               // of the surface: an open piece that is left out

double AreaOf(const Vec3& a, const Vec3& b, const Vec3& c) {
  return 0.5 * Norm(Cross(b - a, c - a));
}

double AreaOf(const TriangleMesh& mesh) {
  double area = 0;
  for (const Triangle& t : mesh.triangles) {
    area += AreaOf(mesh.vertices_m[t[0]], mesh.vertices_m[t[1]], mesh.vertices_m[t[2]]);
  }
  return area;
}

// The side of a face, by its two vertices.
struct Side {
  uint64_t edge = 0;
  uint32_t face = 0;
  uint32_t from() const { return uint32_t(edge >> 32); }
  uint32_t to() const { return uint32_t(edge); }
};

// All sides, those of the same edge beside each other.
std::vector<Side> SidesOf(const std::vector<Triangle>& triangles) {
  std::vector<Side> sides;
  sides.reserve(3 * triangles.size());
  for (uint32_t face = 0; face < triangles.size(); ++face) {
    for (size_t i = 0; i < 3; ++i) {
      const uint32_t a = triangles[face][i], b = triangles[face][(i + 1) % 3];
      sides.push_back({uint64_t{std::min(a, b)} << 32 | std::max(a, b), face});
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) {
    return a.edge != b.edge ? a.edge < b.edge : a.face < b.face;
  });
  return sides;
}

// Calls visit(first side of the edge, number of its faces).
template <typename Visit>
void ForEachEdge(const std::vector<Side>& sides, const Visit& visit) {
  for (size_t i = 0; i < sides.size();) {
    size_t end = i + 1;
    while (end < sides.size() && sides[end].edge == sides[i].edge) ++end;
    visit(&sides[i], end - i);
    i = end;
  }
}

size_t NumOpenEdges(const std::vector<Triangle>& triangles) {
  size_t open = 0;
  ForEachEdge(SidesOf(triangles), [&](const Side*, size_t count) { open += count % 2; });
  return open;
}

class Sets {
 public:
  explicit Sets(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0u); }
  uint32_t Root(uint32_t v) {
    while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
    return v;
  }
  void Join(uint32_t a, uint32_t b) { parent_[Root(b)] = Root(a); }

 private:
  std::vector<uint32_t> parent_;
};

// --- Faces that stand twice ---

Triangle Sorted(Triangle t) {
  std::sort(t.begin(), t.end());
  return t;
}

// With all but one of each set of equal faces left out, or, `in_pairs`, with pairs of them.
std::vector<Triangle> WithoutCopies(const std::vector<Triangle>& triangles, bool in_pairs) {
  std::vector<uint32_t> order(triangles.size());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<Triangle> keys(triangles.size());
  for (size_t i = 0; i < triangles.size(); ++i) keys[i] = Sorted(triangles[i]);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; });
  std::vector<bool> left_out(triangles.size(), false);
  for (size_t i = 0; i < order.size();) {
    size_t end = i + 1;
    while (end < order.size() && keys[order[end]] == keys[order[i]]) ++end;
    const size_t keep = in_pairs ? (end - i) % 2 : 1;
    for (size_t k = i + keep; k < end; ++k) left_out[order[k]] = true;
    i = end;
  }
  std::vector<Triangle> kept;
  for (size_t i = 0; i < triangles.size(); ++i) {
    if (!left_out[i]) kept.push_back(triangles[i]);
  }
  return kept;
}

// Double-sided meshes have each face twice: one of each is the surface. Bodies that stand side by
// side have a wall between them twice: without it they are one.
std::vector<Triangle> WithoutCopies(const std::vector<Triangle>& triangles) {
  std::vector<Triangle> once = WithoutCopies(triangles, false);
  if (once.size() == triangles.size() || NumOpenEdges(once) == 0) return once;
  std::vector<Triangle> odd = WithoutCopies(triangles, true);
  return !odd.empty() && NumOpenEdges(odd) < NumOpenEdges(once) ? odd : once;
}

// --- Pieces ---

// Gives each patch of faces that are joined by edges of two faces its own vertices; the mesh itself
// if they have them already.
TriangleMesh Separated(const TriangleMesh& mesh) {
  Sets patches(mesh.triangles.size());
  ForEachEdge(SidesOf(mesh.triangles), [&](const Side* side, size_t count) {
    if (count == 2) patches.Join(side[0].face, side[1].face);
  });
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> patch_of(mesh.vertices_m.size(), kNone);
  bool shared = false;
  TriangleMesh apart;
  std::unordered_map<uint64_t, uint32_t> renamed;
  for (uint32_t face = 0; face < mesh.triangles.size(); ++face) {
    const uint32_t patch = patches.Root(face);
    Triangle t = mesh.triangles[face];
    for (uint32_t& v : t) {
      shared |= patch_of[v] != kNone && patch_of[v] != patch;
      patch_of[v] = patch;
      const auto [at, is_new] =
          renamed.try_emplace(uint64_t{patch} << 32 | v, uint32_t(apart.vertices_m.size()));
      if (is_new) apart.vertices_m.push_back(mesh.vertices_m[v]);
      v = at->second;
    }
    apart.triangles.push_back(t);
  }
  return shared ? apart : mesh;
}

// Without open pieces that are a small part of the whole.
TriangleMesh WithoutStrayPieces(const TriangleMesh& mesh) {
  const double most = kMaxStray * AreaOf(mesh);
  TriangleMesh kept;
  for (const TriangleMesh& piece : Components(mesh)) {
    if (AreaOf(piece) <= most && NumOpenEdges(piece.triangles) > 0) continue;
    const auto base = uint32_t(kept.vertices_m.size());
    kept.vertices_m.insert(kept.vertices_m.end(), piece.vertices_m.begin(), piece.vertices_m.end());
    for (const Triangle& t : piece.triangles) {
      kept.triangles.push_back({base + t[0], base + t[1], base + t[2]});
    }
  }
  return kept.triangles.empty() ? mesh : kept;
}

// --- Seams ---

std::vector<bool> OnOpenEdge(const TriangleMesh& mesh) {
  std::vector<bool> open(mesh.vertices_m.size(), false);
  ForEachEdge(SidesOf(mesh.triangles), [&](const Side* side, size_t count) {
    if (count % 2 == 1) open[side->from()] = open[side->to()] = true;
  });
  return open;
}

// Joins vertices of open edges that are nearer to each other than `gap_m`.
TriangleMesh SeamsJoined(const TriangleMesh& mesh, double gap_m) {
  const std::vector<bool> open = OnOpenEdge(mesh);
  const auto cell_of = [gap_m](const Vec3& p, int axis) {
    return int64_t(std::floor(p[size_t(axis)] / gap_m));
  };
  const auto key_of = [](int64_t x, int64_t y, int64_t z) {
    return uint64_t(x) * 73856093u ^ uint64_t(y) * 19349663u ^ uint64_t(z) * 83492791u;
  };
  std::unordered_map<uint64_t, std::vector<uint32_t>> cells;
  std::vector<uint32_t> renamed(mesh.vertices_m.size());
  std::iota(renamed.begin(), renamed.end(), 0u);
  constexpr size_t kCrowd = 8;  // of one cell that are looked at
  for (uint32_t v = 0; v < mesh.vertices_m.size(); ++v) {
    if (!open[v]) continue;
    const Vec3& p = mesh.vertices_m[v];
    const int64_t x = cell_of(p, 0), y = cell_of(p, 1), z = cell_of(p, 2);
    double nearest_m = gap_m;
    for (int i = 0; i < 27; ++i) {
      const auto cell = cells.find(key_of(x + i % 3 - 1, y + i / 3 % 3 - 1, z + i / 9 - 1));
      if (cell == cells.end()) continue;
      for (size_t k = 0; k < std::min(cell->second.size(), kCrowd); ++k) {
        const uint32_t other = cell->second[k];
        const double distance_m = Norm(mesh.vertices_m[other] - p);
        if (distance_m < nearest_m) nearest_m = distance_m, renamed[v] = other;
      }
    }
    if (renamed[v] == v) cells[key_of(x, y, z)].push_back(v);
  }
  TriangleMesh joined{mesh.vertices_m, {}};
  for (const Triangle& t : mesh.triangles) {
    const Triangle r = {renamed[t[0]], renamed[t[1]], renamed[t[2]]};
    if (r[0] != r[1] && r[1] != r[2] && r[2] != r[0]) joined.triangles.push_back(r);
  }
  return joined;
}

// --- Holes ---

// Walks along the open edges and takes loops off the walk as soon as it meets itself.
class HoleCloser {
 public:
  explicit HoleCloser(TriangleMesh* mesh) : mesh_(*mesh), area_m2_(AreaOf(*mesh)) {}

  void CloseAll() {
    ForEachEdge(SidesOf(mesh_.triangles), [&](const Side* side, size_t count) {
      if (count % 2 == 0) return;
      at_[side->from()].push_back(uint32_t(edges_.size()));
      at_[side->to()].push_back(uint32_t(edges_.size()));
      edges_.push_back({side->from(), side->to(), false});
    });
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (!edges_[i].walked) WalkFrom(edges_[i].a);
    }
  }

 private:
  struct Edge {
    uint32_t a, b;
    bool walked;
  };

  // The other end of an edge at `v` that was not walked yet.
  std::optional<uint32_t> Step(uint32_t v) {
    std::vector<uint32_t>& there = at_[v];
    while (!there.empty() && edges_[there.back()].walked) there.pop_back();
    if (there.empty()) return std::nullopt;
    Edge& edge = edges_[there.back()];
    edge.walked = true;
    return edge.a == v ? edge.b : edge.a;
  }

  void WalkFrom(uint32_t start) {
    std::vector<uint32_t> walk = {start};
    std::unordered_map<uint32_t, size_t> place = {{start, 0}};
    while (const std::optional<uint32_t> to = Step(walk.back())) {
      const auto met = place.find(*to);
      if (met == place.end()) {
        place[*to] = walk.size();
        walk.push_back(*to);
        continue;
      }
      const size_t first = met->second;
      Close({walk.begin() + std::ptrdiff_t(first), walk.end()});
      for (size_t i = first + 1; i < walk.size(); ++i) place.erase(walk[i]);
      walk.resize(first + 1);
    }
  }

  void Close(const std::vector<uint32_t>& loop) {
    const size_t n = loop.size();
    if (n < 3 || n > kMaxLoop) return;
    Vec3 middle = {0, 0, 0};
    for (const uint32_t v : loop) middle = middle + (1.0 / double(n)) * mesh_.vertices_m[v];
    double hole_m2 = 0;
    for (size_t i = 0; i < n; ++i) {
      hole_m2 += AreaOf(middle, mesh_.vertices_m[loop[i]], mesh_.vertices_m[loop[(i + 1) % n]]);
    }
    if (hole_m2 > (n == 3 ? kMaxTriangleHole : kMaxHole) * area_m2_) return;
    if (n == 3) {
      mesh_.triangles.push_back({loop[0], loop[1], loop[2]});
      return;
    }
    const auto centre = uint32_t(mesh_.vertices_m.size());
    mesh_.vertices_m.push_back(middle);
    for (size_t i = 0; i < n; ++i) {
      mesh_.triangles.push_back({loop[i], loop[(i + 1) % n], centre});
    }
  }

  TriangleMesh& mesh_;
  const double area_m2_;
  std::vector<Edge> edges_;                                 // open ones
  std::unordered_map<uint32_t, std::vector<uint32_t>> at_;  // vertex → its open edges
};

bool IsClosed(const TriangleMesh& mesh) { return NumOpenEdges(mesh.triangles) == 0; }

}  // namespace

TriangleMesh Repaired(const TriangleMesh& mesh) {
  TriangleMesh mended{mesh.vertices_m, WithoutCopies(mesh.triangles)};
  if (IsClosed(mended)) {
    TriangleMesh apart = Separated(mended);
    return IsClosed(apart) ? apart : mended;
  }
  mended = WithoutStrayPieces(mended);
  const Vec3 size_m = ExtentsOf(mended).size_m();
  const double largest_m = std::max({size_m[0], size_m[1], size_m[2]});
  for (const double seam : kSeams) {
    if (IsClosed(mended)) break;
    TriangleMesh joined = SeamsJoined(mended, seam * largest_m);
    if (NumOpenEdges(joined.triangles) < NumOpenEdges(mended.triangles)) mended = std::move(joined);
  }
  if (!IsClosed(mended)) HoleCloser(&mended).CloseAll();
  const TriangleMesh apart = Separated(mended);
  return IsClosed(apart) ? apart : mended;
}

}  // namespace qt::objects

// SPDX-License-Identifier: Apache-2.0
// Frames from the faces and axes of a part, single primitives by overlap, boxes by greedy growth.
#include "objects/decompose.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

#include "base/random.h"
#include "objects/voxels.h"

namespace qt::objects {
namespace {

using std::numbers::pi;
constexpr size_t kMaxComponents = 16;  // more are treated as one
constexpr size_t kMaxPieces = 20'000;
constexpr double kMaxCells = 128;  // of a grid along its longest side
// Where a box would share a face with an earlier one it is that much smaller: twins of a contact
// cost time and hold nothing.
constexpr double kInset_m = 0.0003;

// --- Frames ---

Mat3 RowsToFrame(const Vec3& x, const Vec3& y, const Vec3& z) { return {x, y, z}; }

// An orthonormal frame (as rows) whose third axis is `z`.
Mat3 FrameAlong(const Vec3& z, double yaw_rad) {
  const Vec3 unit_z = (1 / Norm(z)) * z;
  const Vec3 other = std::abs(unit_z[0]) < 0.7 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
  Vec3 x = Cross(other, unit_z);
  x = (1 / Norm(x)) * x;
  const Vec3 y = Cross(unit_z, x);
  const double c = std::cos(yaw_rad), s = std::sin(yaw_rad);
  return RowsToFrame(c * x + s * y, c * y - s * x, unit_z);
}

Vec3 SizeIn(const Mat3& frame, const std::vector<Vec3>& points) {
  Vec3 low = {1e9, 1e9, 1e9}, high = {-1e9, -1e9, -1e9};
  for (const Vec3& p : points) {
    const Vec3 q = Rotate(frame, p);
    for (int axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], q[axis]);
      high[axis] = std::max(high[axis], q[axis]);
    }
  }
  return high - low;
}

double Product(const Vec3& v) { return v[0] * v[1] * v[2]; }

// The vertices that are farthest in some direction; all of them if they are few.
std::vector<Vec3> OuterPoints(const TriangleMesh& mesh) {
  if (mesh.vertices_m.size() <= 400) return mesh.vertices_m;
  std::vector<Vec3> outer;
  for (int i = 0; i < 300; ++i) {  // a spiral of directions over the sphere
    const double z = 1 - (2 * i + 1) / 300.0, r = std::sqrt(1 - z * z), a = 2.39996322973 * i;
    const Vec3 d = {r * std::cos(a), r * std::sin(a), z};
    outer.push_back(
        *std::max_element(mesh.vertices_m.begin(), mesh.vertices_m.end(),
                          [&](const Vec3& p, const Vec3& q) { return Dot(p, d) < Dot(q, d); }));
  }
  return outer;
}

// Directions that faces look along, the largest area first.
std::vector<Vec3> MainNormals(const TriangleMesh& mesh, size_t n) {
  struct Group {
    Vec3 sum = {0, 0, 0};
  };
  std::map<Cell3, Group> groups;
  for (const auto& t : mesh.triangles) {
    const Vec3& a = mesh.vertices_m[t[0]];
    Vec3 normal = Cross(mesh.vertices_m[t[1]] - a, mesh.vertices_m[t[2]] - a);
    const double area = Norm(normal);
    if (area <= 0) continue;
    // A face and its opposite are one direction.
    for (const double v : normal) {
      if (std::abs(v) < 1e-6 * area) continue;
      if (v < 0) normal = -1.0 * normal;
      break;
    }
    const Cell3 key = {int(std::lround(20 * normal[0] / area)),
                       int(std::lround(20 * normal[1] / area)),
                       int(std::lround(20 * normal[2] / area))};
    groups[key].sum = groups[key].sum + normal;
  }
  std::vector<Vec3> normals;
  for (const auto& [key, group] : groups) normals.push_back(group.sum);
  std::sort(normals.begin(), normals.end(),
            [](const Vec3& a, const Vec3& b) { return Norm(a) > Norm(b); });
  if (normals.size() > n) normals.resize(n);
  return normals;
}

// Eigenvectors of a symmetric matrix, as rows, by Jacobi's rotations.
Mat3 EigenFrame(Mat3 m) {
  Mat3 v = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (const auto& [p, q] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
      if (std::abs(m[p][q]) < 1e-30) continue;
      const double theta = 0.5 * std::atan2(2 * m[p][q], m[q][q] - m[p][p]);
      const double c = std::cos(theta), s = std::sin(theta);
      Mat3 turned = m;
      for (int k = 0; k < 3; ++k) {
        turned[p][k] = c * m[p][k] - s * m[q][k];
        turned[q][k] = s * m[p][k] + c * m[q][k];
      }
      m = turned;
      for (int k = 0; k < 3; ++k) {
        turned[k][p] = c * m[k][p] - s * m[k][q];
        turned[k][q] = s * m[k][p] + c * m[k][q];
      }
      m = turned;
      const Vec3 vp = v[p], vq = v[q];
      v[p] = c * vp - s * vq;
      v[q] = s * vp + c * vq;
    }
  }
  if (Dot(Cross(v[0], v[1]), v[2]) < 0) v[2] = -1.0 * v[2];
  return v;
}

Mat3 PrincipalFrame(const TriangleMesh& mesh) {
  double total = 0;
  Vec3 mean = {0, 0, 0};
  Mat3 moment = {};
  for (const auto& t : mesh.triangles) {
    const Vec3 &a = mesh.vertices_m[t[0]], &b = mesh.vertices_m[t[1]], &c = mesh.vertices_m[t[2]];
    const double area = Norm(Cross(b - a, c - a));
    const Vec3 middle = (1.0 / 3) * (a + b + c);
    total += area;
    mean = mean + area * middle;
    for (int i = 0; i < 3; ++i) moment[i] = moment[i] + area * middle[i] * middle;
  }
  mean = (1 / total) * mean;
  for (int i = 0; i < 3; ++i) moment[i] = (1 / total) * moment[i] - mean[i] * mean;
  return EigenFrame(moment);
}

// Turned about its third axis for the smallest bounding box.
Mat3 BestYaw(const Vec3& z, const std::vector<Vec3>& points) {
  double best_yaw = 0, best = 1e300, step = pi / 72;
  const auto attempt = [&](double yaw) {
    const double volume = Product(SizeIn(FrameAlong(z, yaw), points));
    if (volume < best * (1 - 1e-6)) best = volume, best_yaw = yaw;
  };
  for (int i = 0; i < 36; ++i) attempt(i * step);
  for (; step > 1e-4; step /= 2) {
    const double middle = best_yaw;
    attempt(middle - step / 2);
    attempt(middle + step / 2);
  }
  return FrameAlong(z, best_yaw);
}

// Frames (rows: axes in the mesh's frame) that may suit, the smallest bounding box first; the
// mesh's own axes win unless another is clearly smaller.
std::vector<Mat3> CandidateFrames(const TriangleMesh& mesh) {
  const std::vector<Vec3> points = OuterPoints(mesh);
  const Mat3 own = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  std::vector<std::pair<double, Mat3>> ranked = {{0.98 * Product(SizeIn(own, points)), own}};
  const auto add = [&](const Mat3& frame) {
    ranked.push_back({Product(SizeIn(frame, points)), frame});
  };
  const Mat3 principal = PrincipalFrame(mesh);
  add(principal);
  for (const Vec3& axis : principal) add(BestYaw(axis, points));
  for (const Vec3& normal : MainNormals(mesh, 8)) add(BestYaw(normal, points));
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Mat3> frames;
  for (size_t i = 0; i < std::min<size_t>(3, ranked.size()); ++i)
    frames.push_back(ranked[i].second);
  return frames;
}

// --- One primitive ---

bool Contains(const Primitive& primitive, const Vec3& p) {
  const Vec3& s = primitive.size_m;
  const double planar = std::hypot(p[0], p[1]);
  switch (primitive.kind) {
    case PrimitiveKind::kBox:
      return std::abs(p[0]) <= s[0] && std::abs(p[1]) <= s[1] && std::abs(p[2]) <= s[2];
    case PrimitiveKind::kCylinder:
      return planar <= s[0] && std::abs(p[2]) <= s[1];
    case PrimitiveKind::kCapsule:
      return std::hypot(planar, std::max(0.0, std::abs(p[2]) - s[1])) <= s[0];
    case PrimitiveKind::kEllipsoid:
      return Norm({p[0] / s[0], p[1] / s[1], p[2] / s[2]}) <= 1;
    case PrimitiveKind::kSphere:
      return Norm(p) <= s[0];
  }
  return false;
}

// Share of the union that both fill; the primitive stands in the grid's frame.
double Overlap(const Voxels& voxels, const Primitive& primitive) {
  const Mat3 R = ToMatrix(primitive.X_OP.q);
  size_t both = 0, either = 0;
  for (int z = 0; z < voxels.size()[2]; ++z) {
    for (int y = 0; y < voxels.size()[1]; ++y) {
      for (int x = 0; x < voxels.size()[0]; ++x) {
        const Vec3 p = voxels.Centre(x, y, z) - primitive.X_OP.p_m;
        const bool in_mesh = voxels.inside(x, y, z), in = Contains(primitive, RotateBack(R, p));
        both += in_mesh && in;
        either += in_mesh || in;
      }
    }
  }
  return either > 0 ? double(both) / double(either) : 0;
}

// A round primitive along `axis` of the grid, scaled in girth to the mesh's volume: a mesh is
// inscribed in the smooth shape that it stands for.
std::optional<Primitive> RoundAlong(int axis, PrimitiveKind kind, const Vec3& size_m,
                                    const Vec3& centre_m, double volume_m3) {
  const double a = size_m[(axis + 1) % 3], b = size_m[(axis + 2) % 3], length = size_m[axis];
  if (std::abs(a - b) > 0.1 * std::max(a, b)) return std::nullopt;
  Primitive primitive{kind, {0, 0, 0}, {centre_m, {}}, 0};
  double radius = 0.25 * (a + b);
  if (kind == PrimitiveKind::kCapsule) {
    if (length < 2.2 * radius) return std::nullopt;
    primitive.size_m = {radius, length / 2 - radius, 0};
  } else {
    radius = std::clamp(std::sqrt(volume_m3 / (pi * length)), 0.95 * radius, 1.02 * radius);
    primitive.size_m = {radius, length / 2, 0};
  }
  Vec3 along = {0, 0, 0};
  along[axis] = 1;
  primitive.X_OP.q = FromZ(along);
  return primitive;
}

struct PrimitiveFit {
  Primitive primitive;  // in the grid's frame
  double overlap = 0;
  double mesh_m3 = 0;  // as the grid has it
};

PrimitiveFit BestSingle(const Voxels& voxels) {
  Vec3 size_m, centre_m;
  for (int axis = 0; axis < 3; ++axis) {
    size_m[axis] = voxels.size()[axis] * voxels.cell_m()[axis];
    centre_m[axis] = voxels.low_m()[axis] + 0.5 * size_m[axis];
  }
  const double volume_m3 = double(voxels.num_inside()) * voxels.cell_m3();
  std::vector<Primitive> candidates = {{PrimitiveKind::kBox, 0.5 * size_m, {centre_m, {}}, 0}};
  for (int axis = 0; axis < 3; ++axis) {
    for (const PrimitiveKind kind : {PrimitiveKind::kCylinder, PrimitiveKind::kCapsule}) {
      if (const auto round = RoundAlong(axis, kind, size_m, centre_m, volume_m3)) {
        candidates.push_back(*round);
      }
    }
  }
  const double girth = std::cbrt(volume_m3 / (pi / 6 * Product(size_m)));
  candidates.push_back(
      {PrimitiveKind::kEllipsoid, 0.5 * std::clamp(girth, 0.95, 1.02) * size_m, {centre_m, {}}, 0});
  PrimitiveFit best;
  best.mesh_m3 = double(voxels.num_in_mesh()) * voxels.cell_m3();
  for (const Primitive& candidate : candidates) {
    // Volumes that differ much cannot overlap well.
    const double ratio = Volume_m3(candidate) / volume_m3;
    if (ratio < 0.8 || ratio > 1.25) continue;
    const double overlap = Overlap(voxels, candidate);
    if (overlap > best.overlap) best.primitive = candidate, best.overlap = overlap;
  }
  return best;
}

// --- Many boxes ---

// A layer of cells joins a box if that share of it is inside: a curved side becomes a few large
// steps, as often too high as too low, and not many small ones.
constexpr double kLayerFill = 0.92;

struct CellBox {
  Cell3 low, high;  // [low, high)
};

int CellsOf(const CellBox& box) {
  return (box.high[0] - box.low[0]) * (box.high[1] - box.low[1]) * (box.high[2] - box.low[2]);
}

// Grows a box from one cell, layer by layer and side by side in the order given, as long as the
// layer lies inside.
CellBox Grow(const BoxSums& inside, const Cell3& size, const Cell3& seed,
             const std::array<int, 6>& order) {
  CellBox box{seed, {seed[0] + 1, seed[1] + 1, seed[2] + 1}};
  for (bool grown = true; grown;) {
    grown = false;
    for (const int side : order) {
      const int axis = side / 2;
      CellBox layer = box;
      if (side % 2 == 0) {
        layer.high[axis] = box.low[axis];
        layer.low[axis] = box.low[axis] - 1;
        if (layer.low[axis] < 0) continue;
      } else {
        layer.low[axis] = box.high[axis];
        layer.high[axis] = box.high[axis] + 1;
        if (layer.high[axis] > size[axis]) continue;
      }
      if (inside.Count(layer.low, layer.high) < kLayerFill * CellsOf(layer)) continue;
      (side % 2 == 0 ? box.low : box.high)[axis] += side % 2 == 0 ? -1 : 1;
      grown = true;
    }
  }
  return box;
}

std::array<int, 6> RandomOrder(RandomStream& rng) {
  std::array<int, 6> order = {0, 1, 2, 3, 4, 5};
  for (size_t i = 5; i > 0; --i) std::swap(order[i], order[rng.Below(i + 1)]);
  return order;
}

class BoxCover {
 public:
  explicit BoxCover(const Voxels& voxels)
      : voxels_(voxels), open_(Flags(voxels)), inside_(voxels.size(), open_) {
    num_inside_ = num_open_ = voxels.num_inside();
  }
  double coverage() const { return 1 - double(num_open_) / double(num_inside_); }
  const std::vector<CellBox>& boxes() const { return boxes_; }

  // Adds the box that covers most of what is still open; false if it would be too small.
  bool AddBest(RandomStream& rng) {
    const std::vector<Cell3> seeds = OpenCells();
    if (seeds.empty()) return false;
    const BoxSums open(voxels_.size(), open_);
    CellBox best{};
    int most = 0;
    for (int i = 0; i < 60; ++i) {
      const CellBox box =
          Grow(inside_, voxels_.size(), seeds[rng.Below(seeds.size())], RandomOrder(rng));
      const int gain = open.Count(box.low, box.high);
      if (gain > most) most = gain, best = box;
    }
    if (most < 0.002 * double(num_inside_)) return false;
    Cover(best);
    return true;
  }

 private:
  static std::vector<uint8_t> Flags(const Voxels& voxels) {
    std::vector<uint8_t> flags(voxels.num_cells());
    ForEach({{0, 0, 0}, voxels.size()},
            [&](int x, int y, int z) { flags[voxels.Index(x, y, z)] = voxels.inside(x, y, z); });
    return flags;
  }
  template <typename Function>
  static void ForEach(const CellBox& box, const Function& function) {
    for (int z = box.low[2]; z < box.high[2]; ++z) {
      for (int y = box.low[1]; y < box.high[1]; ++y) {
        for (int x = box.low[0]; x < box.high[0]; ++x) function(x, y, z);
      }
    }
  }
  std::vector<Cell3> OpenCells() const {
    std::vector<Cell3> cells;
    ForEach({{0, 0, 0}, voxels_.size()}, [&](int x, int y, int z) {
      if (open_[voxels_.Index(x, y, z)] != 0) cells.push_back({x, y, z});
    });
    return cells;
  }
  void Cover(const CellBox& box) {
    boxes_.push_back(box);
    ForEach(box, [&](int x, int y, int z) {
      uint8_t& flag = open_[voxels_.Index(x, y, z)];
      num_open_ -= flag;
      flag = 0;
    });
  }

  const Voxels& voxels_;
  std::vector<uint8_t> open_;
  BoxSums inside_;
  size_t num_inside_ = 0, num_open_ = 0;
  std::vector<CellBox> boxes_;
};

bool SharesFace(const CellBox& box, const std::vector<CellBox>& earlier, int axis, bool high) {
  const int plane = high ? box.high[axis] : box.low[axis];
  return std::any_of(earlier.begin(), earlier.end(), [&](const CellBox& other) {
    if ((high ? other.high[axis] : other.low[axis]) != plane) return false;
    for (const int side : {(axis + 1) % 3, (axis + 2) % 3}) {
      if (box.low[side] >= other.high[side] || other.low[side] >= box.high[side]) return false;
    }
    return true;
  });
}

std::vector<Primitive> ToPrimitives(const Voxels& voxels, const std::vector<CellBox>& boxes) {
  std::vector<Primitive> primitives;
  std::vector<CellBox> earlier;
  for (const CellBox& box : boxes) {
    Primitive primitive;
    for (int axis = 0; axis < 3; ++axis) {
      const double cell_m = voxels.cell_m()[axis];
      double low_m = voxels.low_m()[axis] + box.low[axis] * cell_m;
      double high_m = voxels.low_m()[axis] + box.high[axis] * cell_m;
      const double inset_m = std::min(kInset_m, 0.2 * (high_m - low_m));
      if (SharesFace(box, earlier, axis, false)) low_m += inset_m;
      if (SharesFace(box, earlier, axis, true)) high_m -= inset_m;
      primitive.size_m[axis] = 0.5 * (high_m - low_m);
      primitive.X_OP.p_m[axis] = 0.5 * (high_m + low_m);
    }
    primitives.push_back(primitive);
    earlier.push_back(box);
  }
  return primitives;
}

// --- A part ---

struct CoveredPart {
  std::vector<Primitive> primitives;
  double coverage = 0;
};

// Turns primitives from the grid's frame (whose axes are the rows of `frame`) into the mesh's.
void TurnBack(const Mat3& frame, std::vector<Primitive>& primitives) {
  const Mat3 back = {{{frame[0][0], frame[1][0], frame[2][0]},
                      {frame[0][1], frame[1][1], frame[2][1]},
                      {frame[0][2], frame[1][2], frame[2][2]}}};
  const Quaternion q = FromMatrix(back);
  for (Primitive& primitive : primitives) {
    primitive.X_OP = {Rotate(back, primitive.X_OP.p_m), Multiply(q, primitive.X_OP.q)};
  }
}

std::vector<TriangleMesh> Turned(const std::vector<TriangleMesh>& meshes, const Mat3& frame) {
  std::vector<TriangleMesh> turned = meshes;
  for (TriangleMesh& mesh : turned) {
    for (Vec3& v : mesh.vertices_m) v = Rotate(frame, v);
  }
  return turned;
}

double SurfaceOf(const TriangleMesh& mesh) {
  double area_m2 = 0;
  for (const auto& t : mesh.triangles) {
    const Vec3& a = mesh.vertices_m[t[0]];
    area_m2 += 0.5 * Norm(Cross(mesh.vertices_m[t[1]] - a, mesh.vertices_m[t[2]] - a));
  }
  return area_m2;
}

// `wall_m` is how thick the mesh is on average. Walls need cells that are not thicker than half of
// it, as far as the grid allows.
double CellSize(const std::vector<TriangleMesh>& meshes, double wall_m) {
  const Voxels coarse(meshes, 1);  // one cell: the extents
  const Vec3& size = coarse.cell_m();
  const double least = std::min({size[0], size[1], size[2]});
  const double most = std::max({size[0], size[1], size[2]});
  const double cell_m = std::max(std::clamp(least / 12, 0.001, 0.0025), most / 80);
  return wall_m < cell_m ? std::min(cell_m, std::max(wall_m / 2, most / kMaxCells)) : cell_m;
}

// How well the grid stands for the mesh, from 0 to 1: walls thinner than its cells are lost in it.
// Pieces may overlap and hide each other, so that only the volume of one is known.
double Faithfulness(const std::vector<TriangleMesh>& components, double grid_m3) {
  const auto exact_m3 =
      components.size() == 1 ? EnclosedVolume_m3(components[0]) : std::optional<double>();
  if (!exact_m3 || *exact_m3 <= 0) return 1;
  return std::min(grid_m3, *exact_m3) / std::max(grid_m3, *exact_m3);
}

Result<CoveredPart> DecomposePart(const TriangleMesh& all,
                                  const std::vector<TriangleMesh>& components, double volume_m3,
                                  int max_boxes, const DecomposeOptions& options) {
  const double wall_m = 2 * volume_m3 / SurfaceOf(all);
  const std::vector<Mat3> frames = CandidateFrames(all);
  PrimitiveFit best;
  Mat3 best_frame = frames[0];
  for (const Mat3& frame : frames) {
    const std::vector<TriangleMesh> turned = Turned(components, frame);
    const PrimitiveFit fit = BestSingle(Voxels(turned, CellSize(turned, wall_m)));
    if (fit.overlap > best.overlap + 0.005) best = fit, best_frame = frame;
  }
  if (best.overlap >= options.single_iou) {
    CoveredPart part{{best.primitive}, best.overlap * Faithfulness(components, best.mesh_m3)};
    TurnBack(best_frame, part.primitives);
    return part;
  }
  const std::vector<TriangleMesh> turned = Turned(components, frames[0]);
  const Voxels voxels(turned, CellSize(turned, wall_m));
  if (voxels.num_inside() == 0) return Failed("encloses no volume");
  BoxCover cover(voxels);
  RandomStream rng(0, "sim.decompose");
  while (int(cover.boxes().size()) < max_boxes && cover.coverage() < options.coverage) {
    if (!cover.AddBest(rng)) break;
  }
  const double grid_m3 = double(voxels.num_in_mesh()) * voxels.cell_m3();
  CoveredPart part{ToPrimitives(voxels, cover.boxes()),
                   cover.coverage() * Faithfulness(components, grid_m3)};
  TurnBack(frames[0], part.primitives);
  return part;
}

// --- Mass ---

// The inertia of `mass` at `offset` from the axis point.
Mat3 PointInertia(double mass, const Vec3& offset) {
  Mat3 inertia;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      inertia[i][j] = mass * ((i == j ? Dot(offset, offset) : 0) - offset[i] * offset[j]);
    }
  }
  return inertia;
}

void AddScaled(const Mat3& term, double factor, Mat3& sum) {
  for (int i = 0; i < 3; ++i) sum[i] = sum[i] + factor * term[i];
}

MassProperties MassOfVoxels(const std::vector<TriangleMesh>& components) {
  const Voxels coarse(components, 1);
  const Vec3& size = coarse.cell_m();
  const double most = std::max({size[0], size[1], size[2]});
  Voxels voxels(components, most / 80);
  if (voxels.num_inside() == 0) voxels = Voxels(components, most / kMaxCells);  // thin walls
  MassProperties mass;
  std::vector<Vec3> centres;
  for (int z = 0; z < voxels.size()[2]; ++z) {
    for (int y = 0; y < voxels.size()[1]; ++y) {
      for (int x = 0; x < voxels.size()[0]; ++x) {
        if (voxels.inside(x, y, z)) centres.push_back(voxels.Centre(x, y, z));
      }
    }
  }
  if (centres.empty()) return mass;
  for (const Vec3& p : centres) mass.com_m = mass.com_m + (1.0 / double(centres.size())) * p;
  const double cell_m3 = voxels.cell_m3();
  mass.volume_m3 = cell_m3 * double(centres.size());
  for (const Vec3& p : centres) AddScaled(PointInertia(cell_m3, p - mass.com_m), 1, mass.inertia);
  // Each cell's own.
  const Vec3& c = voxels.cell_m();
  for (int i = 0; i < 3; ++i) {
    const double a = c[(i + 1) % 3], b = c[(i + 2) % 3];
    mass.inertia[i][i] += mass.volume_m3 * (a * a + b * b) / 12;
  }
  return mass;
}

}  // namespace

Result<Decomposition> Decompose(const TriangleMesh& mesh, const DecomposeOptions& options) {
  const Vec3 size_m = ExtentsOf(mesh).size_m();
  if (mesh.triangles.empty() || IsFlat(mesh)) {
    return Failed("encloses no volume (" + SizeText(size_m) + ")");
  }
  const std::vector<TriangleMesh> components = Components(mesh);
  if (components.size() > kMaxPieces) {
    return Failed("is made of " + std::to_string(components.size()) + " pieces; at most " +
                  std::to_string(kMaxPieces) + " can be used");
  }
  if (!IsWorkable(components)) return Failed("has faces over faces, a hundredfold");
  Decomposition result;
  result.mass = MassOfVoxels(components);
  if (result.mass.volume_m3 <= 0) return Failed("has walls too thin to be told from none");
  if (components.size() == 1 || components.size() > kMaxComponents) {
    QT_ASSIGN(const CoveredPart part,
              DecomposePart(mesh, components, result.mass.volume_m3, options.max_boxes, options));
    result.primitives = part.primitives;
    result.coverage = part.coverage;
    return result;
  }
  double volume_m3 = 0;
  std::vector<std::vector<Primitive>> parts;
  for (const TriangleMesh& component : components) {
    if (IsFlat(component)) continue;  // a stray face
    const double own_m3 = MassOfVoxels({component}).volume_m3;
    if (own_m3 < 0.002 * result.mass.volume_m3) continue;
    const double share = std::min(1.0, own_m3 / result.mass.volume_m3);
    const int boxes = std::max(4, int(std::lround(share * options.max_boxes)));
    QT_ASSIGN(const CoveredPart part,
              DecomposePart(component, {component}, own_m3, boxes, options));
    parts.push_back(part.primitives);
    result.coverage += own_m3 * part.coverage;
    volume_m3 += own_m3;
  }
  result.primitives = Interleave(std::move(parts));
  if (result.primitives.empty()) return Failed("encloses no volume (" + SizeText(size_m) + ")");
  result.coverage /= volume_m3;
  return result;
}

std::vector<Primitive> Interleave(std::vector<std::vector<Primitive>> parts) {
  constexpr size_t kFirst = 3;
  const auto larger = [](const Primitive& a, const Primitive& b) {
    return Volume_m3(a) > Volume_m3(b);
  };
  std::vector<Primitive> first, rest;
  for (std::vector<Primitive>& part : parts) {
    std::stable_sort(part.begin(), part.end(), larger);
    const auto middle = part.begin() + std::ptrdiff_t(std::min(kFirst, part.size()));
    first.insert(first.end(), part.begin(), middle);
    rest.insert(rest.end(), middle, part.end());
  }
  std::stable_sort(rest.begin(), rest.end(), larger);
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

void Add(const MassProperties& part, MassProperties& sum) {
  const double volume_m3 = sum.volume_m3 + part.volume_m3;
  if (volume_m3 <= 0) return;
  const Vec3 com_m = (1 / volume_m3) * (sum.volume_m3 * sum.com_m + part.volume_m3 * part.com_m);
  Mat3 inertia = PointInertia(sum.volume_m3, sum.com_m - com_m);
  AddScaled(PointInertia(part.volume_m3, part.com_m - com_m), 1, inertia);
  AddScaled(sum.inertia, 1, inertia);
  AddScaled(part.inertia, 1, inertia);
  sum = {volume_m3, com_m, inertia};
}

MassProperties MassOf(const Primitive& primitive) {
  // The inertia of the box that bounds it, about right for every kind; exact for a box.
  MassProperties mass{Volume_m3(primitive), primitive.X_OP.p_m, {}};
  const Mat3 R = ToMatrix(primitive.X_OP.q);
  Vec3 own;
  for (int i = 0; i < 3; ++i) {
    Vec3 d = {0, 0, 0};
    d[i] = 1;
    own[i] = Support(primitive, d);
  }
  const double share = primitive.kind == PrimitiveKind::kBox ? 1.0 / 3 : 1.0 / 4.5;
  for (int k = 0; k < 3; ++k) {
    const double a = own[(k + 1) % 3], b = own[(k + 2) % 3];
    const double about = mass.volume_m3 * share * (a * a + b * b);
    const Vec3 axis = {R[0][k], R[1][k], R[2][k]};
    for (int i = 0; i < 3; ++i) mass.inertia[i] = mass.inertia[i] + about * axis[i] * axis;
  }
  return mass;
}

}  // namespace qt::objects

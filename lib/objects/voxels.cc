// SPDX-License-Identifier: Apache-2.0
// Fills the grid column by column: along z a column enters and leaves a closed surface in turn.
#include "objects/voxels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace qt::objects {
namespace {

// Columns stand a little beside the middle of their cell: meshes have edges and vertices exactly
// there, and a ray through an edge would count two faces or none.
constexpr double kAside[2] = {0.00317, 0.00713};

// No finger gets through an opening that is narrower.
constexpr double kNarrow_m = 0.004;
constexpr int kMaxNarrowCells = 8;  // in cells, for tiny objects

double Cross2(const Vec3& a, const Vec3& b, double x, double y) {
  return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
}

// Where a triangle lies along x within a row of columns, and a bit beyond.
std::pair<double, double> SpanInRow(const Vec3& a, const Vec3& b, const Vec3& c, double y,
                                    double cell_m) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto add = [&](double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  };
  for (const auto& [p, q] : {std::pair(&a, &b), std::pair(&b, &c), std::pair(&c, &a)}) {
    const double y0 = y - cell_m, y1 = y + cell_m, rise = (*q)[1] - (*p)[1];
    if (std::max((*p)[1], (*q)[1]) < y0 || std::min((*p)[1], (*q)[1]) > y1) continue;
    for (const double at : {y0, y1}) {
      const double t = rise == 0 ? 0 : std::clamp((at - (*p)[1]) / rise, 0.0, 1.0);
      add((*p)[0] + t * ((*q)[0] - (*p)[0]));
    }
    if (rise == 0) add((*q)[0]);
  }
  return {low, high};
}

Extents ExtentsOfAll(const std::vector<TriangleMesh>& components) {
  Extents all = ExtentsOf(components.at(0));
  for (const TriangleMesh& component : components) {
    const Extents extents = ExtentsOf(component);
    for (int axis = 0; axis < 3; ++axis) {
      all.low_m[axis] = std::min(all.low_m[axis], extents.low_m[axis]);
      all.high_m[axis] = std::max(all.high_m[axis], extents.high_m[axis]);
    }
  }
  return all;
}

size_t NumCells(const Cell3& size) { return size_t(size[0]) * size_t(size[1]) * size_t(size[2]); }

// Goes through `length` rows of `stride` cells from `begin` on; what is set, or has no set cell
// before it on this way, is not enclosed.
void LeaveOutOpen(size_t begin, size_t stride, int length, bool backwards,
                  const std::vector<uint8_t>& flags, std::vector<uint8_t>& enclosed) {
  std::vector<uint8_t> seen(stride, 0);
  for (int k = 0; k < length; ++k) {
    const size_t row = begin + stride * size_t(backwards ? length - 1 - k : k);
    for (size_t j = 0; j < stride; ++j) {
      seen[j] |= flags[row + j];
      enclosed[row + j] &= seen[j] & (flags[row + j] ^ 1);
    }
  }
}

// Whether there is a free cell with set ones before and behind it along every axis, as all those of
// a hollow have. Cheap, and most things have none.
bool HasEnclosed(const Cell3& size, const std::vector<uint8_t>& flags) {
  std::vector<uint8_t> enclosed(flags.size(), 1);
  size_t stride = 1;
  for (const int length : size) {
    for (size_t begin = 0; begin < flags.size(); begin += stride * size_t(length)) {
      LeaveOutOpen(begin, stride, length, false, flags, enclosed);
      LeaveOutOpen(begin, stride, length, true, flags, enclosed);
    }
    stride *= size_t(length);
  }
  return std::ranges::find(enclosed, 1) != enclosed.end();
}

// A grid of the same cells with a margin around it, free and all joined: what is outside. So what
// looks a few cells ahead needs to ask nowhere whether there are any.
struct Padded {
  Cell3 grid, margin, size;

  Padded(const Cell3& inner, const Cell3& reach) : grid(inner) {
    for (int axis = 0; axis < 3; ++axis) {
      margin[axis] = reach[axis] + 2;
      size[axis] = inner[axis] + 2 * margin[axis];
    }
  }
  size_t At(int x, int y, int z) const {
    return (size_t(z) * size_t(size[1]) + size_t(y)) * size_t(size[0]) + size_t(x);
  }
  std::array<size_t, 3> strides() const {
    return {1, size_t(size[0]), size_t(size[0]) * size_t(size[1])};
  }
  // use(index in the grid, index here) of every cell of the grid.
  template <typename Use>
  void ForEach(const Use& use) const {
    size_t i = 0;
    for (int z = 0; z < grid[2]; ++z) {
      for (int y = 0; y < grid[1]; ++y) {
        size_t here = At(margin[0], y + margin[1], z + margin[2]);
        for (int x = 0; x < grid[0]; ++x) use(i++, here++);
      }
    }
  }
};

// What is joined with one of `starts` by faces of free cells. The outermost cells count as such.
std::vector<uint8_t> Reached(const Padded& at, const std::vector<uint8_t>& blocked,
                             const std::vector<size_t>& starts) {
  std::vector<uint8_t> reached(blocked.size(), 0);
  const auto [dx, dy, dz] = at.strides();
  for (size_t i = 0; i < dz; ++i) reached[i] = reached[reached.size() - 1 - i] = 1;
  for (int z = 0; z < at.size[2]; ++z) {
    for (int x = 0; x < at.size[0]; ++x) {
      reached[at.At(x, 0, z)] = reached[at.At(x, at.size[1] - 1, z)] = 1;
    }
    for (int y = 0; y < at.size[1]; ++y) {
      reached[at.At(0, y, z)] = reached[at.At(at.size[0] - 1, y, z)] = 1;
    }
  }
  std::vector<size_t> edge;
  const auto reach = [&](size_t i) {
    if (reached[i] != 0 || blocked[i] != 0) return;
    reached[i] = 1;
    edge.push_back(i);
  };
  for (const size_t start : starts) reach(start);
  while (!edge.empty()) {
    const size_t i = edge.back();
    edge.pop_back();
    for (const size_t step : {dx, dy, dz}) {
      reach(i - step);
      reach(i + step);
    }
  }
  return reached;
}

// Cells with a set one at most `by` cells away along every axis; `by` is less than the margin.
std::vector<uint8_t> Widened(const Padded& at, std::vector<uint8_t> flags, const Cell3& by) {
  const std::array<size_t, 3> strides = at.strides();
  for (size_t axis = 0; axis < 3; ++axis) {
    const std::vector<uint8_t> before = flags;
    for (size_t k = 1; k <= size_t(by[axis]); ++k) {
      const size_t step = k * strides[axis];
      for (size_t i = step; i < flags.size(); ++i) flags[i] |= before[i - step];
      for (size_t i = step; i < flags.size(); ++i) flags[i - step] |= before[i];
    }
  }
  return flags;
}

}  // namespace

Voxels::Voxels(const std::vector<TriangleMesh>& components, double cell_m) {
  const Extents all = ExtentsOfAll(components);
  low_m_ = all.low_m;
  const Vec3 extent_m = all.size_m();
  for (int axis = 0; axis < 3; ++axis) {
    size_[axis] = std::clamp(int(std::ceil(extent_m[axis] / cell_m - 1e-6)), 1, 128);
    cell_m_[axis] = extent_m[axis] / size_[axis];
  }
  inside_.assign(size_t(size_[0]) * size_t(size_[1]) * size_t(size_[2]), 0);
  for (const TriangleMesh& component : components) Fill(component);
  num_in_mesh_ = num_inside();
  FillHollows();
}

void Voxels::Fill(const TriangleMesh& component) {
  const auto column_m = [&](int axis, int i) {
    return low_m_[axis] + (i + 0.5 + kAside[axis]) * cell_m_[axis];
  };
  // Cells whose middle may lie between the two.
  const auto range = [&](int axis, double low_m, double high_m) {
    const double low = (low_m - low_m_[axis]) / cell_m_[axis];
    const double high = (high_m - low_m_[axis]) / cell_m_[axis];
    return std::pair(std::max(0, int(low) - 1), std::min(size_[axis] - 1, int(high) + 1));
  };
  const Extents extents = ExtentsOf(component);
  const auto [first_x, last_x] = range(0, extents.low_m[0], extents.high_m[0]);
  const auto [first_y, last_y] = range(1, extents.low_m[1], extents.high_m[1]);
  const auto width = size_t(std::max(0, last_x - first_x + 1));
  std::vector<std::vector<double>> crossings(width * size_t(std::max(0, last_y - first_y + 1)));
  const auto crossings_at = [&, first_x = first_x, first_y = first_y ](int x, int y) -> auto& {
    return crossings[size_t(y - first_y) * width + size_t(x - first_x)];
  };
  for (const auto& t : component.triangles) {
    const Vec3 &a = component.vertices_m[t[0]], &b = component.vertices_m[t[1]],
               &c = component.vertices_m[t[2]];
    const double area = Cross2(a, b, c[0], c[1]);
    if (area == 0) continue;  // upright: no column passes through it
    const auto [from_y, to_y] =
        range(1, std::min({a[1], b[1], c[1]}), std::max({a[1], b[1], c[1]}));
    for (int y = from_y; y <= to_y; ++y) {
      const auto [low_m, high_m] = SpanInRow(a, b, c, column_m(1, y), cell_m_[1]);
      if (low_m > high_m) continue;
      const auto [from_x, to_x] = range(0, low_m, high_m);
      for (int x = from_x; x <= to_x; ++x) {
        const double px = column_m(0, x), py = column_m(1, y);
        const double u = Cross2(b, c, px, py) / area, v = Cross2(c, a, px, py) / area;
        const double w = 1 - u - v;
        if (u < 0 || v < 0 || w < 0) continue;
        crossings_at(x, y).push_back(u * a[2] + v * b[2] + w * c[2]);
      }
    }
  }
  for (int y = first_y; y <= last_y; ++y) {
    for (int x = first_x; x <= last_x; ++x) {
      std::vector<double>& z = crossings_at(x, y);
      std::sort(z.begin(), z.end());
      for (size_t i = 0; i + 1 < z.size(); i += 2) {
        const int from = std::max(0, int(std::ceil((z[i] - low_m_[2]) / cell_m_[2] - 0.5)));
        const int to =
            std::min(size_[2], int(std::ceil((z[i + 1] - low_m_[2]) / cell_m_[2] - 0.5)));
        for (int k = from; k < to; ++k) inside_[Index(x, y, k)] = 1;
      }
    }
  }
}

void Voxels::FillHollows() {
  if (!HasEnclosed(size_, inside_)) return;
  Cell3 reach;
  for (int axis = 0; axis < 3; ++axis) {
    reach[axis] = std::clamp(int(std::lround(kNarrow_m / 2 / cell_m_[axis])), 0, kMaxNarrowCells);
  }
  const Padded at(size_, reach);
  std::vector<uint8_t> solid(NumCells(at.size), 0);
  at.ForEach([&](size_t i, size_t here) { solid[here] = inside_[i]; });
  const size_t outside = at.At(1, 1, 1);
  // Where the middle of a finger could be; what it reaches from outside, and touches from there.
  const std::vector<uint8_t> narrow = Widened(at, solid, reach);
  const std::vector<uint8_t> touched = Widened(at, Reached(at, narrow, {outside}), reach);
  // Hollows: what is joined to a place that is wide, and was not touched.
  std::vector<size_t> wide;
  std::vector<uint8_t> closed(solid.size());
  for (size_t i = 0; i < solid.size(); ++i) {
    closed[i] = solid[i] | touched[i];
    if (narrow[i] == 0 && touched[i] == 0) wide.push_back(i);
  }
  const std::vector<uint8_t> hollow = Reached(at, closed, wide);
  // And what cannot be reached at all.
  const std::vector<uint8_t> open = Reached(at, solid, {outside});
  at.ForEach([&](size_t i, size_t here) { inside_[i] |= hollow[here] | (open[here] ^ 1); });
}

bool IsWorkable(const std::vector<TriangleMesh>& components) {
  constexpr double kMaxLayers = 200;
  double area_m2 = 0;
  const Extents all = ExtentsOfAll(components);
  for (const TriangleMesh& component : components) {
    for (const auto& t : component.triangles) {
      const Vec3& a = component.vertices_m[t[0]];
      area_m2 += 0.5 * Norm(Cross(component.vertices_m[t[1]] - a, component.vertices_m[t[2]] - a));
    }
  }
  const Vec3 size = all.size_m();
  const double box_m2 = 2 * (size[0] * size[1] + size[1] * size[2] + size[2] * size[0]);
  return area_m2 <= kMaxLayers * box_m2;
}

size_t Voxels::num_inside() const {
  return size_t(std::count(inside_.begin(), inside_.end(), uint8_t{1}));
}

BoxSums::BoxSums(const Cell3& size, const std::vector<uint8_t>& flags) : size_(size) {
  sums_.assign(size_t(size[0] + 1) * size_t(size[1] + 1) * size_t(size[2] + 1), 0);
  for (int z = 0; z < size[2]; ++z) {
    for (int y = 0; y < size[1]; ++y) {
      int row = 0;
      for (int x = 0; x < size[0]; ++x) {
        row += flags[(size_t(z) * size_t(size[1]) + size_t(y)) * size_t(size[0]) + size_t(x)];
        sums_[At(x + 1, y + 1, z + 1)] =
            row + sums_[At(x + 1, y, z + 1)] + sums_[At(x + 1, y + 1, z)] - sums_[At(x + 1, y, z)];
      }
    }
  }
}

int BoxSums::Count(const Cell3& low, const Cell3& high) const {
  const auto plane = [&](int z) {
    return sums_[At(high[0], high[1], z)] - sums_[At(low[0], high[1], z)] -
           sums_[At(high[0], low[1], z)] + sums_[At(low[0], low[1], z)];
  };
  return plane(high[2]) - plane(low[2]);
}

}  // namespace qt::objects

// SPDX-License-Identifier: Apache-2.0
// Fills the grid column by column: along z a column enters and leaves a closed surface in turn.
#include "objects/voxels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace qt::objects {
namespace {

// Columns stand a little beside the middle of their cell: meshes have edges and vertices exactly
// there, and a ray through an edge would count two faces or none.
constexpr double kAside[2] = {0.00317, 0.00713};

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
  std::vector<uint8_t> reached(inside_.size(), 0);
  std::vector<Cell3> edge;
  const auto reach = [&](int x, int y, int z) {
    if (x < 0 || y < 0 || z < 0 || x >= size_[0] || y >= size_[1] || z >= size_[2]) return;
    uint8_t& flag = reached[Index(x, y, z)];
    if (flag != 0 || inside(x, y, z)) return;
    flag = 1;
    edge.push_back({x, y, z});
  };
  for (int z = 0; z < size_[2]; ++z) {
    for (int y = 0; y < size_[1]; ++y) {
      for (int x = 0; x < size_[0]; ++x) {
        const bool border = x == 0 || y == 0 || z == 0 || x == size_[0] - 1 || y == size_[1] - 1 ||
                            z == size_[2] - 1;
        if (border) reach(x, y, z);
      }
    }
  }
  while (!edge.empty()) {
    const auto [x, y, z] = edge.back();
    edge.pop_back();
    for (const int step : {-1, 1}) {
      reach(x + step, y, z);
      reach(x, y + step, z);
      reach(x, y, z + step);
    }
  }
  for (size_t i = 0; i < inside_.size(); ++i) inside_[i] = reached[i] == 0;
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

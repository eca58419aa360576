// Fills the grid column by column: along z a column enters and leaves a closed surface in turn.
#include "sim/voxels.h"

#include <algorithm>
#include <cmath>

namespace qt::sim {
namespace {

// Columns stand a little beside the middle of their cell: meshes have edges and vertices exactly
// there, and a ray through an edge would count two faces or none.
constexpr double kAside[2] = {0.00317, 0.00713};

double Cross2(const Vec3& a, const Vec3& b, double x, double y) {
  return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
}

}  // namespace

Voxels::Voxels(const std::vector<TriangleMesh>& components, double cell_m) {
  Extents all = ExtentsOf(components.at(0));
  for (const TriangleMesh& component : components) {
    const Extents extents = ExtentsOf(component);
    for (int axis = 0; axis < 3; ++axis) {
      all.low_m[axis] = std::min(all.low_m[axis], extents.low_m[axis]);
      all.high_m[axis] = std::max(all.high_m[axis], extents.high_m[axis]);
    }
  }
  low_m_ = all.low_m;
  const Vec3 extent_m = all.size_m();
  for (int axis = 0; axis < 3; ++axis) {
    size_[axis] = std::clamp(int(std::ceil(extent_m[axis] / cell_m - 1e-6)), 1, 128);
    cell_m_[axis] = extent_m[axis] / size_[axis];
  }
  inside_.assign(size_t(size_[0]) * size_t(size_[1]) * size_t(size_[2]), 0);
  for (const TriangleMesh& component : components) Fill(component);
}

void Voxels::Fill(const TriangleMesh& component) {
  std::vector<std::vector<double>> crossings(size_t(size_[0]) * size_t(size_[1]));
  const auto column_m = [&](int axis, int i) {
    return low_m_[axis] + (i + 0.5 + kAside[axis]) * cell_m_[axis];
  };
  for (const auto& t : component.triangles) {
    const Vec3 &a = component.vertices_m[t[0]], &b = component.vertices_m[t[1]],
               &c = component.vertices_m[t[2]];
    const double area = Cross2(a, b, c[0], c[1]);
    if (area == 0) continue;  // upright: no column passes through it
    int from[2], to[2];
    for (int axis = 0; axis < 2; ++axis) {
      const double low = std::min({a[axis], b[axis], c[axis]}) - low_m_[axis];
      const double high = std::max({a[axis], b[axis], c[axis]}) - low_m_[axis];
      from[axis] = std::max(0, int(low / cell_m_[axis]) - 1);
      to[axis] = std::min(size_[axis] - 1, int(high / cell_m_[axis]) + 1);
    }
    for (int y = from[1]; y <= to[1]; ++y) {
      for (int x = from[0]; x <= to[0]; ++x) {
        const double px = column_m(0, x), py = column_m(1, y);
        const double u = Cross2(b, c, px, py) / area, v = Cross2(c, a, px, py) / area;
        const double w = 1 - u - v;
        if (u < 0 || v < 0 || w < 0) continue;
        crossings[size_t(y) * size_t(size_[0]) + size_t(x)].push_back(u * a[2] + v * b[2] +
                                                                      w * c[2]);
      }
    }
  }
  for (int y = 0; y < size_[1]; ++y) {
    for (int x = 0; x < size_[0]; ++x) {
      std::vector<double>& z = crossings[size_t(y) * size_t(size_[0]) + size_t(x)];
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

}  // namespace qt::sim

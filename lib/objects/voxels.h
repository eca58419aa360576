// SPDX-License-Identifier: Apache-2.0
// The inside of a closed mesh on a regular grid: counting cells is how volumes, overlaps and boxes
// are found. Internal to lib/sim.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mdp/geometry.h"
#include "objects/mesh.h"

namespace qt::objects {

using Cell3 = std::array<int, 3>;

// The grid spans exactly the mesh's extents, so that faces along its axes lie on cell borders.
class Voxels {
 public:
  // Cells whose centre is inside any component, or cannot be reached from outside but through
  // openings of less than 4 mm: of a hollow thing only its outside matters. `cell_m` is the wanted
  // size of a cell.
  // REQUIRES: every extent is positive; IsWorkable for each component.
  Voxels(const std::vector<TriangleMesh>& components, double cell_m);

  const Cell3& size() const { return size_; }
  const Vec3& cell_m() const { return cell_m_; }
  const Vec3& low_m() const { return low_m_; }
  size_t num_cells() const { return inside_.size(); }
  bool inside(int x, int y, int z) const { return inside_[Index(x, y, z)] != 0; }
  size_t Index(int x, int y, int z) const {
    return (size_t(z) * size_t(size_[1]) + size_t(y)) * size_t(size_[0]) + size_t(x);
  }
  Vec3 Centre(int x, int y, int z) const {
    return {low_m_[0] + (x + 0.5) * cell_m_[0], low_m_[1] + (y + 0.5) * cell_m_[1],
            low_m_[2] + (z + 0.5) * cell_m_[2]};
  }
  double cell_m3() const { return cell_m_[0] * cell_m_[1] * cell_m_[2]; }
  size_t num_inside() const;
  // Without the hollows.
  size_t num_in_mesh() const { return num_in_mesh_; }

 private:
  void Fill(const TriangleMesh& component);
  void FillHollows();

  Vec3 low_m_, cell_m_;
  Cell3 size_;
  std::vector<uint8_t> inside_;
  size_t num_in_mesh_ = 0;
};

// Whether the surface is a surface: filling takes time and memory with its area, and faces that lie
// a hundredfold on top of each other have a lot of it.
bool IsWorkable(const std::vector<TriangleMesh>& components);

// Sums over boxes of cells in constant time.
class BoxSums {
 public:
  // `flags` of the cells of a grid of `size`, x fastest.
  BoxSums(const Cell3& size, const std::vector<uint8_t>& flags);
  // Cells set in [low, high).
  int Count(const Cell3& low, const Cell3& high) const;

 private:
  size_t At(int x, int y, int z) const {
    return (size_t(z) * size_t(size_[1] + 1) + size_t(y)) * size_t(size_[0] + 1) + size_t(x);
  }
  Cell3 size_;
  std::vector<int> sums_;
};

}  // namespace qt::objects

// SPDX-License-Identifier: Apache-2.0
#include "qnet/sample_loops.h"

#include <algorithm>

namespace qt::qnet {
namespace {

// The four cells around a point, as offsets in rows of C channels, and their weights.
struct Corners {
  int64_t cell[4];
  float weight[4];
};

// Position in cells of a normalised coordinate, kept within the map.
float CellOf(float normalised, int64_t size) {
  const float cell = ((normalised + 1) * static_cast<float>(size) - 1) / 2;
  // Written so that NaN reads a cell, too: the network's answer is then wrong, but memory is not.
  return cell > 0 ? std::min(cell, static_cast<float>(size - 1)) : 0;
}

Corners CornersOf(const float* point, int64_t h, int64_t w) {
  const float u = CellOf(point[0], w), v = CellOf(point[1], h);
  const auto left = static_cast<int64_t>(u), top = static_cast<int64_t>(v);
  const int64_t right = std::min(left + 1, w - 1), bottom = std::min(top + 1, h - 1);
  const float du = u - static_cast<float>(left), dv = v - static_cast<float>(top);
  return {{top * w + left, top * w + right, bottom * w + left, bottom * w + right},
          {(1 - du) * (1 - dv), du * (1 - dv), (1 - du) * dv, du * dv}};
}

}  // namespace

void GatherPoints(const SampleSizes& n, const float* map_BPC, const float* mean_BC,
                  const float* grid_BAK2, const float* scalars_BAS, float* out_BAX) {
  float* out = out_BAX;
  for (int64_t row = 0; row < n.B * n.A; ++row) {
    const int64_t b = row / n.A;
    const float* map = map_BPC + b * n.h * n.w * n.C;
    for (int64_t k = 0; k < n.K; ++k, out += n.C) {
      const Corners at = CornersOf(grid_BAK2 + (row * n.K + k) * 2, n.h, n.w);
      const float *a = map + at.cell[0] * n.C, *b2 = map + at.cell[1] * n.C;
      const float *c = map + at.cell[2] * n.C, *d = map + at.cell[3] * n.C;
      for (int64_t i = 0; i < n.C; ++i) {
        out[i] =
            at.weight[0] * a[i] + at.weight[1] * b2[i] + at.weight[2] * c[i] + at.weight[3] * d[i];
      }
    }
    std::copy_n(mean_BC + b * n.C, n.C, out);
    std::copy_n(scalars_BAS + row * n.S, n.S, out + n.C);
    out += n.C + n.S;
  }
}

void ScatterPoints(const SampleSizes& n, const float* gradient_BAX, const float* grid_BAK2,
                   float* map_BPC, float* mean_BC) {
  const float* gradient = gradient_BAX;
  for (int64_t row = 0; row < n.B * n.A; ++row) {
    const int64_t b = row / n.A;
    float* map = map_BPC + b * n.h * n.w * n.C;
    for (int64_t k = 0; k < n.K; ++k, gradient += n.C) {
      const Corners at = CornersOf(grid_BAK2 + (row * n.K + k) * 2, n.h, n.w);
      for (int j = 0; j < 4; ++j) {
        float* cell = map + at.cell[j] * n.C;
        for (int64_t i = 0; i < n.C; ++i) cell[i] += at.weight[j] * gradient[i];
      }
    }
    float* mean = mean_BC + b * n.C;
    for (int64_t i = 0; i < n.C; ++i) mean[i] += gradient[i];
    gradient += n.C + n.S;
  }
}

}  // namespace qt::qnet

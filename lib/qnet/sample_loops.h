// SPDX-License-Identifier: Apache-2.0
// The inner loops of sampling points, on plain memory: no LibTorch, so that they compile optimised
// in every build. Maps are channels last: P = h * w cells of C channels.
#pragma once

#include <cstdint>

namespace qt::qnet {

struct SampleSizes {
  int64_t B, A, K, S, C, h, w;
  int64_t inputs() const { return (K + 1) * C + S; }
};

// Writes for each of B * A rows the map at K points, its mean, and S numbers.
void GatherPoints(const SampleSizes& n, const float* map_BPC, const float* mean_BC,
                  const float* grid_BAK2, const float* scalars_BAS, float* out_BAX);
// The transpose: adds to zeroed gradients.
void ScatterPoints(const SampleSizes& n, const float* gradient_BAX, const float* grid_BAK2,
                   float* map_BPC, float* mean_BC);

}  // namespace qt::qnet

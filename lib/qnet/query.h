// What a network is asked about one candidate action, as the numbers that it wants: the part of
// every architecture that needs no tensors. Acting and training ask alike, because both ask here.
#pragma once

#include "mdp/observation.h"
#include "mdp/task.h"
#include "qnet/aligned_query.h"
#include "qnet/network_config.h"

namespace qt::qnet {

inline constexpr int kTowerStride = 4;  // image pixels a cell of the compact networks' map

// The coordinate in grid_sample's units (align_corners = false) of a position in image pixels, for
// a side of `size_px` pixels: cell j of the map is centred on pixel kTowerStride * j.
inline float PixelToGrid(float position_px, int size_px) {
  const float cells = static_cast<float>(size_px / kTowerStride);
  return (2 * position_px / kTowerStride + 1) / cells - 1;
}

// How the image that the network sees lies in the recorded one.
struct View {
  Symmetry symmetry;
  int shift_u_px = 0, shift_v_px = 0;  // added to positions, after mirroring
};

// The crop that is used outside of training: the middle.
View CentreView(const NetworkConfig& config);

// Fills grid[0..2K) and scalars[0..S).
void WriteQuery(const ObservedState& observation, const Action& action, const TaskConfig& task,
                const NetworkConfig& config, const View& view, float* grid_K2, float* scalars_S);

}  // namespace qt::qnet

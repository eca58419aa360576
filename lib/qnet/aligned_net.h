// The `aligned` network: an image tower that runs once per state, and a head that reads the feature
// map where the commanded gripper pose projects into the image (reference: docs/PAPER.md, network).
// Includes LibTorch: for lib/qnet and lib/train only.
//
// Shapes: B images, A actions an image, K points, S scalars, C channels, H x W pixels.
#pragma once

#include <torch/torch.h>

#include <span>

#include "image/image.h"
#include "qnet/network_config.h"

namespace qt::qnet {

inline constexpr int kTowerStride = 4;

// What the tower computes of an image.
struct Features {
  torch::Tensor map_BChw;  // at 1/4 resolution
  torch::Tensor mean_BC;   // global average
};

class AlignedNetImpl : public torch::nn::Module {
 public:
  explicit AlignedNetImpl(const NetworkConfig& config);

  // image_BCHW: RGB in [-0.5, 0.5].
  Features Tower(const torch::Tensor& image_BCHW);
  // grid_BAK2: points in the normalised coordinates of PixelToGrid. Returns logits_BA.
  torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                     const torch::Tensor& scalars_BAS);

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr}, conv4_{nullptr};
  torch::nn::LayerNorm norm_in_{nullptr}, norm1_{nullptr};
  torch::nn::Linear linear1_{nullptr}, linear2_{nullptr}, linear3_{nullptr};
};
TORCH_MODULE(AlignedNet);

// The coordinate in grid_sample's units (align_corners = false) of a position in image pixels, for
// a side of `size_px` pixels: cell j of the map is centred on pixel kTowerStride * j.
inline float PixelToGrid(float position_px, int size_px) {
  const float cells = static_cast<float>(size_px / kTowerStride);
  return (2 * position_px / kTowerStride + 1) / cells - 1;
}

// Writes a query where the network wants it: grid[0..2K), scalars[0..S).
void StoreQuery(const AlignedQuery& query, const NetworkConfig& config, float* grid_K2,
                float* scalars_S);

}  // namespace qt::qnet

// What the head of `aligned` reads: the feature map at K points, bilinearly, beside the map's mean
// and the numbers of state and action. Does in one pass over channels-last memory, forwards and
// backwards, what grid_sampler, expand and cat do in several. Includes LibTorch. Shapes:
// qnet/network.h.
#pragma once

#include "qnet/network.h"

namespace qt::qnet {

// inputs_BAX with X = K * C + C + S. Points outside the map read its border (grid_sampler with
// align_corners = false). No gradient flows to the points and the numbers.
torch::Tensor SampleInputs(const Features& features, const torch::Tensor& grid_BAK2,
                           const torch::Tensor& scalars_BAS);
// The same from LibTorch's own parts: what runs on a GPU, and what tests compare with.
torch::Tensor SampleInputsPlainly(const Features& features, const torch::Tensor& grid_BAK2,
                                  const torch::Tensor& scalars_BAS);

}  // namespace qt::qnet

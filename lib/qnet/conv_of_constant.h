// SPDX-License-Identifier: Apache-2.0
// The algebra that makes the paper's merge cheap: a convolution is linear, so that
//   conv(F + u) = conv(F) + conv(u)
// for a vector u that is added to every cell, and conv(u) away from the border is one product of
// the summed weights with u. At the border some weights fall outside. Exact; the convolution of the
// map runs once per state, whatever the number of actions.
// Includes LibTorch: for lib/qnet and lib/train only.
#pragma once

#include "qnet/torch.h"

namespace qt::qnet {

// conv(map + u) for each u_BAC, flattened to [B * A, O, h, w], channels last in memory. The bias
// may be undefined.
torch::Tensor ConvOfSum(const torch::Tensor& weight_OCkk, const torch::Tensor& bias_O,
                        int64_t stride, int64_t padding, const torch::Tensor& map_BChw,
                        const torch::Tensor& u_BAC);

}  // namespace qt::qnet

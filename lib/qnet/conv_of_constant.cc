// SPDX-License-Identifier: Apache-2.0
#include "qnet/conv_of_constant.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace qt::qnet {
namespace {

// Along one axis: which span of the kernel lies inside the map, for every output cell.
struct Axis {
  std::vector<std::pair<int64_t, int64_t>> spans;  // distinct ones: [begin, end) of the kernel
  std::vector<int64_t> span_of;                    // of each output cell
};

Axis SpansOf(int64_t size, int64_t kernel, int64_t stride, int64_t padding) {
  Axis axis;
  for (int64_t at = -padding; at + kernel <= size + padding; at += stride) {
    const std::pair span(std::max<int64_t>(0, -at), std::min(kernel, size - at));
    const auto known = std::find(axis.spans.begin(), axis.spans.end(), span);
    axis.span_of.push_back(known - axis.spans.begin());
    if (known == axis.spans.end()) axis.spans.push_back(span);
  }
  return axis;
}

// Sums of the weights over the part of the kernel that lies inside: [C, regions * O].
torch::Tensor RegionSums(const torch::Tensor& weight_OCkk, const Axis& rows, const Axis& columns) {
  std::vector<torch::Tensor> sums;
  for (const auto& [top, bottom] : rows.spans) {
    const torch::Tensor band = weight_OCkk.slice(2, top, bottom).sum(2);
    for (const auto& [left, right] : columns.spans) {
      sums.push_back(band.slice(2, left, right).sum(2));
    }
  }
  return torch::cat(sums, 0).t();
}

}  // namespace

torch::Tensor ConvOfSum(const torch::Tensor& weight_OCkk, const torch::Tensor& bias_O,
                        int64_t stride, int64_t padding, const torch::Tensor& map_BChw,
                        const torch::Tensor& u_BAC) {
  const Axis rows = SpansOf(map_BChw.size(2), weight_OCkk.size(2), stride, padding);
  const Axis columns = SpansOf(map_BChw.size(3), weight_OCkk.size(3), stride, padding);
  std::vector<int64_t> region_of;
  for (int64_t row : rows.span_of) {
    for (int64_t column : columns.span_of) {
      region_of.push_back(row * static_cast<int64_t>(columns.spans.size()) + column);
    }
  }
  const int64_t B = u_BAC.size(0), A = u_BAC.size(1), O = weight_OCkk.size(0);
  const auto h = static_cast<int64_t>(rows.span_of.size());
  const auto w = static_cast<int64_t>(columns.span_of.size());
  const torch::Tensor sums = torch::matmul(u_BAC, RegionSums(weight_OCkk, rows, columns));
  const torch::Tensor index = torch::tensor(region_of).to(sums.device());
  const torch::Tensor of_u_BAPO = sums.view({B, A, -1, O}).index_select(2, index);
  const torch::Tensor of_map_BOhw = torch::conv2d(map_BChw, weight_OCkk, bias_O, stride, padding);
  const torch::Tensor of_map_BPO = of_map_BOhw.permute({0, 2, 3, 1}).reshape({B, h * w, O});
  const torch::Tensor sum_BAPO = of_map_BPO.unsqueeze(1) + of_u_BAPO;
  return sum_BAPO.view({B * A, h, w, O}).permute({0, 3, 1, 2});
}

}  // namespace qt::qnet

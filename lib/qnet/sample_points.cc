#include "qnet/sample_points.h"

#include <vector>

#include "qnet/sample_loops.h"

namespace qt::qnet {
namespace {

torch::Tensor ChannelsLast(const torch::Tensor& map_BChw) {
  return map_BChw.contiguous(torch::MemoryFormat::ChannelsLast);
}

SampleSizes SizesOf(const torch::Tensor& map_BChw, const torch::Tensor& grid_BAK2, int64_t S) {
  return {grid_BAK2.size(0), grid_BAK2.size(1), grid_BAK2.size(2), S,
          map_BChw.size(1),  map_BChw.size(2),  map_BChw.size(3)};
}

class Sampling : public torch::autograd::Function<Sampling> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& map_BChw, const torch::Tensor& mean_BC,
                               const torch::Tensor& grid_BAK2, const torch::Tensor& scalars_BAS) {
    const SampleSizes n = SizesOf(map_BChw, grid_BAK2, scalars_BAS.size(2));
    const torch::Tensor grid = grid_BAK2.contiguous();
    context->save_for_backward({grid});
    context->saved_data["map_sizes"] = map_BChw.sizes().vec();
    context->saved_data["num_scalars"] = n.S;
    torch::Tensor out_BAX = torch::empty({n.B, n.A, n.inputs()});
    GatherPoints(n, ChannelsLast(map_BChw).data_ptr<float>(),
                 mean_BC.contiguous().data_ptr<float>(), grid.data_ptr<float>(),
                 scalars_BAS.contiguous().data_ptr<float>(), out_BAX.data_ptr<float>());
    return out_BAX;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& gradients) {
    const torch::Tensor grid = context->get_saved_variables()[0];
    const std::vector<int64_t> sizes = context->saved_data["map_sizes"].toIntVector();
    const torch::Tensor map_BChw = torch::empty(sizes, torch::MemoryFormat::ChannelsLast).zero_();
    const torch::Tensor mean_BC = torch::zeros({sizes[0], sizes[1]});
    const SampleSizes n = SizesOf(map_BChw, grid, context->saved_data["num_scalars"].toInt());
    ScatterPoints(n, gradients[0].contiguous().data_ptr<float>(), grid.data_ptr<float>(),
                  map_BChw.data_ptr<float>(), mean_BC.data_ptr<float>());
    return {map_BChw, mean_BC, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor SampleInputs(const Features& features, const torch::Tensor& grid_BAK2,
                           const torch::Tensor& scalars_BAS) {
  if (!features.map_BChw.is_cpu()) return SampleInputsPlainly(features, grid_BAK2, scalars_BAS);
  return Sampling::apply(features.map_BChw, features.mean_BC, grid_BAK2, scalars_BAS);
}

torch::Tensor SampleInputsPlainly(const Features& features, const torch::Tensor& grid_BAK2,
                                  const torch::Tensor& scalars_BAS) {
  const int64_t B = grid_BAK2.size(0), A = grid_BAK2.size(1);
  const torch::Tensor points_BCAK = torch::grid_sampler(features.map_BChw, grid_BAK2,
                                                        /*interpolation_mode=bilinear*/ 0,
                                                        /*padding_mode=border*/ 1, false);
  const torch::Tensor points_BAX = points_BCAK.permute({0, 2, 3, 1}).reshape({B, A, -1});
  const torch::Tensor mean_BAC = features.mean_BC.unsqueeze(1).expand({B, A, -1});
  return torch::cat({points_BAX, mean_BAC, scalars_BAS}, 2);
}

}  // namespace qt::qnet

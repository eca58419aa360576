// SPDX-License-Identifier: Apache-2.0
#include "train/bad_batch.h"

#include <algorithm>

#include "json/json.h"
#include "qnet/tensor_io.h"
#include "tensors/safetensors.h"

namespace qt::train {
namespace {

torch::Tensor ActionsOf(const std::vector<TargetedState>& states, int64_t num_actions) {
  constexpr int64_t kNumbers = kActionNumbers;
  const auto B = static_cast<int64_t>(states.size());
  torch::Tensor action_BA8 = torch::zeros({B, num_actions, kNumbers});
  float* row = action_BA8.data_ptr<float>();
  for (const TargetedState& state : states) {
    const size_t count = std::min(state.actions.size(), static_cast<size_t>(num_actions));
    for (size_t a = 0; a < count; ++a) {
      const auto numbers = state.actions[a].action.ToArray();
      std::copy(numbers.begin(), numbers.end(), row + static_cast<int64_t>(a) * kNumbers);
    }
    row += num_actions * kNumbers;
  }
  return action_BA8;
}

}  // namespace

Status SaveBadBatch(const std::string& path, const Batch& batch,
                    const std::vector<TargetedState>& states) {
  const std::vector<tensors::Tensor> tensors = {
      qnet::ToRecord("image_BCHW", batch.image_BCHW),
      qnet::ToRecord("grid_BAK2", batch.grid_BAK2),
      qnet::ToRecord("scalars_BAS", batch.scalars_BAS),
      qnet::ToRecord("target_BA", batch.target_BA),
      qnet::ToRecord("weight_BA", batch.weight_BA),
      qnet::ToRecord("action_BA8", ActionsOf(states, batch.target_BA.size(1)))};
  Json where = Json::array();
  for (const TargetedState& state : states) {
    where.push_back({{"episode", state.sample.episode->id},
                     {"t", state.sample.t},
                     {"target_step", state.target_step},
                     {"label_step", state.target_step}});  // its older name
  }
  const tensors::TensorMetadata metadata = {{"format", "qt-batch/1"},
                                            {"states", json::Dump(where)}};
  return tensors::SaveSafetensors(path, tensors, metadata, Overwrite::kYes);
}

}  // namespace qt::train

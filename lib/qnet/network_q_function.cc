// SPDX-License-Identifier: Apache-2.0
#include "qnet/network_q_function.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/number_text.h"
#include "image/image.h"

namespace qt::qnet {
namespace {

struct NetworkState : EmbeddedState {
  Features features;
  ObservedState observed;
};

// The network's view of the image: image_1CHW in [-0.5, 0.5], channels last in memory.
torch::Tensor ToTensor(const RgbView& image, const NetworkConfig& config, const View& view) {
  const torch::Tensor image_HWC =
      torch::from_blob(const_cast<uint8_t*>(image.rgb_HWC.data()),
                       {1, image.height_px, image.width_px, 3}, torch::kUInt8)
          .narrow(1, -view.shift_v_px, config.image_height_px)
          .narrow(2, -view.shift_u_px, config.image_width_px);
  return image_HWC.to(torch::kFloat32).mul_(1.0 / 255).sub_(0.5).permute({0, 3, 1, 2});
}

}  // namespace

NetworkQFunction::NetworkQFunction(NetworkPtr net, NetworkConfig config, TaskConfig task)
    : net_(std::move(net)),
      config_(config),
      shape_(config_.architecture->query),
      task_(task),
      device_(net_->parameters().front().device()) {}

Result<std::unique_ptr<EmbeddedState>> NetworkQFunction::EmbedImage(
    const RgbView& image, const ObservedState& observed) const {
  if (shape_.num_points > 0 && !observed.camera.valid()) {
    return Failed("the network '" + config_.architecture.ToString() +
                  "' needs the camera's intrinsics and pose, and there are none");
  }
  const int width_px = RecordedWidth_px(config_), height_px = RecordedHeight_px(config_);
  if (image.width_px != width_px || image.height_px != height_px) {
    return Failed("the image is " + SizeText(image.width_px, image.height_px) +
                  ", the network needs " + SizeText(width_px, height_px));
  }
  const torch::NoGradGuard no_grad;
  auto state = std::make_unique<NetworkState>();
  state->features = net_->Tower(ToTensor(image, config_, CentreView(config_)).to(device_));
  state->observed = observed;
  return std::unique_ptr<EmbeddedState>(std::move(state));
}

void NetworkQFunction::Score(const EmbeddedState& embedded, std::span<const Action> actions,
                             std::span<float> q) const {
  QT_CHECK(actions.size() == q.size(), actions.size(), q.size());
  const auto& state = dynamic_cast<const NetworkState&>(embedded);
  const torch::NoGradGuard no_grad;
  const auto A = static_cast<int64_t>(actions.size());
  const int64_t K = shape_.num_points, S = shape_.num_scalars;
  const torch::Tensor grid = torch::empty({1, A, K, 2}), scalars = torch::empty({1, A, S});
  const View view = CentreView(config_);
  for (int64_t i = 0; i < A; ++i) {
    config_.architecture->write_query(state.observed, actions[static_cast<size_t>(i)], task_,
                                      config_, view, grid.data_ptr<float>() + i * K * 2,
                                      scalars.data_ptr<float>() + i * S);
  }
  const torch::Tensor logits = net_->Head(state.features, grid.to(device_), scalars.to(device_));
  const torch::Tensor values = torch::sigmoid(logits).cpu().contiguous();
  std::copy_n(values.data_ptr<float>(), actions.size(), q.begin());
}

}  // namespace qt::qnet

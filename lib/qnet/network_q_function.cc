#include "qnet/network_q_function.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "image/image.h"

namespace qt::qnet {
namespace {

struct NetworkState : EmbeddedState {
  Features features;
  Observation observation;  // without its image
};

// image_1CHW in [-0.5, 0.5], channels last in memory.
torch::Tensor ToTensor(const RgbImage& image) {
  const torch::Tensor image_HWC =
      torch::from_blob(const_cast<uint8_t*>(image.rgb_HWC.data()),
                       {1, image.height_px, image.width_px, 3}, torch::kUInt8);
  return image_HWC.to(torch::kFloat32).mul_(1.0 / 255).sub_(0.5).permute({0, 3, 1, 2});
}

}  // namespace

NetworkQFunction::NetworkQFunction(NetworkPtr net, NetworkConfig config, TaskConfig task)
    : net_(std::move(net)),
      config_(std::move(config)),
      shape_(QueryShapeOf(config_)),
      task_(task) {}

Result<std::unique_ptr<EmbeddedState>> NetworkQFunction::Embed(
    const Observation& observation) const {
  if (shape_.num_points > 0 && !observation.camera.valid()) {
    return Failed(
        "the network 'aligned' needs the camera's intrinsics and pose, and there are none");
  }
  QT_ASSIGN(const RgbImage image, Decode(observation.image));
  if (image.width_px != config_.image_width_px || image.height_px != config_.image_height_px) {
    return Failed("the image is " + std::to_string(image.width_px) + "x" +
                  std::to_string(image.height_px) + ", the network needs " +
                  std::to_string(config_.image_width_px) + "x" +
                  std::to_string(config_.image_height_px));
  }
  const torch::NoGradGuard no_grad;
  auto state = std::make_unique<NetworkState>();
  state->features = net_->Tower(ToTensor(image));
  state->observation = observation;
  state->observation.image = EncodedImage();
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
  for (int64_t i = 0; i < A; ++i) {
    WriteQuery(state.observation, actions[static_cast<size_t>(i)], task_, config_, {},
               grid.data_ptr<float>() + i * K * 2, scalars.data_ptr<float>() + i * S);
  }
  const torch::Tensor logits = net_->Head(state.features, grid, scalars);
  const torch::Tensor values = torch::sigmoid(logits).contiguous();
  std::copy_n(values.data_ptr<float>(), actions.size(), q.begin());
}

}  // namespace qt::qnet

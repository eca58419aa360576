#include "qnet/aligned_q_function.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace qt::qnet {
namespace {

struct AlignedState : EmbeddedState {
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

AlignedQFunction::AlignedQFunction(AlignedNet net, NetworkConfig config, TaskConfig task)
    : net_(std::move(net)), config_(std::move(config)), task_(task) {}

Result<std::unique_ptr<EmbeddedState>> AlignedQFunction::Embed(
    const Observation& observation) const {
  if (!observation.camera.valid()) {
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
  auto state = std::make_unique<AlignedState>();
  state->features = net_->Tower(ToTensor(image));
  state->observation = observation;
  state->observation.image = EncodedImage();
  return std::unique_ptr<EmbeddedState>(std::move(state));
}

void AlignedQFunction::Score(const EmbeddedState& embedded, std::span<const Action> actions,
                             std::span<float> q) const {
  QT_CHECK(actions.size() == q.size(), actions.size(), q.size());
  const auto& state = dynamic_cast<const AlignedState&>(embedded);
  const torch::NoGradGuard no_grad;
  const auto A = static_cast<int64_t>(actions.size());
  std::vector<float> grid(actions.size() * kNumPoints * 2), scalars(actions.size() * kNumScalars);
  for (size_t i = 0; i < actions.size(); ++i) {
    const AlignedQuery query = MakeQuery(state.observation, actions[i], task_, config_.state_input);
    StoreQuery(query, config_, &grid[i * kNumPoints * 2], &scalars[i * kNumScalars]);
  }
  const torch::Tensor logits =
      net_->Head(state.features, torch::from_blob(grid.data(), {1, A, kNumPoints, 2}),
                 torch::from_blob(scalars.data(), {1, A, kNumScalars}));
  const torch::Tensor values = torch::sigmoid(logits).contiguous();
  std::copy_n(values.data_ptr<float>(), actions.size(), q.begin());
}

}  // namespace qt::qnet

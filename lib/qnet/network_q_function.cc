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

// One of the states of a batch that went through the tower together.
struct NetworkState : EmbeddedState {
  Features features;  // of the whole batch
  int64_t index = 0;
  ObservedState observed;

  Features own() const {
    return {features.map_BChw.narrow(0, index, 1),
            features.mean_BC.defined() ? features.mean_BC.narrow(0, index, 1) : torch::Tensor()};
  }
};

// What the network sees of the images: image_BCHW in [-0.5, 0.5], channels last in memory.
torch::Tensor ToTensor(std::span<const RgbView> images, const NetworkConfig& config,
                       const View& view) {
  std::vector<torch::Tensor> images_HWC;
  for (const RgbView& image : images) {
    images_HWC.push_back(torch::from_blob(const_cast<uint8_t*>(image.rgb_HWC.data()),
                                          {image.height_px, image.width_px, 3}, torch::kUInt8)
                             .narrow(0, -view.shift_v_px, config.image_height_px)
                             .narrow(1, -view.shift_u_px, config.image_width_px));
  }
  const torch::Tensor image_BHWC =
      images.size() == 1 ? images_HWC[0].unsqueeze(0) : torch::stack(images_HWC);
  return image_BHWC.to(torch::kFloat32).mul_(1.0 / 255).sub_(0.5).permute({0, 3, 1, 2});
}

}  // namespace

NetworkQFunction::NetworkQFunction(NetworkPtr net, NetworkConfig config, TaskConfig task)
    : net_(std::move(net)),
      config_(config),
      shape_(config_.architecture->query),
      task_(task),
      device_(net_->parameters().front().device()) {}

Status NetworkQFunction::Check(const RgbView& image, const ObservedState& observed) const {
  if (shape_.num_points > 0 && !observed.camera.valid()) {
    return Failed("the network '" + config_.architecture.ToString() +
                  "' needs the camera's intrinsics and pose, and there are none");
  }
  const int width_px = RecordedWidth_px(config_), height_px = RecordedHeight_px(config_);
  if (image.width_px != width_px || image.height_px != height_px) {
    return Failed("the image is " + SizeText(image.width_px, image.height_px) +
                  ", the network needs " + SizeText(width_px, height_px));
  }
  return Ok();
}

Result<std::unique_ptr<EmbeddedState>> NetworkQFunction::EmbedImage(
    const RgbView& image, const ObservedState& observed) const {
  QT_ASSIGN(auto states, EmbedImages({&image, 1}, {&observed, 1}));
  return std::move(states[0]);
}

Result<std::vector<std::unique_ptr<EmbeddedState>>> NetworkQFunction::EmbedImages(
    std::span<const RgbView> images, std::span<const ObservedState> observed) const {
  for (size_t i = 0; i < images.size(); ++i) QT_TRY(Check(images[i], observed[i]));
  const torch::NoGradGuard no_grad;
  const Features features = net_->Tower(ToTensor(images, config_, CentreView(config_)).to(device_));
  std::vector<std::unique_ptr<EmbeddedState>> states;
  for (size_t i = 0; i < images.size(); ++i) {
    auto state = std::make_unique<NetworkState>();
    state->features = features;
    state->index = static_cast<int64_t>(i);
    state->observed = observed[i];
    states.push_back(std::move(state));
  }
  return states;
}

void NetworkQFunction::Score(const EmbeddedState& embedded, std::span<const Action> actions,
                             std::span<float> q) const {
  const auto& state = dynamic_cast<const NetworkState&>(embedded);
  const ObservedState* observed = &state.observed;
  const torch::NoGradGuard no_grad;
  ScoreBatch(state.own(), {&observed, 1}, actions, q);
}

void NetworkQFunction::ScoreAll(std::span<const std::unique_ptr<EmbeddedState>> states,
                                std::span<const Action> actions, std::span<float> q) const {
  const torch::NoGradGuard no_grad;
  std::vector<const ObservedState*> observed;
  std::vector<torch::Tensor> maps, means;
  bool whole_batch = true;  // in its order: then nothing needs to be gathered
  const auto& first = dynamic_cast<const NetworkState&>(*states[0]);
  for (size_t b = 0; b < states.size(); ++b) {
    const auto& state = dynamic_cast<const NetworkState&>(*states[b]);
    observed.push_back(&state.observed);
    whole_batch = whole_batch && state.features.map_BChw.is_same(first.features.map_BChw) &&
                  state.index == static_cast<int64_t>(b);
    const Features own = state.own();
    maps.push_back(own.map_BChw);
    if (own.mean_BC.defined()) means.push_back(own.mean_BC);
  }
  if (whole_batch && first.features.map_BChw.size(0) == static_cast<int64_t>(states.size())) {
    return ScoreBatch(first.features, observed, actions, q);
  }
  ScoreBatch({torch::cat(maps), means.empty() ? torch::Tensor() : torch::cat(means)}, observed,
             actions, q);
}

void NetworkQFunction::ScoreBatch(const Features& features,
                                  std::span<const ObservedState* const> observed,
                                  std::span<const Action> actions, std::span<float> q) const {
  QT_CHECK(actions.size() == q.size() && actions.size() % observed.size() == 0, actions.size(),
           q.size());
  const auto B = static_cast<int64_t>(observed.size());
  const int64_t A = static_cast<int64_t>(actions.size()) / B;
  const int64_t K = shape_.num_points, S = shape_.num_scalars;
  const torch::Tensor grid = torch::empty({B, A, K, 2}), scalars = torch::empty({B, A, S});
  const View view = CentreView(config_);
  for (int64_t row = 0; row < B * A; ++row) {
    config_.architecture->write_query(
        *observed[static_cast<size_t>(row / A)], actions[static_cast<size_t>(row)], task_, config_,
        view, grid.data_ptr<float>() + row * K * 2, scalars.data_ptr<float>() + row * S);
  }
  const torch::Tensor logits = net_->Head(features, grid.to(device_), scalars.to(device_));
  const torch::Tensor values = torch::sigmoid(logits).cpu().contiguous();
  std::copy_n(values.data_ptr<float>(), actions.size(), q.begin());
}

}  // namespace qt::qnet

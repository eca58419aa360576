// SPDX-License-Identifier: Apache-2.0
#include "train/batch.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "image/disturb.h"
#include "image/ops.h"

namespace qt::train {
namespace {

// One draw, used for everything about one state.
struct Augmentation {
  qnet::View view;
  float brightness = 0, contrast = 1, saturation = 1;
};

// Where the image lies along one axis of a recorded one with `room_px` to spare.
int DrawShift(int size_px, int room_px, RandomStream& rng) {
  if (room_px > 0) return -static_cast<int>(rng.Below(static_cast<uint64_t>(room_px) + 1));
  const int reach_px = size_px / 16;
  return static_cast<int>(rng.Below(static_cast<uint64_t>(2 * reach_px + 1))) - reach_px;
}

Augmentation Draw(const TrainConfig& config, RandomStream& rng) {
  const qnet::NetworkConfig& network = config.network;
  Augmentation a{qnet::CentreView(network)};
  if (!config.augment) return a;
  if (config.symmetry) {
    a.view.symmetry.mirror = rng.Chance(0.5);
    a.view.symmetry.half_turn = rng.Chance(0.5);
  }
  a.view.shift_u_px = DrawShift(network.image_width_px, RoomX_px(network), rng);
  a.view.shift_v_px = DrawShift(network.image_height_px, RoomY_px(network), rng);
  a.brightness = static_cast<float>(rng.Uniform(-0.125, 0.125));
  a.contrast = static_cast<float>(rng.Uniform(0.5, 1.5));
  a.saturation = static_cast<float>(rng.Uniform(0.5, 1.5));
  return a;
}

// Brightness, saturation and contrast in that order, as one affine map from bytes to about
// [-0.5, 0.5]: a grey value that all channels share, and each channel's own share and offset.
ColourMap MapOf(const Augmentation& a, const std::vector<uint8_t>& rgb_HWC) {
  const std::array<float, kRgbChannels> mean = MeanColour(rgb_HWC);
  const float own = a.contrast * a.saturation / 255;
  const float grey = a.contrast * (1 - a.saturation) / 255;
  ColourMap map;
  for (size_t c = 0; c < kRgbChannels; ++c) {
    map[c] = {0.299f * grey, 0.587f * grey, 0.114f * grey,
              a.brightness + (1 - a.contrast) * mean[c] - 0.5f};
    map[c][c] += own;
  }
  return map;
}

// What the network sees of an image: mirrored, then shifted (edges repeated).
std::vector<uint8_t> Place(const RgbImage& image, const qnet::NetworkConfig& network,
                           const qnet::View& view) {
  const int W = image.width_px, H = image.height_px;
  std::vector<size_t> from_byte(static_cast<size_t>(network.image_width_px));  // in its row
  for (int u = 0; u < network.image_width_px; ++u) {
    const int from_u = std::clamp(u - view.shift_u_px, 0, W - 1);
    from_byte[static_cast<size_t>(u)] =
        kRgbChannels * static_cast<size_t>(view.symmetry.mirror ? W - 1 - from_u : from_u);
  }
  std::vector<uint8_t> rgb_HWC(RgbBytes(network.image_width_px, network.image_height_px));
  uint8_t* out = rgb_HWC.data();
  for (int v = 0; v < network.image_height_px; ++v) {
    const int from_v = std::clamp(v - view.shift_v_px, 0, H - 1);
    const uint8_t* row = &image.rgb_HWC[RgbBytes(W, from_v)];
    for (const size_t from : from_byte) {
      for (size_t c = 0; c < kRgbChannels; ++c) *out++ = row[from + c];
    }
  }
  return rgb_HWC;
}

}  // namespace

Batch Batch::To(const torch::Device& device) const {
  return {image_BCHW.to(device), grid_BAK2.to(device), scalars_BAS.to(device), target_BA.to(device),
          weight_BA.to(device)};
}

Batch MakeBatch(const std::vector<TargetedState>& states, const TrainConfig& config,
                RandomStream& rng) {
  const auto B = static_cast<int64_t>(states.size());
  const auto [K, S] = config.network.architecture->query;
  const int64_t A = config.actions;
  const int64_t W = config.network.image_width_px, H = config.network.image_height_px;
  torch::Tensor image_BHWC = torch::empty({B, H, W, 3});
  Batch batch;
  batch.grid_BAK2 = torch::zeros({B, A, K, 2});
  batch.scalars_BAS = torch::zeros({B, A, S});
  batch.target_BA = torch::zeros({B, A});
  batch.weight_BA = torch::zeros({B, A});
  for (int64_t b = 0; b < B; ++b) {
    const TargetedState& state = states[static_cast<size_t>(b)];
    const RgbImage& image = state.sample.episode->images[state.sample.t];
    const ObservedState& observed = state.sample.episode->states[state.sample.t];
    QT_CHECK(image.width_px == RecordedWidth_px(config.network) &&
                 image.height_px == RecordedHeight_px(config.network),
             image.width_px, image.height_px, W, H);
    const Augmentation augmentation = Draw(config, rng);
    float* image_HWC = image_BHWC.data_ptr<float>() + b * H * W * 3;
    MapColours(Place(image, config.network, augmentation.view), MapOf(augmentation, image.rgb_HWC),
               -0.5f, 0.5f, image_HWC);
    if (config.disturbed_share > 0 && rng.Chance(config.disturbed_share)) {
      Disturb(static_cast<int>(W), static_cast<int>(H), rng, image_HWC);
    }
    const int64_t count = std::min<int64_t>(A, static_cast<int64_t>(state.actions.size()));
    for (int64_t a = 0; a < count; ++a) {
      const TargetedAction& targeted = state.actions[static_cast<size_t>(a)];
      const int64_t row = b * A + a;
      config.network.architecture->write_query(observed, targeted.action, config.task,
                                               config.network, augmentation.view,
                                               batch.grid_BAK2.data_ptr<float>() + row * K * 2,
                                               batch.scalars_BAS.data_ptr<float>() + row * S);
      batch.target_BA.data_ptr<float>()[row] = targeted.target;
      batch.weight_BA.data_ptr<float>()[row] = 1;
    }
  }
  batch.image_BCHW = image_BHWC.permute({0, 3, 1, 2});
  return batch;
}

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
// The configuration of a network, as it is stored in policies, checkpoints and run folders. Knows
// no LibTorch.
#pragma once

#include <cstdint>

#include "base/setting.h"
#include "base/status.h"
#include "json/json_fwd.h"
#include "qnet/aligned_query.h"
#include "qnet/architecture.h"

namespace qt::qnet {

struct NetworkConfig {
  ArchitectureName architecture;
  int image_width_px = 64;  // what the network sees
  int image_height_px = 64;
  // The recorded image that it is cut from: anywhere in training, the middle in use (paper App.
  // D.1). 0: the recorded image is what the network sees.
  int frame_width_px = 0;
  int frame_height_px = 0;
  // Widths of the compact networks: channels of the image tower (first layer half of it), layers of
  // the head.
  int tower_channels = 32;
  int head_width = 160;
  int head_width2 = 128;
  StateInput state_input = StateInput::kFull;
};

// The keys of `network` in every format.
template <class V>
void Visit(V&& visit, NetworkConfig& c) {
  visit("architecture", c.architecture,
        {"NAME",
         "how the action meets the image: read where the gripper projects (aligned), added to "
         "every cell (add), in a plain layer over both (mlp); or the paper's network "
         "(grasping44)"});
  visit("image_width_px", c.image_width_px, {"N", "width that the network sees", 16, 1024});
  visit("image_height_px", c.image_height_px, {"N", "height that the network sees", 16, 1024});
  visit("frame_width_px", c.frame_width_px, {"N", "width of the recorded image", 0, 4096});
  visit("frame_height_px", c.frame_height_px, {"N", "height of the recorded image", 0, 4096});
  visit("tower_channels", c.tower_channels, {"N", "channels of the image tower", 4, 512});
  visit("head_width", c.head_width, {"N", "width of the head's first layer", 4, 4096});
  visit("head_width2", c.head_width2, {"N", "width of the head's second layer", 4, 4096});
  visit("state_input", c.state_input, {"WHAT", "the proprioception that the network sees"});
}

// Pixels of the recorded image that are left over.
inline int RoomX_px(const NetworkConfig& config) {
  return config.frame_width_px > 0 ? config.frame_width_px - config.image_width_px : 0;
}
inline int RoomY_px(const NetworkConfig& config) {
  return config.frame_height_px > 0 ? config.frame_height_px - config.image_height_px : 0;
}
// Size of the recorded image.
inline int RecordedWidth_px(const NetworkConfig& config) {
  return config.image_width_px + RoomX_px(config);
}
inline int RecordedHeight_px(const NetworkConfig& config) {
  return config.image_height_px + RoomY_px(config);
}

// How the image that the network sees lies in the recorded one.
struct View {
  Symmetry symmetry;
  int shift_u_px = 0, shift_v_px = 0;  // added to positions, after mirroring
};
// The crop that is used outside of training: the middle.
inline View CentreView(const NetworkConfig& config) {
  return {{}, -(RoomX_px(config) / 2), -(RoomY_px(config) / 2)};
}

// Whether the architecture can be built with these sizes.
Status CheckNetwork(const NetworkConfig& config);

Json ToJson(const NetworkConfig& config);
// Fails on an unknown architecture, and on sizes that no sane network has.
Result<NetworkConfig> NetworkFromJson(const Json& json);
// Keys of older files under their present names: before 0.2 all compact networks were "aligned",
// and `merge` told them apart.
void UpgradeNetwork(Json& json);

}  // namespace qt::qnet

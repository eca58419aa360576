// The configuration of a network, as it is stored in a checkpoint.
#pragma once

#include <cstdint>
#include <string>

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
  StateInput state_input = StateInput::kFull;
  // Of the compact networks: channels of the image tower (first layer half of it), widths of the
  // head.
  int tower_channels = 32;
  int head_width = 160;
  int head_width2 = 128;
};

// "full", "paper", "image". Fails on any other text.
Result<StateInput> StateInputFrom(const std::string& name);

// Pixels of the recorded image that are left over.
inline int RoomX_px(const NetworkConfig& config) {
  return config.frame_width_px > 0 ? config.frame_width_px - config.image_width_px : 0;
}
inline int RoomY_px(const NetworkConfig& config) {
  return config.frame_height_px > 0 ? config.frame_height_px - config.image_height_px : 0;
}

// Sizes that the architecture can be built with.
Status CheckNetwork(const NetworkConfig& config);
Status CheckSize(const char* key, int value, int low, int high);

Json ToJson(const NetworkConfig& config);
// Fails on an unknown architecture, and on sizes that no sane network has.
Result<NetworkConfig> NetworkFromJson(const Json& json);

}  // namespace qt::qnet

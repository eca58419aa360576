// The configuration of a network, as it is stored in a checkpoint.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "json/json_fwd.h"
#include "qnet/aligned_query.h"

namespace qt::qnet {

inline constexpr char kAligned[] = "aligned";        // the compact networks
inline constexpr char kGrasping44[] = "grasping44";  // the paper's

// How the action meets the image in a compact network (docs/ABLATIONS.md, "Merge").
enum class Merge : uint8_t {
  kAligned,  // the map is read where the commanded gripper pose projects into the image
  kAdd,      // the paper's: a vector added to every cell of the map, then convolutions
  kMlp,      // the pooled map beside the action in a layer
};

struct NetworkConfig {
  std::string architecture = kAligned;
  int image_width_px = 64;  // what the network sees
  int image_height_px = 64;
  // The recorded image that it is cut from: anywhere in training, the middle in use (paper App.
  // D.1). 0: the recorded image is what the network sees.
  int frame_width_px = 0;
  int frame_height_px = 0;
  StateInput state_input = StateInput::kFull;
  // aligned: the merge, channels of the image tower (first layer half of it), widths of the head.
  Merge merge = Merge::kAligned;
  int tower_channels = 32;
  int head_width = 160;
  int head_width2 = 128;
};

// "full", "paper", "image"; "aligned", "add", "mlp". Fails on any other text.
Result<StateInput> StateInputFrom(const std::string& name);
Result<Merge> MergeFrom(const std::string& name);

// Pixels of the recorded image that are left over.
inline int RoomX_px(const NetworkConfig& config) {
  return config.frame_width_px > 0 ? config.frame_width_px - config.image_width_px : 0;
}
inline int RoomY_px(const NetworkConfig& config) {
  return config.frame_height_px > 0 ? config.frame_height_px - config.image_height_px : 0;
}

// Sizes that the architecture can be built with.
Status CheckNetwork(const NetworkConfig& config);

Json ToJson(const NetworkConfig& config);
// Fails on an unknown architecture, and on sizes that no sane network has.
Result<NetworkConfig> NetworkFromJson(const Json& json);

}  // namespace qt::qnet

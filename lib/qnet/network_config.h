// The configuration of a network, as it is stored in a checkpoint.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "qnet/aligned_query.h"
#include "record/json.h"

namespace qt::qnet {

inline constexpr char kAligned[] = "aligned";

// How the action meets the image in a compact network (rl.md's ablation A1).
enum class Merge : uint8_t {
  kAligned,  // the map is read where the commanded gripper pose projects into the image
  kAdd,      // the paper's: a vector added to every cell of the map, then convolutions
  kMlp,      // the pooled map beside the action in a layer
};

struct NetworkConfig {
  std::string architecture = kAligned;
  int image_width_px = 64;
  int image_height_px = 64;
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

Json ToJson(const NetworkConfig& config);
// Fails on an unknown architecture, and on sizes that no sane network has.
Result<NetworkConfig> NetworkFromJson(const Json& json);

}  // namespace qt::qnet

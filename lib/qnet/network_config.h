// The configuration of a network, as it is stored in a checkpoint.
#pragma once

#include <string>

#include "base/status.h"
#include "qnet/aligned_query.h"
#include "record/json.h"

namespace qt::qnet {

inline constexpr char kAligned[] = "aligned";

struct NetworkConfig {
  std::string architecture = kAligned;
  int image_width_px = 64;
  int image_height_px = 64;
  StateInput state_input = StateInput::kFull;
  // aligned: channels of the image tower (first layer half of it) and widths of the head.
  int tower_channels = 32;
  int head_width = 160;
  int head_width2 = 128;
};

Json ToJson(const NetworkConfig& config);
// Fails on an unknown architecture, and on sizes that no sane network has.
Result<NetworkConfig> NetworkFromJson(const Json& json);

}  // namespace qt::qnet

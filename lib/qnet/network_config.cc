#include "qnet/network_config.h"

#include <array>
#include <utility>

namespace qt::qnet {
namespace {

constexpr std::array<std::pair<StateInput, const char*>, 3> kStateInputs = {
    {{StateInput::kFull, "full"}, {StateInput::kPaper, "paper"}, {StateInput::kImage, "image"}}};

Result<StateInput> StateInputFrom(const std::string& name) {
  for (const auto& [value, known] : kStateInputs) {
    if (name == known) return value;
  }
  return Corrupt("unknown state_input '" + name + "'");
}

Status CheckSize(const char* key, int value, int low, int high) {
  if (value >= low && value <= high) return Ok();
  return Corrupt(std::string(key) + " is " + std::to_string(value) + ", not within " +
                 std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

Json ToJson(const NetworkConfig& config) {
  Json json = {
      {"architecture", config.architecture},       {"image_width_px", config.image_width_px},
      {"image_height_px", config.image_height_px}, {"tower_channels", config.tower_channels},
      {"head_width", config.head_width},           {"head_width2", config.head_width2}};
  for (const auto& [value, name] : kStateInputs) {
    if (value == config.state_input) json["state_input"] = name;
  }
  return json;
}

Result<NetworkConfig> NetworkFromJson(const Json& json) {
  NetworkConfig config;
  std::string state_input = "full";
  try {
    config.architecture = json.at("architecture").get<std::string>();
    if (config.architecture != kAligned) {
      return Corrupt("the network architecture '" + config.architecture +
                     "' is not one that this version knows (aligned)");
    }
    const auto read = [&json](const char* key, auto& value) { value = json.value(key, value); };
    read("image_width_px", config.image_width_px);
    read("image_height_px", config.image_height_px);
    read("tower_channels", config.tower_channels);
    read("head_width", config.head_width);
    read("head_width2", config.head_width2);
    read("state_input", state_input);
  } catch (const Json::exception& error) {
    return Corrupt(std::string("the network configuration is malformed: ") + error.what());
  }
  QT_ASSIGN(config.state_input, StateInputFrom(state_input));
  QT_TRY(CheckSize("image_width_px", config.image_width_px, 16, 1024));
  QT_TRY(CheckSize("image_height_px", config.image_height_px, 16, 1024));
  QT_TRY(CheckSize("tower_channels", config.tower_channels, 4, 512));
  QT_TRY(CheckSize("head_width", config.head_width, 4, 4096));
  QT_TRY(CheckSize("head_width2", config.head_width2, 4, 4096));
  return config;
}

}  // namespace qt::qnet

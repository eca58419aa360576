#include "qnet/network_config.h"

#include <array>
#include <utility>

#include "json/json.h"

namespace qt::qnet {
namespace {

// Smaller ones leave nothing for the last convolutions.
constexpr int kGrasping44MinSide_px = 218;

constexpr std::array<std::pair<StateInput, const char*>, 3> kStateInputs = {
    {{StateInput::kFull, "full"}, {StateInput::kPaper, "paper"}, {StateInput::kImage, "image"}}};

constexpr std::array<std::pair<Merge, const char*>, 3> kMerges = {
    {{Merge::kAligned, "aligned"}, {Merge::kAdd, "add"}, {Merge::kMlp, "mlp"}}};

template <typename Names>
auto ValueOf(const Names& names, const char* key, const std::string& name)
    -> Result<typename Names::value_type::first_type> {
  for (const auto& [value, known] : names) {
    if (name == known) return value;
  }
  return Corrupt(std::string("unknown ") + key + " '" + name + "'");
}

template <typename Names, typename Value>
std::string NameOf(const Names& names, Value wanted) {
  for (const auto& [value, name] : names) {
    if (value == wanted) return name;
  }
  return "";
}

Status CheckSize(const char* key, int value, int low, int high) {
  if (value >= low && value <= high) return Ok();
  return Corrupt(std::string(key) + " is " + std::to_string(value) + ", not within " +
                 std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

Result<StateInput> StateInputFrom(const std::string& name) {
  return ValueOf(kStateInputs, "state_input", name);
}

Result<Merge> MergeFrom(const std::string& name) { return ValueOf(kMerges, "merge", name); }

Status CheckNetwork(const NetworkConfig& config) {
  const bool is_paper = config.architecture == kGrasping44;
  const int smallest_px = is_paper ? kGrasping44MinSide_px : 16;
  QT_TRY(CheckSize("image_width_px", config.image_width_px, smallest_px, 1024));
  QT_TRY(CheckSize("image_height_px", config.image_height_px, smallest_px, 1024));
  if (is_paper && (config.image_width_px % 2 != 0 || config.image_height_px % 2 != 0)) {
    return Corrupt("grasping44 needs an even number of pixels on each side of the image");
  }
  if (config.frame_width_px != 0 || config.frame_height_px != 0) {
    QT_TRY(CheckSize("frame_width_px", config.frame_width_px, config.image_width_px, 4096));
    QT_TRY(CheckSize("frame_height_px", config.frame_height_px, config.image_height_px, 4096));
  }
  QT_TRY(CheckSize("tower_channels", config.tower_channels, 4, 512));
  QT_TRY(CheckSize("head_width", config.head_width, 4, 4096));
  return CheckSize("head_width2", config.head_width2, 4, 4096);
}

Json ToJson(const NetworkConfig& config) {
  return {{"architecture", config.architecture},
          {"image_width_px", config.image_width_px},
          {"frame_width_px", config.frame_width_px},
          {"frame_height_px", config.frame_height_px},
          {"image_height_px", config.image_height_px},
          {"tower_channels", config.tower_channels},
          {"head_width", config.head_width},
          {"head_width2", config.head_width2},
          {"state_input", NameOf(kStateInputs, config.state_input)},
          {"merge", NameOf(kMerges, config.merge)}};
}

Result<NetworkConfig> NetworkFromJson(const Json& json) {
  NetworkConfig config;
  std::string state_input = "full", merge = "aligned";
  try {
    config.architecture = json.at("architecture").get<std::string>();
    if (config.architecture != kAligned && config.architecture != kGrasping44) {
      return Corrupt("the network architecture '" + config.architecture +
                     "' is not one that this version knows (aligned, grasping44)");
    }
    const auto read = [&json](const char* key, auto& value) { value = json.value(key, value); };
    read("image_width_px", config.image_width_px);
    read("image_height_px", config.image_height_px);
    read("frame_width_px", config.frame_width_px);
    read("frame_height_px", config.frame_height_px);
    read("tower_channels", config.tower_channels);
    read("head_width", config.head_width);
    read("head_width2", config.head_width2);
    read("state_input", state_input);
    read("merge", merge);
  } catch (const Json::exception& error) {
    return Corrupt(std::string("the network configuration is malformed: ") + error.what());
  }
  QT_ASSIGN(config.state_input, StateInputFrom(state_input));
  QT_ASSIGN(config.merge, MergeFrom(merge));
  QT_TRY(CheckNetwork(config));
  return config;
}

}  // namespace qt::qnet

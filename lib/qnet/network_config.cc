#include "qnet/network_config.h"

#include <array>
#include <utility>

#include "json/json.h"

namespace qt::qnet {
namespace {

constexpr std::array<std::pair<StateInput, const char*>, 3> kStateInputs = {
    {{StateInput::kFull, "full"}, {StateInput::kPaper, "paper"}, {StateInput::kImage, "image"}}};

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

}  // namespace

Result<StateInput> StateInputFrom(const std::string& name) {
  return ValueOf(kStateInputs, "state_input", name);
}

Status CheckSize(const char* key, int value, int low, int high) {
  if (value >= low && value <= high) return Ok();
  return Corrupt(std::string(key) + " is " + std::to_string(value) + ", not within " +
                 std::to_string(low) + " to " + std::to_string(high));
}

Status CheckNetwork(const NetworkConfig& config) {
  QT_TRY(CheckSize("image_width_px", config.image_width_px, 1, 1024));
  QT_TRY(CheckSize("image_height_px", config.image_height_px, 1, 1024));
  if (config.frame_width_px != 0 || config.frame_height_px != 0) {
    QT_TRY(CheckSize("frame_width_px", config.frame_width_px, config.image_width_px, 4096));
    QT_TRY(CheckSize("frame_height_px", config.frame_height_px, config.image_height_px, 4096));
  }
  return config.architecture->check(config);
}

Json ToJson(const NetworkConfig& config) {
  return {{"architecture", config.architecture.ToString()},
          {"image_width_px", config.image_width_px},
          {"frame_width_px", config.frame_width_px},
          {"frame_height_px", config.frame_height_px},
          {"image_height_px", config.image_height_px},
          {"tower_channels", config.tower_channels},
          {"head_width", config.head_width},
          {"head_width2", config.head_width2},
          {"state_input", NameOf(kStateInputs, config.state_input)}};
}

// Files before 0.2 call all compact networks "aligned" and tell them apart by "merge".
std::string ArchitectureIn(const Json& json) {
  const std::string name = json.at("architecture").get<std::string>();
  return name == "aligned" ? json.value("merge", name) : name;
}

Result<NetworkConfig> NetworkFromJson(const Json& json) {
  NetworkConfig config;
  std::string architecture, state_input = "full";
  try {
    architecture = ArchitectureIn(json);
    const auto read = [&json](const char* key, auto& value) { value = json.value(key, value); };
    read("image_width_px", config.image_width_px);
    read("image_height_px", config.image_height_px);
    read("frame_width_px", config.frame_width_px);
    read("frame_height_px", config.frame_height_px);
    read("tower_channels", config.tower_channels);
    read("head_width", config.head_width);
    read("head_width2", config.head_width2);
    read("state_input", state_input);
  } catch (const Json::exception& error) {
    return Corrupt(std::string("the network configuration is malformed: ") + error.what());
  }
  Result<ArchitectureName> named = ArchitectureName::Parse(architecture);
  if (!named.ok()) return Corrupt("the network architecture " + named.status().message());
  config.architecture = *named;
  QT_ASSIGN(config.state_input, StateInputFrom(state_input));
  QT_TRY(CheckNetwork(config));
  return config;
}

}  // namespace qt::qnet

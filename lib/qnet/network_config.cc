// SPDX-License-Identifier: Apache-2.0
#include "qnet/network_config.h"

#include "json/json.h"
#include "json/settings.h"

namespace qt::qnet {

Status CheckNetwork(const NetworkConfig& config) {
  NetworkConfig copy;
  QT_TRY(json::Read(json::Write(config), &copy));  // every field within its range
  if (RoomX_px(config) < 0 || RoomY_px(config) < 0) {
    return Corrupt("the network sees more than the recorded image has");
  }
  return config.architecture->check ? config.architecture->check(config) : Ok();
}

Json ToJson(const NetworkConfig& config) { return json::Write(config); }

void UpgradeNetwork(Json& json) {
  if (!json.is_object() || !json.contains("merge")) return;
  if (json.value("architecture", Json()) == "aligned") json["architecture"] = json["merge"];
  json.erase("merge");
}

Result<NetworkConfig> NetworkFromJson(const Json& json) {
  Json now = json;
  UpgradeNetwork(now);
  if (!now.is_object() || !now.contains("architecture")) {
    return Corrupt("the network has no architecture");
  }
  NetworkConfig config;
  const Status read = json::Read(now, &config);
  if (!read.ok()) return Corrupt("the network's " + read.message());
  QT_TRY(CheckNetwork(config));
  return config;
}

}  // namespace qt::qnet

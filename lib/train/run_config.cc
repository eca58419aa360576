// SPDX-License-Identifier: Apache-2.0
#include "train/run_config.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "json/settings.h"

namespace qt::train {
namespace {

constexpr char kHistory[] = "history";
// Beside the network's.
constexpr std::array<std::string_view, 2> kFixed = {"crop", "optimizer"};

// Keys of run folders before 0.2.
void Upgrade(Json& json) {
  if (json.contains("bootstrap") && !json.contains("targets")) {
    json["targets"] = json["bootstrap"] == false ? "returns" : "bellman";
  }
  const auto network = json.find("network");
  if (network == json.end()) return;
  qnet::UpgradeNetwork(*network);
  const bool is_cropped = network->is_object() && network->value("frame_width_px", Json(0)) != 0;
  if (is_cropped && !json.contains("crop")) json["crop"] = network->value("image_width_px", Json());
}

void AddChanges(const Json& from, const Json& to, Json* changes) {
  for (const auto& [name, value] : to.items()) {
    const Json before = from.contains(name) ? from[name] : Json();
    if (value.is_object() && before.is_object()) {
      AddChanges(before, value, changes);
    } else if (value != before) {
      (*changes)[name] = {{"from", before}, {"to", value}};
    }
  }
  for (const auto& [name, value] : from.items()) {  // an optional that has no value any more
    if (!to.contains(name)) (*changes)[name] = {{"from", value}, {"to", nullptr}};
  }
}

std::string FlagOf(std::string name) {
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

}  // namespace

Result<RunConfig> RunConfigFromJson(const Json& json) {
  if (!json.is_object()) return Corrupt("this is not a JSON object");
  Json now = json;
  Upgrade(now);
  RunConfig config;
  QT_TRY(json::Read(now, &config));
  QT_TRY(qnet::CheckNetwork(config.train.network));
  return config;
}

Status CheckChanges(const RunConfig& run, const RunConfig& given) {
  const auto network = Differences(run.train.network, given.train.network);
  for (const Difference& each : Differences(run, given)) {
    const bool of_network = std::ranges::count(network, each.name, &Difference::name) > 0;
    if (!of_network && std::ranges::count(kFixed, each.name) == 0) continue;
    const std::vector<Field> fields = FieldsOf(run);
    return Usage(FlagOf(each.name) + " cannot change within a run: it is " +
                 TextOf(FindField(fields, each.name)->target) + ", not " + each.texts.front() +
                 "; start a new one in another folder");
  }
  return Ok();
}

Json ChangesOf(const RunConfig& run, const RunConfig& given) {
  Json changes = Json::object();
  AddChanges(json::Write(run), json::Write(given), &changes);
  changes.erase("steps");
  return changes;
}

Json ConfigWithHistory(const Json& before, const RunConfig& now, int64_t step,
                       const std::string& tool, double time_s) {
  Json changes = Json::object();
  if (const auto run = RunConfigFromJson(before); run.ok()) changes = ChangesOf(*run, now);
  Json config = json::Write(now);
  Json& history = config[kHistory] = Json::array();
  if (before.is_object() && before.contains(kHistory)) history = before[kHistory];
  if (!history.empty() && changes.empty()) return config;
  history.push_back({{"step", step}, {"time_s", time_s}, {"tool", tool}, {"changed", changes}});
  return config;
}

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
#include "train/run_config.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "json/settings.h"

namespace qt::train {
namespace {

constexpr char kHistory[] = "history";
// What cannot change within a run, beside what the weights depend on.
constexpr std::array<std::string_view, 3> kFixed = {"optimizer", "init", "init_network"};

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

std::string TextOrNone(const std::string& text) { return text.empty() ? "not given" : text; }

template <Configured C>
Misfit MisfitOf(const C& learned, const Difference& difference) {
  const std::vector<Field> fields = FieldsOf(learned);
  return {FlagOf(difference.name), TextOrNone(TextOf(FindField(fields, difference.name)->target)),
          TextOrNone(difference.texts.front())};
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

std::optional<Misfit> FindMisfit(const TrainConfig& learned, const TrainConfig& given) {
  if (learned.crop != given.crop) {
    return Misfit{"--crop", std::to_string(learned.crop), std::to_string(given.crop)};
  }
  const auto network = Differences(learned.network, given.network);
  if (network.empty()) return std::nullopt;
  return MisfitOf(learned.network, network.front());
}

Status CheckChanges(const RunConfig& run, const RunConfig& given) {
  std::optional<Misfit> change = FindMisfit(run.train, given.train);
  for (const Difference& each : Differences(run, given)) {
    if (!change && std::ranges::count(kFixed, each.name) > 0) change = MisfitOf(run, each);
  }
  if (!change) return Ok();
  return Usage(change->flag + " cannot change within a run: it is " + change->learned + ", not " +
               change->given + "; start a new one in another folder");
}

Json ChangesOf(const RunConfig& run, const RunConfig& given) {
  Json changes = Json::object();
  AddChanges(json::Write(run), json::Write(given), &changes);
  changes.erase("steps");
  return changes;
}

Json ConfigWithHistory(const Json& before, const RunConfig& now, int64_t step,
                       const std::string& tool, const std::string& command_line, double time_s) {
  Json changes = Json::object();
  if (const auto run = RunConfigFromJson(before); run.ok()) changes = ChangesOf(*run, now);
  Json config = json::Write(now);
  Json& history = config[kHistory] = Json::array();
  if (before.is_object() && before.contains(kHistory)) history = before[kHistory];
  if (!history.empty() && changes.empty()) return config;
  history.push_back({{"step", step},
                     {"time_s", time_s},
                     {"tool", tool},
                     {"command_line", command_line},
                     {"changed", changes}});
  return config;
}

}  // namespace qt::train

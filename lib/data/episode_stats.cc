// SPDX-License-Identifier: Apache-2.0
#include "data/episode_stats.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "data/episode_numbers.h"
#include "json/json.h"

namespace qt::data {
namespace {

constexpr size_t kNameWidth = 26;
constexpr std::array<const char*, 6> kStateNames = {"opening", "height_m", "x_m",
                                                    "y_m",     "yaw_rad",  "measured_opening_m"};
struct NamedQuantile {
  const char* name;
  double q;
};
constexpr std::array<NamedQuantile, 5> kQuantiles = {
    {{"p05", 0.05}, {"p25", 0.25}, {"median", 0.5}, {"p75", 0.75}, {"p95", 0.95}}};

std::array<double, 6> StateNumbers(const GripperState& g) {
  return {g.opening, g.height_m, g.x_m, g.y_m, g.yaw_rad, g.measured_opening_m};
}

const char* NameOf(ActionKind kind) {
  switch (kind) {
    case ActionKind::kMove:
      return "move";
    case ActionKind::kOpen:
      return "open";
    case ActionKind::kClose:
      return "close";
    case ActionKind::kTerminate:
      break;
  }
  return "terminate";
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

std::string Row(const std::string& name, const Distribution& values) {
  return Padded(name, kNameWidth) + values.ToText() + "\n";
}

std::string CountsText(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

uint64_t Agreed(const stats::PairedTable& table) { return table.both + table.neither; }

}  // namespace

void Distribution::Add(double value) {
  if (std::isnan(value)) return;
  series_.Add(value);
  if (sample_.size() < kSampleSize) return sample_.push_back(value);
  // Algorithm R: every value of the series is in the sample with the same probability.
  const uint64_t place = random_.Below(series_.count());
  if (place < kSampleSize) sample_[place] = value;
}

double Distribution::Quantile(double q) const {
  std::vector<double> sorted = sample_;
  std::sort(sorted.begin(), sorted.end());
  const double place = q * double(sorted.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - double(low)) * (sorted[high] - sorted[low]);
}

Json Distribution::ToJson() const {
  Json json = {{"count", count()}};
  if (count() == 0) return json;
  json["mean"] = series_.mean();
  json["stddev"] = series_.stddev();
  json["min"] = series_.min();
  for (const NamedQuantile& quantile : kQuantiles) json[quantile.name] = Quantile(quantile.q);
  json["max"] = series_.max();
  return json;
}

std::string Distribution::ToText() const {
  if (count() == 0) return "        -";
  std::string text;
  const auto put = [&](double value) {
    char number[32];
    std::snprintf(number, sizeof number, "%9.4g", value);
    text += (text.empty() ? "" : " ") + std::string(number);
  };
  put(series_.mean());
  put(series_.stddev());
  put(series_.min());
  for (const NamedQuantile& quantile : kQuantiles) put(Quantile(quantile.q));
  put(series_.max());
  return text;
}

EpisodeStats::EpisodeStats() {
  for (const char* name : kActionNames) action_.push_back({name, {}});
  for (const char* name : kStateNames) state_.push_back({name, {}});
}

void EpisodeStats::AddStep(const Step& step) {
  const ActionNumbers action = step.action.ToArray();
  for (size_t i = 0; i < action.size(); ++i) action_[i].values.Add(action[i]);
  const std::array<double, 6> state = StateNumbers(step.observation.gripper);
  for (size_t i = 0; i < state.size(); ++i) state_[i].values.Add(state[i]);
  q_value_.Add(step.q_value);
  image_bytes_.Add(double(step.observation.image.bytes.size()));
  ++kinds_[NameOf(step.action.Kind())];
  ++sources_[ToString(step.source)];
}

// The newest label of every source against that of every other.
void EpisodeStats::AddAgreement(const Episode& episode) {
  std::map<std::string, const Label*> newest;
  for (const Label& label : episode.labels) {
    const Label*& best = newest[label.source];
    if (best == nullptr || label.revision >= best->revision) best = &label;
  }
  for (auto a = newest.begin(); a != newest.end(); ++a) {
    for (auto b = std::next(a); b != newest.end(); ++b) {
      agreement_[{a->first, b->first}].Add(a->second->success, b->second->success);
    }
  }
}

void EpisodeStats::Add(const Episode& episode, const Label* label) {
  ++episodes_;
  steps_.Add(double(episode.steps.size()));
  for (const Step& step : episode.steps) AddStep(step);
  AddAgreement(episode);
  if (label == nullptr) return;
  ++labelled_;
  successes_ += label->success;
  return_.Add(ReturnOf(*label));
  confidence_.Add(label->confidence);
}

Json EpisodeStats::ToJson() const {
  Json action = Json::object(), state = Json::object(), agreement = Json::array();
  for (const Named& named : action_) action[named.name] = named.values.ToJson();
  for (const Named& named : state_) state[named.name] = named.values.ToJson();
  for (const auto& [pair, table] : agreement_) {
    agreement.push_back({{"first", pair.first},
                         {"second", pair.second},
                         {"episodes", table.total()},
                         {"rate", double(Agreed(table)) / double(table.total())},
                         {"both", table.both},
                         {"only_first", table.only_first},
                         {"only_second", table.only_second},
                         {"neither", table.neither}});
  }
  Json success = {{"labelled", labelled_}, {"count", successes_}, {"rate", nullptr}};
  if (labelled_ > 0) {
    const stats::Rate rate = stats::MakeRate(successes_, labelled_);
    success["rate"] = rate.rate;
    success["interval"] = {rate.interval.low, rate.interval.high};
  }
  return {{"episodes", episodes_},
          {"success", success},
          {"steps", steps_.ToJson()},
          {"return", return_.ToJson()},
          {"confidence", confidence_.ToJson()},
          {"q_value", q_value_.ToJson()},
          {"action", action},
          {"action_kinds", kinds_},
          {"action_sources", sources_},
          {"state", state},
          {"image_bytes", image_bytes_.ToJson()},
          {"agreement", agreement}};
}

std::string EpisodeStats::ToText() const {
  std::string text = Padded("episodes", kNameWidth) + std::to_string(episodes_) + "\n";
  char line[200];
  if (labelled_ > 0) {
    const stats::Rate rate = stats::MakeRate(successes_, labelled_);
    std::snprintf(line, sizeof line, "%.1f %% [%.1f, %.1f] of %llu labelled\n", 100 * rate.rate,
                  100 * rate.interval.low, 100 * rate.interval.high,
                  static_cast<unsigned long long>(labelled_));
    text += Padded("success", kNameWidth) + line;
  }
  text += Padded("action kinds", kNameWidth) + CountsText(kinds_) + "\n";
  text += Padded("action sources", kNameWidth) + CountsText(sources_) + "\n";
  for (const auto& [pair, table] : agreement_) {
    std::snprintf(line, sizeof line, "%.1f %% of ",
                  100 * double(Agreed(table)) / double(table.total()));
    text += Padded("agreement", kNameWidth) + line + std::to_string(table.total()) +
            ", a success only by " + pair.first + ": " + std::to_string(table.only_first) +
            ", only by " + pair.second + ": " + std::to_string(table.only_second) + "\n";
  }
  text +=
      "\n" + Padded("", kNameWidth) +
      "     mean    stddev       min       p05       p25    median       p75       p95       max\n";
  text += Row("steps", steps_) + Row("return", return_) + Row("confidence", confidence_) +
          Row("q_value", q_value_);
  for (const Named& named : action_) text += Row("action." + named.name, named.values);
  for (const Named& named : state_) text += Row("state." + named.name, named.values);
  return text + Row("image_bytes", image_bytes_);
}

}  // namespace qt::data

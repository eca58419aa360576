// SPDX-License-Identifier: Apache-2.0
#include "data/episode_info.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/number_text.h"
#include "base/setting.h"
#include "base/text.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "stats/interval.h"

namespace qt::data {
namespace {

Json CountsToJson(const std::map<std::string, uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

std::string CountsToText(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + Printable(name) + " " + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

std::string Line(const std::string& name, const std::string& value) {
  return name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + Printable(value) + "\n";
}

// Success of `total` labelled episodes.
Json RateToJson(uint64_t success, uint64_t total) {
  Json json = {{"rate", nullptr}, {"count", success}, {"interval", nullptr}};
  if (total == 0) return json;
  const stats::Rate rate = stats::MakeRate(success, total);
  json["rate"] = rate.rate;
  json["interval"] = {rate.interval.low, rate.interval.high};
  return json;
}

std::string RateToText(uint64_t success, uint64_t total) {
  if (total == 0) return "-";
  const stats::Rate rate = stats::MakeRate(success, total);
  char text[80];
  std::snprintf(text, sizeof text, "%.1f %% [%.1f, %.1f]", 100 * rate.rate, 100 * rate.interval.low,
                100 * rate.interval.high);
  return text;
}

std::string TimeText(int64_t stamp_ns) {
  const auto seconds = static_cast<std::time_t>(stamp_ns / 1'000'000'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string BytesText(uint64_t bytes) {
  char text[40];
  const double mb = double(bytes) * 1e-6;
  std::snprintf(text, sizeof text, mb < 0.1 ? "%.3f MB" : "%.1f MB", mb);
  return text;
}

// Command lines of the lineage; the same one by several runs is counted.
std::string LineageText(const std::vector<episodes::Program>& programs) {
  std::vector<std::pair<std::string, int>> lines;
  for (const episodes::Program& program : programs) {
    const auto found = program.find("command_line");
    if (found == program.end()) continue;
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&](const auto& line) { return line.first == found->second; });
    if (same == lines.end()) {
      lines.emplace_back(found->second, 1);
    } else {
      ++same->second;
    }
  }
  std::string text;
  for (const auto& [line, count] : lines) {
    text += Line("made by", line + (count > 1 ? " (" + std::to_string(count) + " times)" : ""));
  }
  return text;
}

}  // namespace

void EpisodeInfo::AddLabels(const Episode& episode, const Label* label) {
  unlabelled_ += episode.labels.empty();
  std::set<std::string> sources;
  for (const Label& l : episode.labels) sources.insert(l.source);
  for (const std::string& source : sources) {
    Count& count = sources_[source];
    ++count.labelled;
    const auto newest = [&](const Label* best, const Label& l) {
      return l.source == source && (best == nullptr || l.revision >= best->revision) ? &l : best;
    };
    const Label* best = nullptr;
    for (const Label& l : episode.labels) best = newest(best, l);
    count.success += best->success;
  }
  const Json config = json::ParseObjectOrNone(episode.env_config);
  const Json objects = config.value("objects", Json());
  const std::string set = objects.is_string() ? objects.get<std::string>() : "";
  for (Count* count : {&counting_, &policies_[episode.policy], &objects_[set]}) {
    ++count->episodes;
    count->labelled += label != nullptr;
    count->success += label != nullptr && label->success;
  }
}

void EpisodeInfo::AddRound(const Episode& episode, const Label* label) {
  const auto [entry, is_new] =
      round_of_.try_emplace({episode.policy, episode.policy_digest}, rounds_.size());
  if (is_new) {
    rounds_.push_back(
        {episode.policy, episode.policy_digest, episode.stamp_ns, episode.stamp_ns, {}});
  }
  Round& round = rounds_[entry->second];
  round.first_ns = std::min(round.first_ns, episode.stamp_ns);
  round.last_ns = std::max(round.last_ns, episode.stamp_ns);
  ++round.count.episodes;
  round.count.labelled += label != nullptr;
  round.count.success += label != nullptr && label->success;
}

std::vector<EpisodeInfo::Round> EpisodeInfo::RoundsInTime() const {
  std::vector<Round> rounds = rounds_;
  std::ranges::stable_sort(rounds, {}, &Round::first_ns);
  return rounds;
}

// The learning curve. Policies that follow on each other share a line where there are too many.
std::string EpisodeInfo::RoundsText() const {
  constexpr size_t kMaxLines = 20;
  const std::vector<Round> rounds = RoundsInTime();
  if (rounds.size() == policies_.size()) return "";  // each policy was one file
  const size_t each = (rounds.size() + kMaxLines - 1) / kMaxLines;
  std::string text;
  for (size_t i = 0; i < rounds.size(); i += each) {
    Count sum;
    const size_t end = std::min(rounds.size(), i + each);
    for (size_t j = i; j < end; ++j) {
      sum.episodes += rounds[j].count.episodes;
      sum.labelled += rounds[j].count.labelled;
      sum.success += rounds[j].count.success;
    }
    const std::string name = rounds[i].policy.empty() ? "-" : rounds[i].policy;
    const std::string which = end - i > 1 ? std::to_string(end - i) + " policies"
                              : rounds[i].digest.empty()
                                  ? name
                                  : name + " " + rounds[i].digest.substr(0, 12);
    const std::string number = std::to_string(i + 1);
    text += Line("round " + (end - i > 1 ? number + "-" + std::to_string(end) : number),
                 TimeText(rounds[i].first_ns) + " " + which + ", " + std::to_string(sum.episodes) +
                     ", success " + RateToText(sum.success, sum.labelled));
  }
  return text;
}

void EpisodeInfo::AddTimes(const Episode& episode) {
  const int64_t end_ns = episode.steps.empty() ? episode.stamp_ns : episode.steps.back().stamp_ns;
  first_ns_ = episodes_ == 1 ? episode.stamp_ns : std::min(first_ns_, episode.stamp_ns);
  last_ns_ = episodes_ == 1 ? end_ns : std::max(last_ns_, end_ns);
}

void EpisodeInfo::Add(const episodes::StoredEpisode& stored, const Label* label) {
  const Episode& episode = stored.episode;
  ++episodes_;
  steps_ += episode.steps.size();
  decoded_bytes_ += stored.records.size();
  duplicates_ += episode.content_hash != 0 && !hashes_.insert(episode.content_hash).second;
  ++end_reasons_[ToString(episode.end_reason)];
  ++tasks_[episode.task];
  runs_.insert(episode.run_id);
  for (const Step& step : episode.steps) {
    const EncodedImage& image = step.observation.image;
    const std::string encoding(EnumName(image.encoding));
    ++images_[encoding + " " + SizeText(image.width_px, image.height_px)];
  }
  AddLabels(episode, label);
  AddRound(episode, label);
  AddTimes(episode);
}

Json EpisodeInfo::ToJson(const episodes::EpisodeStream& stream, uint64_t left_out) const {
  Json labels = Json::object(), success_by_policy = Json::object(), policies = Json::object();
  for (const auto& [source, count] : sources_) {
    const Json rate = RateToJson(count.success, count.labelled);
    labels[source] = {{"episodes", count.labelled},
                      {"success", count.success},
                      {"rate", rate["rate"]},
                      {"interval", rate["interval"]}};
  }
  for (const auto& [policy, count] : policies_) {
    policies[policy] = count.episodes;
    success_by_policy[policy] = RateToJson(count.success, count.labelled);
    success_by_policy[policy]["labelled"] = count.labelled;
  }
  Json success_by_objects = Json::object();
  for (const auto& [objects, count] : objects_) {
    success_by_objects[objects] = RateToJson(count.success, count.labelled);
    success_by_objects[objects]["labelled"] = count.labelled;
  }
  Json rounds = Json::array();
  for (const Round& round : RoundsInTime()) {
    Json success = RateToJson(round.count.success, round.count.labelled);
    success["labelled"] = round.count.labelled;
    rounds.push_back({{"policy", round.policy},
                      {"digest", round.digest},
                      {"time_ns", {round.first_ns, round.last_ns}},
                      {"episodes", round.count.episodes},
                      {"success", success}});
  }
  Json damage = Json::array();
  for (const episodes::Damage& d : stream.damage()) damage.push_back(d.status.ToString());
  Json success = RateToJson(counting_.success, counting_.labelled);
  success["labelled"] = counting_.labelled;
  Json json = {{"episodes", episodes_},
               {"left_out", left_out},
               {"steps", steps_},
               {"success", success},
               {"labels", labels},
               {"unlabelled", unlabelled_},
               {"policies", policies},
               {"success_by_policy", success_by_policy},
               {"success_by_objects", success_by_objects},
               {"rounds", rounds},
               {"end_reasons", CountsToJson(end_reasons_)},
               {"tasks", CountsToJson(tasks_)},
               {"runs", runs_},
               {"images", CountsToJson(images_)},
               {"time_ns", nullptr},
               {"bytes_on_disk", stream.bytes_read()},
               {"decoded_bytes", decoded_bytes_},
               {"duplicates", duplicates_},
               {"damage", damage},
               {"lineage", stream.programs()}};
  if (episodes_ > 0) json["time_ns"] = {first_ns_, last_ns_};
  return json;
}

std::string EpisodeInfo::ToText(const episodes::EpisodeStream& stream, uint64_t left_out) const {
  std::string text = Line("episodes", std::to_string(episodes_));
  if (left_out > 0) text += Line("left out", std::to_string(left_out));
  text += Line("steps", std::to_string(steps_));
  for (const auto& [source, count] : sources_) {
    text += Line("success", RateToText(count.success, count.labelled) + " of " +
                                std::to_string(count.labelled) + " labelled by " + source);
  }
  text += Line("unlabelled", std::to_string(unlabelled_));
  for (const auto& [policy, count] : policies_) {
    text += Line("policy", (policy.empty() ? "-" : policy) + " " + std::to_string(count.episodes) +
                               ", success " + RateToText(count.success, count.labelled));
  }
  for (const auto& [objects, count] : objects_) {
    if (objects_.size() == 1 && objects.empty()) break;  // nothing is known of them
    text +=
        Line("objects", (objects.empty() ? "-" : objects) + " " + std::to_string(count.episodes) +
                            ", success " + RateToText(count.success, count.labelled));
  }
  text += RoundsText();
  text += Line("ended by", CountsToText(end_reasons_));
  text += Line("tasks", CountsToText(tasks_));
  text += Line("runs", std::to_string(runs_.size()));
  text += Line("pictures", CountsToText(images_));
  if (episodes_ > 0) text += Line("time", TimeText(first_ns_) + " to " + TimeText(last_ns_));
  text += Line("on disk", BytesText(stream.bytes_read()));
  text += Line("decoded", BytesText(decoded_bytes_));
  if (duplicates_ > 0) text += Line("duplicates", std::to_string(duplicates_));
  text += Line("damage", std::to_string(stream.damage().size()));
  return text + LineageText(stream.programs());
}

}  // namespace qt::data

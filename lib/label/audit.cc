// SPDX-License-Identifier: Apache-2.0
#include "label/audit.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/text.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "stats/interval.h"

namespace qt::label {
namespace {

// The smallest extent of what was held, as the reference recorded it.
std::string SizeBucket(const Label& reference) {
  const Json config = json::ParseObjectOrNone(reference.config);
  const auto size_m = config.find("held_size_m");
  if (size_m == config.end() || !size_m->is_number()) return "not recorded";
  const double size_mm = 1000 * size_m->get<double>();
  if (size_mm <= 0) return "nothing held";
  if (size_mm < 20) return "below 20 mm";
  if (size_mm < 30) return "20 to 30 mm";
  return size_mm < 45 ? "30 to 45 mm" : "45 mm and more";
}

// env_config.disturbance.kind (docs/TASK.md).
std::string DisturbanceBucket(const Episode& episode) {
  const Json config = json::ParseObjectOrNone(episode.env_config);
  const auto found = config.find("disturbance");
  if (found == config.end() || !found->is_object()) return "none";
  const auto kind = found->find("kind");
  return kind != found->end() && kind->is_string() ? kind->get<std::string>() : "none";
}

// Sizes and confidences in the order of their numbers; other buckets behind them, by name.
size_t RankOf(const std::string& bucket) {
  static constexpr std::array kInOrder = {"nothing held", "below 20 mm",    "20 to 30 mm",
                                          "30 to 45 mm",  "45 mm and more", "below 0.8",
                                          "0.8 to 0.95",  "0.95 and more"};
  return static_cast<size_t>(std::ranges::find(kInOrder, bucket) - kInOrder.begin());
}

std::string ConfidenceBucket(float confidence) {
  if (confidence < 0.8f) return "below 0.8";
  return confidence < 0.95f ? "0.8 to 0.95" : "0.95 and more";
}

Json RateOrNull(uint64_t part, uint64_t whole) {
  if (whole == 0) return {{"rate", nullptr}, {"interval", nullptr}};
  const stats::Interval interval = stats::Wilson(part, whole);
  return {{"rate", double(part) / double(whole)}, {"interval", {interval.low, interval.high}}};
}

std::string Percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  const stats::Interval interval = stats::Wilson(part, whole);
  char text[64];
  std::snprintf(text, sizeof text, "%.2f %% [%.2f, %.2f]", 100 * double(part) / double(whole),
                100 * interval.low, 100 * interval.high);
  return text;
}

std::string AgreementRow(const std::string& name, const Agreement& a) {
  char text[160];
  std::snprintf(text, sizeof text, " %8llu %8llu %8llu %8llu   %s\n",
                static_cast<unsigned long long>(a.both_success),
                static_cast<unsigned long long>(a.both_failure),
                static_cast<unsigned long long>(a.false_success),
                static_cast<unsigned long long>(a.false_failure),
                Percent(a.agreed(), a.total()).c_str());
  std::string shown = Printable(name);
  shown.resize(std::max<size_t>(shown.size(), 16), ' ');
  return "  " + shown + text;
}

}  // namespace

void Agreement::Add(bool label, bool reference) {
  both_success += label && reference;
  both_failure += !label && !reference;
  false_success += label && !reference;
  false_failure += !label && reference;
}

Json ToJson(const Agreement& a) {
  Json json = RateOrNull(a.agreed(), a.total());
  json["compared"] = a.total();
  json["both_success"] = a.both_success;
  json["both_failure"] = a.both_failure;
  json["false_success"] = a.false_success;
  json["false_failure"] = a.false_failure;
  json["false_success_rate"] = RateOrNull(a.false_success, a.reference_failures());
  json["false_failure_rate"] = RateOrNull(a.false_failure, a.reference_successes());
  return json;
}

Audit::Audit(std::string source, std::string reference)
    : source_(std::move(source)), reference_(std::move(reference)) {}

const Label* Audit::Audited(const Episode& episode) const {
  if (!source_.empty()) return ChooseLabel(episode, source_);
  const Label* newest = nullptr;
  for (const Label& label : episode.labels) {
    if (label.source == reference_) continue;
    if (newest == nullptr || label.revision >= newest->revision) newest = &label;
  }
  return newest;
}

void Audit::Add(const Episode& episode) {
  ++episodes_;
  const Label* label = Audited(episode);
  const Label* reference = ChooseLabel(episode, reference_);
  without_label_ += label == nullptr;
  without_reference_ += reference == nullptr;
  if (label == nullptr || reference == nullptr) return;
  all_.Add(label->success, reference->success);
  const auto add = [&](const char* group, const std::string& bucket) {
    by_[group][bucket].Add(label->success, reference->success);
  };
  add("size", SizeBucket(*reference));
  add("disturbance", DisturbanceBucket(episode));
  add("confidence", ConfidenceBucket(label->confidence));
}

Json Audit::ToJson() const {
  Json by = Json::object();
  for (const auto& [group, buckets] : by_) {
    for (const auto& [bucket, agreement] : buckets) by[group][bucket] = label::ToJson(agreement);
  }
  return {{"label", source_.empty() ? Json(nullptr) : Json(source_)},
          {"reference", reference_},
          {"episodes", episodes_},
          {"without_label", without_label_},
          {"without_reference", without_reference_},
          {"agreement", label::ToJson(all_)},
          {"by", std::move(by)}};
}

std::string Audit::ToText() const {
  std::string text = (source_.empty() ? "the label in use" : source_) + " against " + reference_ +
                     ": " + std::to_string(all_.total()) + " of " + std::to_string(episodes_) +
                     " episodes have both\n";
  text += "  agreement      " + Percent(all_.agreed(), all_.total()) + "\n";
  text += "  false success  " + Percent(all_.false_success, all_.reference_failures()) +
          " of the failures\n";
  text += "  false failure  " + Percent(all_.false_failure, all_.reference_successes()) +
          " of the successes\n";
  char heading[120];
  std::snprintf(heading, sizeof heading, "  %-16s %8s %8s %8s %8s   %s\n", "", "success", "failure",
                "false s.", "false f.", "agreement");
  text += heading + AgreementRow("all", all_);
  for (const auto& [group, buckets] : by_) {
    text += "by " + group + "\n";
    std::vector<std::pair<std::string, Agreement>> rows(buckets.begin(), buckets.end());
    std::ranges::stable_sort(rows, {}, [](const auto& row) { return RankOf(row.first); });
    for (const auto& [bucket, agreement] : rows) text += AgreementRow(bucket, agreement);
  }
  return text;
}

}  // namespace qt::label

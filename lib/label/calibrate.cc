// SPDX-License-Identifier: Apache-2.0
#include "label/calibrate.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "json/bounded_json.h"
#include "stats/interval.h"

namespace qt::label {
namespace {

constexpr char kKind[] = "qt-label calibration";
constexpr size_t kFewestEmpty = 50, kFewestClosed = 20;
// Quantiles of the change: of empty grasps (their upper end), of other grasps (their lower end).
constexpr double kEmptyQuantile = 0.999, kClosedQuantile = 0.02;
constexpr double kLeastChange = 0.02;  // percent of the picture: less than one of 64 x 64 pixels

double Quantile(std::vector<double> values, double q) {
  QT_CHECK(!values.empty());
  const auto at = values.begin() + std::ptrdiff_t(std::ceil(q * double(values.size() - 1)));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::string CountText(size_t n, const char* what) { return std::to_string(n) + " " + what; }

struct Edge {
  double change = 0;
  Json evidence;
};

// Puts the edge between what empty grasps change and what the others do.
Result<Edge> FindEdge(const std::vector<double>& empty, const std::vector<double>& closed,
                      std::string_view labeller) {
  const double highest_empty = std::max(kLeastChange, Quantile(empty, kEmptyQuantile));
  std::vector<double> above;
  std::copy_if(closed.begin(), closed.end(), std::back_inserter(above),
               [&](double change) { return change > highest_empty; });
  if (above.size() < kFewestClosed) {
    return Failed(
        "the pictures of " + std::string(labeller) + " do not tell: only " +
        CountText(above.size(), "of ") +
        CountText(closed.size(), "grips that held something change them more than empty ones do"));
  }
  const double lowest_closed = Quantile(above, kClosedQuantile);
  Edge edge;
  edge.change = std::sqrt(highest_empty * std::max(lowest_closed, highest_empty));
  const auto passing = size_t(std::count_if(empty.begin(), empty.end(),
                                            [&](double change) { return change >= edge.change; }));
  const stats::Interval interval = stats::Wilson(passing, empty.size());
  edge.evidence = {{"empty_grips", empty.size()},
                   {"other_grips", closed.size()},
                   {"empty_change_p50", Quantile(empty, 0.5)},
                   {"empty_change_p999", Quantile(empty, kEmptyQuantile)},
                   {"other_change_p02_above", lowest_closed},
                   {"empty_above_min_change", passing},
                   {"false_success_interval", {interval.low, interval.high}}};
  return edge;
}

bool IsEnough(size_t num_empty, size_t num_closed) {
  return num_empty >= kFewestEmpty && num_closed >= kFewestClosed;
}

// Whose pictures every calibration rests on: the first labeller that has an edge.
std::string MainSource() {
  const Labellers labellers;
  for (const auto& labeller : labellers.all()) {
    if (!labeller->edge().empty()) return std::string(labeller->source());
  }
  return "";
}

}  // namespace

void Calibration::ApplyTo(Labellers* labellers) const {
  for (const auto& [setting, edge] : edges) labellers->Number(setting) = edge;
}

Json ToJson(const Calibration& calibration) {
  Json json = {{"kind", kKind}, {"labeller", MainSource()}};
  for (const auto& [setting, edge] : calibration.edges) {
    json[setting] = edge;
    if (!json.contains("evidence")) json["evidence"] = calibration.evidence;
  }
  return json;
}

Result<Calibration> CalibrationFromJson(const Json& json) {
  if (!json.is_object() || json.value("kind", "") != kKind) {
    return Corrupt("not a calibration written by qt-label --calibrate");
  }
  if (json.value("labeller", "") != MainSource()) {
    return Corrupt("the calibration is for the labeller " + json.value("labeller", "?") +
                   ", not for " + MainSource());
  }
  Calibration calibration;
  const Labellers labellers;
  for (const auto& labeller : labellers.all()) {
    const std::string key(labeller->edge());
    if (key.empty()) continue;
    const auto edge = json.find(key);
    if (edge == json.end()) {
      if (calibration.edges.empty()) return Corrupt("the calibration has no " + key);
      continue;
    }
    if (!edge->is_number() || edge->get<double>() <= 0) {
      return Corrupt(key + " of the calibration is not a positive number");
    }
    calibration.edges.emplace_back(key, edge->get<double>());
  }
  calibration.evidence = json.value("evidence", Json::object());
  return calibration;
}

Result<Calibration> ReadCalibration(const std::string& path) {
  QT_ASSIGN(const std::string text, ReadWholeInput(path));
  const Result<Json> json = json::Parse(text);
  if (!json.ok()) return Status(json.status()).At(path);
  Result<Calibration> calibration = CalibrationFromJson(*json);
  if (!calibration.ok()) return std::move(calibration).status().At(path);
  return calibration;
}

Calibrator::Calibrator(Labellers labellers) : labellers_(std::move(labellers)) {
  for (const auto& labeller : labellers_.all()) {
    if (!labeller->edge().empty()) changes_.push_back({labeller.get(), {}, {}});
  }
}

std::optional<bool> Calibrator::IsEmpty(const Episode& episode) const {
  for (const auto& labeller : labellers_.all()) {
    if (const std::optional<bool> empty = labeller->IsEmpty(episode)) return empty;
  }
  return std::nullopt;
}

Status Calibrator::Add(const Episode& episode) {
  const std::optional<bool> empty = IsEmpty(episode);
  std::vector<std::optional<Verdict>> verdicts;
  for (const Changes& of : changes_) {
    QT_ASSIGN(std::optional<Verdict> verdict, of.labeller->Judge(episode));
    verdicts.push_back(std::move(verdict));
    if (!empty || !verdicts[0]) {
      ++without_evidence_;
      return Ok();
    }
  }
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i]) continue;
    (*empty ? changes_[i].empty : changes_[i].closed).push_back(verdicts[i]->change);
  }
  return Ok();
}

Result<Calibration> Calibrator::Finish() const {
  Calibration calibration;
  for (const Changes& of : changes_) {
    const bool is_main = &of == &changes_[0];
    if (!IsEnough(of.empty.size(), of.closed.size())) {
      if (!is_main) continue;
      return Failed("calibration wants " +
                    CountText(kFewestEmpty, "episodes with an empty gripper and ") +
                    CountText(kFewestClosed, "with something in it") + "; there are " +
                    CountText(of.empty.size(), "and ") + std::to_string(of.closed.size()));
    }
    QT_ASSIGN(Edge edge, FindEdge(of.empty, of.closed, of.labeller->name()));
    calibration.edges.emplace_back(of.labeller->edge(), edge.change);
    if (is_main) {
      calibration.evidence = std::move(edge.evidence);
      calibration.evidence["without_evidence"] = without_evidence_;
    } else {
      calibration.evidence[std::string(of.labeller->name())] = std::move(edge.evidence);
    }
  }
  return calibration;
}

}  // namespace qt::label

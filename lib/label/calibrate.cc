#include "label/calibrate.h"

#include <algorithm>
#include <cmath>
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
  double min_change = 0;
  Json evidence;
};

// Puts the edge between what empty grasps change and what the others do.
Result<Edge> FindEdge(const std::vector<double>& empty, const std::vector<double>& closed,
                      const std::string& pictures) {
  const double highest_empty = std::max(kLeastChange, Quantile(empty, kEmptyQuantile));
  std::vector<double> above;
  std::copy_if(closed.begin(), closed.end(), std::back_inserter(above),
               [&](double change) { return change > highest_empty; });
  if (above.size() < kFewestClosed) {
    return Failed(
        pictures + " do not tell: only " + CountText(above.size(), "of ") +
        CountText(closed.size(), "grips that held something change them more than empty ones do"));
  }
  const double lowest_closed = Quantile(above, kClosedQuantile);
  Edge edge;
  edge.min_change = std::sqrt(highest_empty * std::max(lowest_closed, highest_empty));
  const auto passing = size_t(std::count_if(
      empty.begin(), empty.end(), [&](double change) { return change >= edge.min_change; }));
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

// Fails unless it is a positive number; `if_missing` if it is not there.
Result<double> EdgeIn(const Json& json, const char* key, Result<double> if_missing) {
  const auto edge = json.find(key);
  if (edge == json.end()) return if_missing;
  if (edge->is_number() && edge->get<double>() > 0) return edge->get<double>();
  return Corrupt(std::string(key) + " of the calibration is not a positive number");
}

}  // namespace

Json ToJson(const Calibration& calibration) {
  Json json = {{"kind", kKind},
               {"labeller", kImageDiffSource},
               {"min_change", calibration.min_change},
               {"evidence", calibration.evidence}};
  if (calibration.min_gripper_change > 0) {
    json["min_gripper_change"] = calibration.min_gripper_change;
  }
  return json;
}

Result<Calibration> CalibrationFromJson(const Json& json) {
  if (!json.is_object() || json.value("kind", "") != kKind) {
    return Corrupt("not a calibration written by qt-label --calibrate");
  }
  if (json.value("labeller", "") != kImageDiffSource) {
    return Corrupt("the calibration is for the labeller " + json.value("labeller", "?") +
                   ", not for " + kImageDiffSource);
  }
  Calibration calibration;
  QT_ASSIGN(calibration.min_change,
            EdgeIn(json, "min_change", Corrupt("the calibration has no min_change")));
  QT_ASSIGN(calibration.min_gripper_change, EdgeIn(json, "min_gripper_change", 0.0));
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

Status Calibrator::Add(const Episode& episode) {
  const auto fingers = JudgeOpening(episode, options_.opening);
  QT_ASSIGN(const std::optional<Analysis> analysis, AnalyseEvidence(episode, options_.image_diff));
  if (!fingers || !analysis) {
    ++without_evidence_;
    return Ok();
  }
  const bool empty = !fingers->closed || fingers->opening_m < options_.opening.min_opening_m;
  (empty ? bin_.empty : bin_.closed).push_back(NetChange(analysis->judgement, options_.image_diff));
  QT_ASSIGN(const std::optional<GripperAnalysis> view,
            AnalyseGripperView(episode, options_.gripper_view));
  if (view) (empty ? view_.empty : view_.closed).push_back(view->judgement.change);
  return Ok();
}

Result<Calibration> Calibrator::Finish() const {
  if (!IsEnough(bin_.empty.size(), bin_.closed.size())) {
    return Failed("calibration wants " +
                  CountText(kFewestEmpty, "episodes with an empty gripper and ") +
                  CountText(kFewestClosed, "with something in it") + "; there are " +
                  CountText(bin_.empty.size(), "and ") + std::to_string(bin_.closed.size()));
  }
  QT_ASSIGN(Edge bin, FindEdge(bin_.empty, bin_.closed, "the pictures of the bin"));
  Calibration calibration{bin.min_change, 0, std::move(bin.evidence)};
  calibration.evidence["without_evidence"] = without_evidence_;
  if (!IsEnough(view_.empty.size(), view_.closed.size())) return calibration;
  QT_ASSIGN(Edge view, FindEdge(view_.empty, view_.closed, "the gripper's pictures"));
  calibration.min_gripper_change = view.min_change;
  calibration.evidence["gripper_view"] = std::move(view.evidence);
  return calibration;
}

}  // namespace qt::label

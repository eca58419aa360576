#include "label/calibrate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "stats/interval.h"

namespace qt::label {
namespace {

constexpr char kKind[] = "qt-label calibration";
constexpr size_t kFewestEmpty = 50, kFewestClosed = 20;
// Of the empty grips' changes, what the edge must exceed; and how far below the others' it stays.
constexpr double kEmptyQuantile = 0.999, kClosedQuantile = 0.02;
constexpr double kLeastChange = 0.02;  // percent of the picture: less than one of 64 x 64 pixels

double Quantile(std::vector<double> values, double q) {
  QT_CHECK(!values.empty());
  const auto at = values.begin() + std::ptrdiff_t(std::ceil(q * double(values.size() - 1)));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::string Count(size_t n, const char* what) { return std::to_string(n) + " " + what; }

}  // namespace

Json ToJson(const Calibration& calibration) {
  return {{"kind", kKind},
          {"labeller", kImageDiffSource},
          {"min_change", calibration.min_change},
          {"evidence", calibration.evidence}};
}

Result<Calibration> CalibrationFromJson(const Json& json) {
  if (!json.is_object() || json.value("kind", "") != kKind) {
    return Corrupt("not a calibration written by qt-label --calibrate");
  }
  if (json.value("labeller", "") != kImageDiffSource) {
    return Corrupt("the calibration is for the labeller " + json.value("labeller", "?") +
                   ", not for " + kImageDiffSource);
  }
  const auto edge = json.find("min_change");
  if (edge == json.end() || !edge->is_number() || !(edge->get<double>() > 0)) {
    return Corrupt("min_change of the calibration is not a positive number");
  }
  return Calibration{edge->get<double>(), json.value("evidence", Json::object())};
}

Result<Calibration> ReadCalibration(const std::string& path) {
  QT_ASSIGN(const std::string text, ReadWholeFile(path));
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Corrupt("not JSON").At(path);
  Result<Calibration> calibration = CalibrationFromJson(json);
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
  (empty ? empty_ : closed_).push_back(NetChange(analysis->judgement, options_.image_diff));
  return Ok();
}

Result<Calibration> Calibrator::Finish() const {
  if (empty_.size() < kFewestEmpty || closed_.size() < kFewestClosed) {
    return Failed("calibration wants " +
                  Count(kFewestEmpty, "episodes with an empty gripper and ") +
                  Count(kFewestClosed, "with something in it") + "; there are " +
                  Count(empty_.size(), "and ") + std::to_string(closed_.size()));
  }
  const double highest_empty = std::max(kLeastChange, Quantile(empty_, kEmptyQuantile));
  std::vector<double> above;
  std::copy_if(closed_.begin(), closed_.end(), std::back_inserter(above),
               [&](double change) { return change > highest_empty; });
  if (above.size() < kFewestClosed) {
    return Failed("the pictures do not tell: only " + Count(above.size(), "of ") +
                  Count(closed_.size(),
                        "grips that held something change the bin more than empty "
                        "ones do"));
  }
  const double lowest_closed = Quantile(above, kClosedQuantile);
  Calibration calibration;
  calibration.min_change = std::sqrt(highest_empty * std::max(lowest_closed, highest_empty));
  const auto passing = size_t(std::count_if(empty_.begin(), empty_.end(), [&](double change) {
    return change >= calibration.min_change;
  }));
  const stats::Interval interval = stats::Wilson(passing, empty_.size());
  calibration.evidence = {{"empty_grips", empty_.size()},
                          {"other_grips", closed_.size()},
                          {"without_evidence", without_evidence_},
                          {"empty_change_p50", Quantile(empty_, 0.5)},
                          {"empty_change_p999", Quantile(empty_, kEmptyQuantile)},
                          {"other_change_p02_above", lowest_closed},
                          {"empty_above_min_change", passing},
                          {"false_success_interval", {interval.low, interval.high}}};
  return calibration;
}

}  // namespace qt::label

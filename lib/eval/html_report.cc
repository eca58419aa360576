// SPDX-License-Identifier: Apache-2.0
#include "eval/html_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "base/file.h"
#include "eval/svg_chart.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "protocol/wire_frame.h"

namespace qt::eval {
namespace {

constexpr uint64_t kMaxCurveBytes = 256u << 20;
constexpr size_t kMaxCurvePoints = 400;  // drawn; more of them are thinned out
constexpr int kQBins = 10, kMostRegrasps = 4;

constexpr char kPage[] =
#include "qt_eval_page.inc"
    ;

// Puts each value where the page has {{its name}}.
std::string Filled(std::string_view page, const std::map<std::string_view, std::string>& values) {
  std::string filled;
  for (size_t open; (open = page.find("{{")) != std::string_view::npos;) {
    const size_t close = page.find("}}", open);
    filled += page.substr(0, open);
    filled += values.at(page.substr(open + 2, close - open - 2));
    page.remove_prefix(close + 2);
  }
  return filled.append(page);
}

std::string EventTable(const PolicyReport& row, double confidence) {
  Table table{{{"", {"behaviour"}},
               {"", {"how often"}},
               {"", {"episodes with it"}},
               {"", {"success of those", "interval"}}},
              {}};
  for (const EventCount& count : CountEvents(row.result, confidence)) {
    const stats::Rate& success = count.success;
    table.rows.push_back({Word{"", count.name}, count.events, success.total,
                          success.total == 0 ? Cell() : Cell(success)});
  }
  return ToHtml(table);
}

// Bars of the success by a bucket of each attempt, in the order of the buckets.
using BucketOf = std::function<std::pair<int, std::string>(const Outcome&)>;

std::vector<RateBar> RatesBy(const GraspResult& result, double confidence, const BucketOf& bucket) {
  std::map<int, CountBar> counts;
  for (const Outcome& outcome : result.outcomes) {
    const auto [order, label] = bucket(outcome);
    CountBar& count = counts[order];
    count.label = label;
    ++(outcome.success ? count.successes : count.failures);
  }
  std::vector<RateBar> bars;
  for (const auto& [order, count] : counts) {
    bars.push_back({count.label, stats::MakeRate(count.successes, count.successes + count.failures,
                                                 confidence)});
  }
  return bars;
}

std::pair<int, std::string> SizeBucket(const Outcome& outcome) {
  const double size_m = ValueOf(outcome, "tried_size_m");
  if (std::isnan(size_m)) return {1000, "no close"};
  const int low_mm = 10 * static_cast<int>(100 * size_m);
  return {low_mm, Format("%d-%d", low_mm, low_mm + 10)};
}

std::pair<int, std::string> CountBucket(const Outcome& outcome) {
  const double objects = ValueOf(outcome, "objects");
  const int count = std::isnan(objects) ? 0 : static_cast<int>(objects);
  if (count <= 10) return {count, Format("%d", count)};
  const int low = (count - 1) / 5 * 5 + 1;
  return {low, Format("%d-%d", low, low + 4)};
}

std::pair<int, std::string> RegraspBucket(const Outcome& outcome) {
  const int regrasps = std::min(static_cast<int>(ValueOf(outcome, "regrasps")), kMostRegrasps);
  return {regrasps, Format(regrasps == kMostRegrasps ? "%d or more" : "%d", regrasps)};
}

std::string StepsChart(const GraspResult& result) {
  const auto steps_of = [](const Outcome& outcome) {
    return static_cast<uint64_t>(std::max(1.0, ValueOf(outcome, "steps")));
  };
  uint64_t most = 1;
  for (const Outcome& outcome : result.outcomes) most = std::max(most, steps_of(outcome));
  const uint64_t width = (most + 19) / 20;  // of a bar
  std::vector<CountBar> bars((most + width - 1) / width);
  for (size_t i = 0; i < bars.size(); ++i) {
    bars[i].label = std::to_string(i * width + 1);
    if (width > 1) bars[i].label += "-" + std::to_string((i + 1) * width);
  }
  for (const Outcome& outcome : result.outcomes) {
    CountBar& bar = bars[(steps_of(outcome) - 1) / width];
    ++(outcome.success ? bar.successes : bar.failures);
  }
  return CountChart("Steps of an episode: successes (green), failures (red)", "actions", bars);
}

// Success, and the return from there on, by what Q said.
std::string CalibrationChart(const GraspResult& result, double confidence, const std::string& title,
                             const std::function<const QMoment&(const Outcome&)>& moment_of) {
  struct Bin {
    stats::Series q, value;
    uint64_t successes = 0;
  };
  std::array<Bin, kQBins> bins;
  for (const Outcome& outcome : result.outcomes) {
    const QMoment& moment = moment_of(outcome);
    if (std::isnan(moment.q)) continue;
    Bin& bin = bins[static_cast<size_t>(std::clamp(moment.q * kQBins, 0.0, kQBins - 1.0))];
    bin.q.Add(moment.q);
    bin.value.Add(moment.value);
    bin.successes += outcome.success;
  }
  ChartLine value = {"discounted return", {}}, success = {"success", {}};
  for (const Bin& bin : bins) {
    if (bin.q.count() == 0) continue;
    const stats::Rate rate = stats::MakeRate(bin.successes, bin.q.count(), confidence);
    success.points.push_back({bin.q.mean(), rate.rate, rate.interval});
    value.points.push_back({bin.q.mean(), bin.value.mean(), std::nullopt});
  }
  if (success.points.empty()) return "";
  return LineChart(title, "Q", Axes::kUnitSquare, {value, success});
}

std::string RowCharts(const GraspResult& result, double confidence) {
  std::string html = "<div class=\"charts\">\n";
  html += RateChart("Success by the size of the object that was tried last", "smallest extent, mm",
                    RatesBy(result, confidence, SizeBucket));
  html += RateChart("Success by the number of objects in the bin", "objects",
                    RatesBy(result, confidence, CountBucket));
  html += RateChart("Success by the number of regrasps", "regrasps in the episode",
                    RatesBy(result, confidence, RegraspBucket));
  html += StepsChart(result);
  html += CalibrationChart(result, confidence, "Q of the first greedy action, and what came of it",
                           [](const Outcome& o) -> const QMoment& { return o.first; });
  html += CalibrationChart(result, confidence, "Q of the last greedy action, and what came of it",
                           [](const Outcome& o) -> const QMoment& { return o.last; });
  return html + "</div>\n";
}

ChartLine CurveLine(const std::vector<CurvePoint>& curve, const char* name,
                    double CurvePoint::*value) {
  ChartLine line = {name, {}};
  const size_t stride = curve.size() / kMaxCurvePoints + 1;
  for (size_t i = 0; i < curve.size(); i += stride) {
    if (std::isfinite(curve[i].*value)) {
      line.points.push_back({curve[i].step, curve[i].*value, std::nullopt});
    }
  }
  return line;
}

std::string CurveCharts(const std::vector<CurvePoint>& curve, const std::string& run) {
  if (curve.empty()) return "";
  const std::string of = run.empty() ? "" : " of " + Escaped(run);
  return "<h2>Training" + of + "</h2>\n<div class=\"charts\">\n" +
         LineChart("Loss and TD error", "gradient steps", Axes::kFitted,
                   {CurveLine(curve, "loss", &CurvePoint::loss),
                    CurveLine(curve, "TD error", &CurvePoint::td_error)}) +
         LineChart("Q and its targets", "gradient steps", Axes::kFitted,
                   {CurveLine(curve, "mean Q", &CurvePoint::q_mean),
                    CurveLine(curve, "mean target", &CurvePoint::target_mean)}) +
         "</div>\n";
}

std::string Pictures(const PageOrigin& origin) {
  if (origin.sheet_png.empty()) return "";
  return "<h2>What failed</h2>\n<div class=\"wide\"><img alt=\"attempts that failed\" "
         "src=\"data:image/png;base64," +
         protocol::EncodeBase64(origin.sheet_png) + "\"></div>\n";
}

std::string OriginText(const Report& report, const PageOrigin& origin) {
  if (origin.tool.empty()) return "";
  return "<p class=\"note origin\">" + Escaped(origin.tool) + ", " + origin.time + ", on " +
         Escaped(origin.machine) + ", " + std::to_string(report.config.collect.num_envs) +
         " environments at once: <code>" + Escaped(origin.command_line) + "</code></p>\n";
}

std::optional<CurvePoint> ParsePoint(std::string_view line) {
  const Json json = json::ParseObjectOrNone(line);
  const auto number = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
  };
  const CurvePoint point = {number("step"), number("loss"), number("td_error"), number("q_mean"),
                            number("target_mean")};
  if (std::isnan(point.step)) return std::nullopt;
  return point;
}

// Where the attempts were made.
std::string CellText(const Report& report) {
  const std::string& objects = report.rows[0].scene.objects;
  const std::string named = objects.empty() ? "" : ", objects " + objects;
  if (!report.config.cell.is_robot()) return named;
  return ", robot " + report.config.cell.robot.ToString() +
         (report.env.empty() ? "" : " (" + report.env + ")") + named;
}

}  // namespace

Result<std::vector<CurvePoint>> ReadLearningCurve(const std::string& run_folder) {
  const std::string path = run_folder + "/metrics.jsonl";
  QT_ASSIGN(const std::string text, ReadWholeFile(path, kMaxCurveBytes));
  std::vector<CurvePoint> curve;
  for (size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos;
       start = end + 1) {
    const auto point = ParsePoint(std::string_view(text).substr(start, end - start));
    if (!point) return Corrupt("a line that is no JSON object with a step").At(path, start);
    curve.push_back(*point);
  }
  return curve;
}

std::string ToHtml(const Report& report, const std::vector<CurvePoint>& curve,
                   const PageOrigin& origin) {
  const PolicyReport& first = report.rows[0];
  std::string rows;
  for (const PolicyReport& row : report.rows) {
    const sim::Disturbance disturb = row.scene.disturb;
    rows += "<h2>" + Escaped(RowName(row));
    if (disturb != sim::Disturbance::kNone)
      rows += ", disturbed: " + std::string(EnumName(disturb));
    rows += "</h2>\n" + EventTable(row, report.confidence()) +
            RowCharts(row.result, report.confidence());
  }
  const std::string digest = first.digest.empty() ? "" : " SHA-256 " + first.digest + ".";
  return Filled(kPage, {{"policy", Escaped(first.policy)},
                        {"protocol", report.protocol},
                        {"cell", Escaped(CellText(report))},
                        {"seed", std::to_string(report.config.collect.seed)},
                        {"digest", Escaped(digest)},
                        {"summary", ToHtml(TableOf(report))},
                        {"rows", rows},
                        {"training", CurveCharts(curve, origin.run)},
                        {"pictures", Pictures(origin)},
                        {"origin", OriginText(report, origin)},
                        {"confidence", Format("%g", 100 * report.confidence())}});
}

}  // namespace qt::eval

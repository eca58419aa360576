#include "eval/html_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "base/file.h"
#include "eval/svg_chart.h"
#include "json/json.h"

namespace qt::eval {
namespace {

constexpr uint64_t kMaxCurveBytes = 256u << 20;
constexpr size_t kMaxCurvePoints = 400;  // drawn; more of them are thinned out
constexpr int kQBins = 10, kMostRegrasps = 4;

constexpr char kStyle[] = R"(<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em;
  color: #1c2126; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; } .wide { overflow-x: auto; }
td, th { padding: 0.25em 0.8em; border-bottom: 1px solid #d5dade; text-align: right; }
td:first-child, th:first-child { text-align: left; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 1em; }
svg { width: 100%; font: 11px system-ui, sans-serif; fill: #1c2126; } .head { font-size: 13px;
  font-weight: 600; }
.grid { stroke: #e3e7ea; } .whisker { stroke: #1c2126; }
.diagonal { stroke: #8a9299; stroke-dasharray: 4 3; } .note { color: #5a636b; }
</style>
)";

std::string HtmlRow(const char* cell, const std::vector<std::string>& texts) {
  std::string row = "<tr>";
  for (const std::string& text : texts) {
    row += std::string("<") + cell + ">" + Escaped(text) + "</" + cell + ">";
  }
  return row + "</tr>\n";
}

std::vector<const PolicyReport*> ArmsOf(const Report& report) {
  std::vector<const PolicyReport*> arms = {&report.first};
  for (const PolicyReport& other : report.others) arms.push_back(&other);
  return arms;
}

std::string SummaryTable(const Report& report) {
  std::string html = "<div class=\"wide\"><table>\n" +
                     HtmlRow("th", {"policy", "disturbed", "episodes", "success",
                                    Format("%g %% interval", 100 * report.confidence), "steps",
                                    "change", "interval", "p", "p (Holm)"});
  const std::vector<Comparison> comparisons = CompareRows(report);
  const std::vector<const PolicyReport*> arms = ArmsOf(report);
  for (size_t i = 0; i < arms.size(); ++i) {
    const stats::Rate success = SuccessOf(*arms[i], report.confidence);
    std::vector<std::string> cells = {NameOf(*arms[i]),
                                      arms[i]->disturb,
                                      std::to_string(success.total),
                                      Percent(success.rate),
                                      Percent(success.interval),
                                      Format("%.2f", StepsOf(arms[i]->result).mean())};
    if (i == 0) {
      cells.insert(cells.end(), 4, "");
    } else {
      const Comparison& c = comparisons[i - 1];
      cells.push_back(Format("%+.1f %%", 100 * c.change.difference));
      cells.push_back(Percent(c.change.interval));
      cells.push_back(Format("%.2g", c.p_value));
      cells.push_back(Format("%.2g", c.p_holm));
    }
    html += HtmlRow("td", cells);
  }
  return html + "</table></div>\n";
}

std::string BehaviourTable(const PolicyReport& arm, double confidence) {
  std::string html =
      "<div class=\"wide\"><table>\n" +
      HtmlRow("th", {"behaviour", "how often", "episodes with it", "success of those", "interval"});
  for (const BehaviourCount& count : CountBehaviours(arm.result, confidence)) {
    const stats::Rate& rate = count.success;
    html += HtmlRow("td", {count.name, std::to_string(count.events), std::to_string(rate.total),
                           rate.total == 0 ? "-" : Percent(rate.rate),
                           rate.total == 0 ? "-" : Percent(rate.interval)});
  }
  return html + "</table></div>\n";
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
  if (outcome.truth.tried_size_m <= 0) return {1000, "no close"};
  const int low_mm = 10 * static_cast<int>(100 * outcome.truth.tried_size_m);
  return {low_mm, Format("%d-%d", low_mm, low_mm + 10)};
}

std::pair<int, std::string> CountBucket(const Outcome& outcome) {
  if (outcome.truth.num_objects <= 10)
    return {outcome.truth.num_objects, Format("%d", outcome.truth.num_objects)};
  const int low = (outcome.truth.num_objects - 1) / 5 * 5 + 1;
  return {low, Format("%d-%d", low, low + 4)};
}

std::pair<int, std::string> RegraspBucket(const Outcome& outcome) {
  const int regrasps = std::min(outcome.behaviour.regrasps, kMostRegrasps);
  return {regrasps, Format(regrasps == kMostRegrasps ? "%d or more" : "%d", regrasps)};
}

std::string StepsChart(const GraspResult& result) {
  uint64_t most = 1;
  for (const Outcome& outcome : result.outcomes) most = std::max(most, outcome.steps);
  const uint64_t width = (most + 19) / 20;  // of a bar
  std::vector<CountBar> bars((most + width - 1) / width);
  for (size_t i = 0; i < bars.size(); ++i) {
    bars[i].label = std::to_string(i * width + 1);
    if (width > 1) bars[i].label += "-" + std::to_string((i + 1) * width);
  }
  for (const Outcome& outcome : result.outcomes) {
    CountBar& bar = bars[(std::max<uint64_t>(outcome.steps, 1) - 1) / width];
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

std::string ArmCharts(const PolicyReport& arm, double confidence) {
  const GraspResult& result = arm.result;
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

std::string CurveCharts(const std::vector<CurvePoint>& curve) {
  if (curve.empty()) return "";
  return "<h2>Training</h2>\n<div class=\"charts\">\n" +
         LineChart("Loss and TD error", "gradient steps", Axes::kFitted,
                   {CurveLine(curve, "loss", &CurvePoint::loss),
                    CurveLine(curve, "TD error", &CurvePoint::td_error)}) +
         LineChart("Q and its targets", "gradient steps", Axes::kFitted,
                   {CurveLine(curve, "mean Q", &CurvePoint::q_mean),
                    CurveLine(curve, "mean target", &CurvePoint::target_mean)}) +
         "</div>\n";
}

std::optional<CurvePoint> ParsePoint(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
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

std::string ToHtml(const Report& report, const std::vector<CurvePoint>& curve) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>qt-eval: " +
      Escaped(report.first.policy) + "</title>\n" + kStyle + "</head>\n<body>\n";
  html += "<h1>" + Escaped(report.first.policy) + "</h1>\n<p>Protocol " + report.protocol +
          ", objects " + Escaped(report.first.objects) + ", seed " + std::to_string(report.seed) +
          ".";
  if (!report.first.digest.empty()) html += " SHA-256 " + Escaped(report.first.digest) + ".";
  html += "</p>\n" + SummaryTable(report);
  for (const PolicyReport* arm : ArmsOf(report)) {
    html += "<h2>" + Escaped(NameOf(*arm)) +
            (arm->disturb == "none" ? "" : ", disturbed: " + Escaped(arm->disturb)) + "</h2>\n";
    html += BehaviourTable(*arm, report.confidence) + ArmCharts(*arm, report.confidence);
  }
  html += CurveCharts(curve);
  return html +
         Format(
             "<p class=\"note\">Whiskers are Wilson intervals at %g %%. Q is the expected "
             "discounted return: on the dashed line it says what came. The definitions are in "
             "formats/report/SPEC.md.</p>\n</body>\n</html>\n",
             100 * report.confidence);
}

}  // namespace qt::eval

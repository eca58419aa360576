// SPDX-License-Identifier: Apache-2.0
// The page: what is on it, that strangers' text cannot break it, and the learning curve's file.
#include "eval/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "eval/svg_chart.h"
#include "support/temp_dir.h"
#include "unit/eval/made_report.h"

namespace qt::eval {
namespace {

using testing::HasSubstr;
using testing::Not;

Report MadePage() {
  Report report = MadeReport("sfsfsfsf");
  for (Outcome& outcome : report.rows[0].result.outcomes) {
    const auto i = static_cast<double>(outcome.index);
    SetValue(outcome, "steps", 4 + i);
    SetValue(outcome, "tried_size_m", 0.018 + 0.01 * double(outcome.index % 3));
    SetValue(outcome, "objects", 4 + double(outcome.index % 2));
    SetValue(outcome, "regrasps", double(outcome.index % 2));
    outcome.first = {0.25, 0.3};
    outcome.last = {0.95, outcome.success ? 1.0 : 0.0};
  }
  return report;
}

size_t Count(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(ToHtml, HasTheChartsAndNothingFromElsewhere) {
  const std::string html = ToHtml(MadePage(), {});
  EXPECT_EQ(Count(html, "<svg"), 6u);
  EXPECT_EQ(Count(html, "</svg>"), 6u);
  EXPECT_THAT(html, HasSubstr("Success by the size of the object"));
  EXPECT_THAT(html, HasSubstr(">10-20<"));
  EXPECT_THAT(html, HasSubstr("n=3"));
  EXPECT_THAT(html, HasSubstr("Q of the last greedy action"));
  for (const char* foreign : {"<script", "http://", "https://", "url(", "src="}) {
    EXPECT_THAT(html, Not(HasSubstr(foreign)));
  }
}

TEST(ToHtml, WithoutQThereIsNoCalibrationAndWithACurveThereIsTraining) {
  Report report = MadePage();
  for (Outcome& outcome : report.rows[0].result.outcomes) outcome.first = outcome.last = {};
  EXPECT_EQ(Count(ToHtml(report, {}), "<svg"), 4u);
  EXPECT_EQ(Count(ToHtml(report, {{50, 0.5, 0.2, 0.2, 0.2}, {100, 0.4, 0.1, 0.2, 0.2}}), "<svg"),
            6u);
}

TEST(ToHtml, ARowForEachArmAndNamesAreOnlyText) {
  Report report = MadePage();
  report.rows_are = RowsAre::kPolicies;
  report.rows.push_back(report.rows[0]);
  report.rows[1].policy = "<b>&\"x {{seed}}";
  const std::string html = ToHtml(report, {});
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;&amp;&quot;x {{seed}}"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  EXPECT_EQ(Count(html, "<svg"), 12u);
}

TEST(ToHtml, SaysHowItCameAbout) {
  const PageOrigin origin = {"qt-eval 1", "qt-eval 'a<b'", "2026-11-30 10:00 UTC",
                             "host",      "run",           {1, 2, 3}};
  const std::string html = ToHtml(MadePage(), {{50, 0.5, 0.2, 0.2, 0.2}}, origin);
  EXPECT_THAT(html, HasSubstr("qt-eval 1, 2026-11-30 10:00 UTC, on host, "));
  EXPECT_THAT(html, HasSubstr("<code>qt-eval 'a&lt;b'</code>"));
  EXPECT_THAT(html, HasSubstr("Training of run"));
  EXPECT_THAT(html, HasSubstr("src=\"data:image/png;base64,AQID\""));
}

TEST(ToHtml, AnEmptyEvaluationIsAPageToo) {
  Report report = MadePage();
  report.rows[0].result.outcomes.clear();
  EXPECT_THAT(ToHtml(report, {}), Not(HasSubstr("nan")));
}

TEST(RateChart, BarsAreAsHighAsTheRate) {
  const std::string svg = RateChart("t", "x", {{"a", stats::MakeRate(5, 10)}, {"b", {}}});
  EXPECT_THAT(svg, HasSubstr("height=\"95.0\"")) << "half of the plot's 190 px";
  EXPECT_EQ(Count(svg, "<rect"), 1u) << "no bar without trials";
}

TEST(ReadLearningCurve, LinesUntilTheOneBeingWritten) {
  const TempDir dir;
  const std::string path = dir.path() + "/metrics.jsonl";
  ASSERT_TRUE(
      WriteWholeFile(path, "{\"step\":50,\"loss\":0.5}\n{\"step\":100}\n{\"st", Overwrite::kYes)
          .ok());
  const auto curve = ReadLearningCurve(dir.path());
  ASSERT_TRUE(curve.ok()) << curve.status().ToString();
  ASSERT_EQ(curve->size(), 2u);
  EXPECT_EQ(curve->at(0).loss, 0.5);
  EXPECT_NE(curve->at(1).loss, curve->at(1).loss) << "NaN";
}

TEST(ReadLearningCurve, SaysWhereItIsBroken) {
  const TempDir dir;
  ASSERT_TRUE(
      WriteWholeFile(dir.path() + "/metrics.jsonl", "{\"step\":50}\n[1]\n", Overwrite::kYes).ok());
  const Status status = ReadLearningCurve(dir.path()).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.offset_bytes(), 12u);
  EXPECT_EQ(ReadLearningCurve(dir.path() + "/none").status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace qt::eval

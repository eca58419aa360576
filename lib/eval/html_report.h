// SPDX-License-Identifier: Apache-2.0
// The report as a page to look at: one self-contained HTML file with its charts in SVG, without
// scripts. Its fixed parts are page.html.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "eval/report.h"

namespace qt::eval {

// What training noted at a gradient step; NaN where a line does not say.
struct CurvePoint {
  double step = 0, loss = 0, td_error = 0, q_mean = 0, target_mean = 0;
};

// metrics.jsonl of a run folder. A last line without an end is still being written and is left out;
// any other that is no JSON object with a step is kCorrupt, with its offset.
Result<std::vector<CurvePoint>> ReadLearningCurve(const std::string& run_folder);

// The same report and curve (which may be empty) give the same bytes.
std::string ToHtml(const Report& report, const std::vector<CurvePoint>& curve);

}  // namespace qt::eval

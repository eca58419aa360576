// SPDX-License-Identifier: Apache-2.0
// The report as a page to look at: one self-contained HTML file with its charts in SVG, without
// scripts. Its fixed parts are page.html.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
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

// How a page came about, for whoever finds it later. What is empty is not told.
struct PageOrigin {
  std::string tool, command_line, time, machine;
  std::string run;  // the folder that the curve is of
  Bytes sheet_png;  // pictures of what failed
};

// The same report, curve (which may be empty) and origin give the same bytes.
std::string ToHtml(const Report& report, const std::vector<CurvePoint>& curve,
                   const PageOrigin& origin = {});

}  // namespace qt::eval

// SPDX-License-Identifier: Apache-2.0
// What qt-eval can be told: the flag table and the struct it fills.
#pragma once

#include <string>

#include "base/setting.h"
#include "cli/flag_table.h"
#include "eval/evaluation.h"
#include "eval/protocol.h"

namespace qt::eval {

// What is written beside the answer; empty: nothing.
struct OutputFiles {
  std::string episodes, record;
  std::string report, run, sheet, video;
};
template <class V>
void Visit(V&& visit, OutputFiles& c) {
  visit("episodes", c.episodes,
        {"FILE", "write one line of JSON an attempt, as they are done; - is stdout"});
  visit("record", c.record, {"FILE", "write the attempts of POLICY as episodes"});
  visit("report", c.report, {"FILE.html", "write the report as one page with charts"});
  visit("run", c.run, {"DIR", "the learning curve of this run folder in --report"});
  visit("sheet", c.sheet, {"FILE.png", "draw the failures of POLICY, the first 40 of them"});
  visit("video", c.video,
        {"DIR", "a video of each attempt of POLICY, with action, Q and outcome (needs ffmpeg)"});
}

struct Options {
  EvaluationConfig config;
  Protocols protocols;
  OutputFiles files;
};

cli::FlagTable Describe(Options* options);

}  // namespace qt::eval

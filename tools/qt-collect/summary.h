// What qt-collect says about a run: on the progress line, at the end, and with --json.
#pragma once

#include <string>

#include "json/json.h"
#include "options.h"
#include "rollout/collector.h"

namespace qt::collect {

// formats/report/SPEC.md
Json Summary(const Options& options, const rollout::CollectorConfig& config,
             const rollout::CollectStats& stats);
// "success 29.1 %"; empty if nobody has judged (a real robot).
std::string RateText(const rollout::CollectStats& stats);
std::string SummaryText(const rollout::CollectStats& stats);

}  // namespace qt::collect

// What qt-train says at the end, and while it runs.
#pragma once

#include <string>

#include "json/json.h"
#include "replay/replay_buffer.h"
#include "train/load_episodes.h"
#include "train/train_loop.h"

namespace qt::train {

Json Summary(const LoopSummary& loop, const replay::ReplayBuffer& replay, const LoadSummary& loaded,
             const std::string& policy);
std::string SummaryText(const LoopSummary& loop, const std::string& policy);

// The part of the progress line that follows steps, rate and ETA.
std::string ProgressNote(const LoopProgress& progress);

}  // namespace qt::train

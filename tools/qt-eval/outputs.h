// SPDX-License-Identifier: Apache-2.0
// Everything that goes out beside the answer: lines, episodes, pictures and videos while the
// attempts run, the page at the end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/tool.h"
#include "data/view_frame.h"
#include "episodes/episode_sink.h"
#include "eval/html_report.h"
#include "eval/report.h"
#include "options.h"

namespace qt::eval {

class Outputs {
 public:
  // `run_id` names the episodes of the first policy.
  static Result<Outputs> Open(const OutputFiles& files, const std::string& run_id, cli::Io& io);

  // The first row's episodes are recorded.
  Status Write(size_t row, const PolicyReport& policy, const Outcome& outcome,
               const Episode& episode);
  // Writes the rest. `report` is complete; null if there were no attempts.
  Status Finish(const Report* report);

 private:
  Status FinishSheet();
  Status Film(const Outcome& outcome, const data::ViewedEpisode& viewed) const;

  OutputFiles files_;
  Overwrite overwrite_ = Overwrite::kNo;
  std::vector<CurvePoint> curve_;
  PageOrigin origin_;
  std::optional<data::ContactSheet> sheet_;
  std::unique_ptr<ByteSink> sheet_file_;             // if there is a sheet_
  std::unique_ptr<ByteSink> page_;                   // may be null
  std::unique_ptr<ByteSink> lines_;                  // may be null
  std::unique_ptr<episodes::EpisodeSink> episodes_;  // may be null
};

}  // namespace qt::eval

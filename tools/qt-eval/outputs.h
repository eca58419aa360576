// Everything that goes out while the attempts run: lines, episodes. Used by run.cc.
#pragma once

#include <memory>
#include <string>

#include "cli/tool.h"
#include "eval/report.h"
#include "options.h"
#include "record/episode_writer.h"

namespace qt::eval {

class Outputs {
 public:
  // `run_id` names the episodes of the first policy.
  static Result<Outputs> Open(const Options& options, const std::string& run_id, cli::Io& io);

  // Of arm `arm`; the first one's episodes are recorded.
  Status Write(size_t arm, const PolicyReport& policy, const Outcome& outcome,
               const Episode& episode);
  Status Finish();

 private:
  std::unique_ptr<ByteSink> lines_;                // may be null
  std::unique_ptr<record::EpisodeWriter> writer_;  // may be null
};

}  // namespace qt::eval

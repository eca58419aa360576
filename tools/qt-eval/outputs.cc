#include "outputs.h"

#include <utility>

namespace qt::eval {

Result<Outputs> Outputs::Open(const Options& options, const std::string& run_id, cli::Io& io) {
  Outputs outputs;
  if (!options.episodes.empty()) {
    QT_ASSIGN(outputs.lines_, io.OpenOutput(options.episodes, false, "eval", run_id, ".ndjson"));
  }
  if (!options.record.empty()) {
    QT_ASSIGN(std::unique_ptr<ByteSink> sink,
              io.OpenOutput(options.record, true, "eval", run_id, ".mcap"));
    record::Lineage lineage;
    lineage.run_id = run_id;
    lineage.tool = io.tool_version();
    lineage.command_line = io.command_line();
    outputs.writer_ = std::make_unique<record::EpisodeWriter>(std::move(sink), std::move(lineage));
  }
  return outputs;
}

Status Outputs::Write(size_t arm, const PolicyReport& policy, const Outcome& outcome,
                      const Episode& episode) {
  if (writer_ && arm == 0) QT_TRY(writer_->Write(episode));
  if (!lines_) return Ok();
  QT_TRY(lines_->Write(AsBytes(ToJson(policy, outcome).dump() + "\n")));
  return lines_->Flush();
}

Status Outputs::Finish() {
  if (writer_) QT_TRY(writer_->Finish());
  return lines_ ? lines_->Commit() : Ok();
}

}  // namespace qt::eval

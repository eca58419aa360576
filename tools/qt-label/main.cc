// SPDX-License-Identifier: Apache-2.0
// qt-label: episodes in, the same episodes with success and reward out.
#include <cstdio>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/number_text.h"
#include "base/output_place.h"
#include "json/json.h"
#include "options.h"

namespace qt::label {
namespace {

using episodes::EpisodeStream;

Json Summary(const FilterStats& stats, size_t damaged) {
  Json success = {{"rate", nullptr}, {"count", stats.successes}};
  if (stats.labelled > 0) success["rate"] = Ratio(stats.successes, stats.labelled);
  return {{"episodes", stats.episodes},
          {"labelled", stats.labelled},
          {"already_labelled", stats.already_labelled},
          {"without_evidence", stats.without_evidence},
          {"abstained", stats.abstained},
          {"undecidable", stats.undecidable},
          {"damaged", damaged},
          {"success", success},
          {"agreement", ToJson(stats.agreement)}};
}

std::string SummaryText(const FilterStats& stats) {
  char text[200];
  const std::string abstained =
      stats.abstained > 0 ? ", " + std::to_string(stats.abstained) + " too doubtful" : "";
  int length = std::snprintf(text, sizeof text, "%llu episodes, %llu labelled%s",
                             static_cast<unsigned long long>(stats.episodes),
                             static_cast<unsigned long long>(stats.labelled), abstained.c_str());
  if (stats.labelled > 0) {
    length += std::snprintf(text + length, sizeof text - size_t(length), ", success %.1f %%",
                            100 * Ratio(stats.successes, stats.labelled));
  }
  if (stats.agreement.total() > 0) {
    std::snprintf(text + length, sizeof text - size_t(length),
                  ", %.1f %% as the simulator judged %llu of them",
                  100 * Ratio(stats.agreement.agreed(), stats.agreement.total()),
                  static_cast<unsigned long long>(stats.agreement.total()));
  }
  return text;
}

// What was lost, as the run's status.
Status LossOf(size_t lost, const FilterStats& stats) {
  if (lost > 0) return Partial(std::to_string(lost) + " damaged part(s) of the input were skipped");
  if (stats.undecidable > 0) {
    return Partial(std::to_string(stats.undecidable) + " episode(s) could not be judged");
  }
  return Ok();
}

Status RunOnce(const Options& options, std::vector<std::string> inputs, cli::Io& io) {
  const auto open = [&](const std::string& file_id) {
    return io.OpenOutput(options.output, true, "labelled", file_id, ".mcap");
  };
  QT_ASSIGN(std::unique_ptr<episodes::EpisodeSink> sink,
            episodes::OpenSink(
                options.output,
                {.open = open, .file_id = episodes::NewFileId(), .lineage = LineageOf(io)}));
  const auto follow = options.follow ? episodes::Follow::kYes : episodes::Follow::kNo;
  EpisodeStream stream(std::move(inputs), {.follow = follow});
  FilterStats stats;
  const Status status =
      LabelStream(stream, std::move(sink), options, IfCutShort::kFinish, io, &stats);
  for (const episodes::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  if (status.code() == Code::kInterrupted) return io.Interrupted();
  QT_TRY(status);
  io.Report(Summary(stats, stream.damage().size()), SummaryText(stats));
  return LossOf(stream.damage().size(), stats);
}

Status RunEach(const Options& options, const std::vector<std::string>& inputs, cli::Io& io) {
  EachStats stats;
  const Status status = LabelEach(options, inputs, io, &stats);
  if (!status.ok() && status.code() != Code::kInterrupted) return status;
  Json summary = Summary(stats.filter, stats.damaged);
  summary["files"] = stats.files;
  summary["files_left_out"] = stats.left_out;
  io.Report(summary, std::to_string(stats.files) + " file(s), " + SummaryText(stats.filter));
  return status.ok() ? LossOf(stats.damaged, stats.filter) : io.Interrupted();
}

Status Run(const Options& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  if (!options.audit.empty()) return RunAudit(options, std::move(inputs), io);
  if (options.calibrate) return RunCalibrate(options, std::move(inputs), io);
  if (io.dry_run()) {
    QT_TRY(
        io.OpenOutput(options.output, true, "labelled", episodes::NewFileId(), ".mcap").status());
    io.Report({{"inputs", inputs}, {"output", options.output}},
              "would label " + std::to_string(inputs.size()) + " input(s) into " + options.output);
    return Ok();
  }
  const bool each = options.each || (options.follow && !NamesStdout(options.output));
  return each ? RunEach(options, inputs, io) : RunOnce(options, std::move(inputs), io);
}

}  // namespace
}  // namespace qt::label

int main(int argc, char** argv) {
  qt::label::Options options;
  return qt::cli::RunTool(qt::label::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::label::Run(options, io); });
}

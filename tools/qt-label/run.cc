#include "run.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "base/log.h"
#include "label/filter.h"
#include "record/episode_reader.h"
#include "record/episode_writer.h"

namespace qt::label {
namespace {

using record::EpisodeStream;
using record::EpisodeWriter;
using record::StoredEpisode;

double Ratio(uint64_t part, uint64_t whole) { return whole > 0 ? double(part) / double(whole) : 0; }

Json Summary(const FilterStats& stats, size_t damaged) {
  Json success = {{"rate", nullptr}, {"count", stats.successes}};
  if (stats.labelled > 0) success["rate"] = Ratio(stats.successes, stats.labelled);
  const Agreement& a = stats.agreement;
  Json agreement = {{"rate", nullptr},
                    {"compared", a.total()},
                    {"both_success", a.both_success},
                    {"both_failure", a.both_failure},
                    {"false_success", a.false_success},
                    {"false_failure", a.false_failure}};
  if (a.total() > 0) agreement["rate"] = Ratio(a.agreed(), a.total());
  return {{"episodes", stats.episodes},
          {"labelled", stats.labelled},
          {"already_labelled", stats.already_labelled},
          {"without_evidence", stats.without_evidence},
          {"undecidable", stats.undecidable},
          {"damaged", damaged},
          {"success", success},
          {"agreement", agreement}};
}

// Tells the files of a spool apart; not part of what is written.
std::string FileId() {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", std::random_device{}());
  return text;
}

std::string SummaryText(const FilterStats& stats) {
  char text[200];
  int length = std::snprintf(text, sizeof text, "%llu episodes, %llu labelled, success %.1f %%",
                             static_cast<unsigned long long>(stats.episodes),
                             static_cast<unsigned long long>(stats.labelled),
                             100 * Ratio(stats.successes, stats.labelled));
  if (stats.agreement.total() > 0) {
    std::snprintf(text + length, sizeof text - size_t(length),
                  ", %.1f %% as the simulator judged %llu of them",
                  100 * Ratio(stats.agreement.agreed(), stats.agreement.total()),
                  static_cast<unsigned long long>(stats.agreement.total()));
  }
  return text;
}

record::Lineage LineageOf(const EpisodeStream& stream, const Options& options, const cli::Io& io) {
  record::Lineage lineage;
  lineage.tool = io.tool_version();
  lineage.command_line = LabellingCommand(options);
  lineage.inherited = stream.programs();
  return lineage;
}

// What was lost, said once for each part, and as the run's status.
Status ReportDamage(const EpisodeStream& stream, const FilterStats& stats) {
  for (const record::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  const size_t lost = stream.damage().size();
  if (lost > 0) return Partial(std::to_string(lost) + " damaged part(s) of the input were skipped");
  if (stats.undecidable > 0) {
    return Partial(std::to_string(stats.undecidable) + " episode(s) could not be judged");
  }
  return Ok();
}

// The first episode is read before the writer is made: it brings the lineage of the input.
Status Label(EpisodeStream& stream, std::unique_ptr<ByteSink> sink, const Options& options,
             cli::Io& io, FilterStats* stats) {
  QT_ASSIGN(std::optional<StoredEpisode> first, stream.Next());
  bool have_first = true;
  EpisodeWriter writer(std::move(sink), LineageOf(stream, options, io));
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", 0);
  const auto next = [&]() -> Result<std::optional<StoredEpisode>> {
    if (std::exchange(have_first, false)) return std::move(first);
    return stream.Next();
  };
  const auto write = [&](const StoredEpisode& stored, std::span<const qt::Label> labels) {
    return writer.WriteCopy(stored, labels);
  };
  const auto watch = [&](const FilterStats& so_far) { progress->Update(so_far.episodes); };
  const Status status =
      FilterEpisodes(next, write, options.label, options.num_threads, io.stop(), watch, stats);
  if (!status.ok() && status.code() != Code::kInterrupted) return status;
  QT_TRY(writer.Finish());
  return status;
}

}  // namespace

Status Run(const Options& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  if (io.dry_run()) {
    QT_TRY(io.OpenOutput(options.output, true, "labelled", FileId(), ".mcap").status());
    io.Report({{"inputs", inputs}, {"output", options.output}},
              "would label " + std::to_string(inputs.size()) + " input(s) into " + options.output);
    return Ok();
  }
  QT_ASSIGN(std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.output, true, "labelled", FileId(), ".mcap"));
  EpisodeStream stream(std::move(inputs));
  FilterStats stats;
  const Status status = Label(stream, std::move(sink), options, io, &stats);
  if (status.code() == Code::kInterrupted) return io.Interrupted();
  QT_TRY(status);
  io.Report(Summary(stats, stream.damage().size()), SummaryText(stats));
  return ReportDamage(stream, stats);
}

}  // namespace qt::label

#include "label_stream.h"

#include <optional>
#include <utility>

#include "record/episode_writer.h"

namespace qt::label {
namespace {

using record::EpisodeStream;
using record::EpisodeWriter;
using record::StoredEpisode;

record::Lineage LineageOf(const EpisodeStream& stream, const Options& options, const cli::Io& io) {
  record::Lineage lineage;
  lineage.tool = io.tool_version();
  lineage.command_line = LabellingCommand(options);
  lineage.inherited = stream.programs();
  return lineage;
}

// A file that could not be written keeps its complete episodes in the temporary that the message
// names; one that was interrupted before its first episode is still a file.
Status Conclude(Status status, bool write_failed, IfCutShort if_cut_short, EpisodeWriter* writer) {
  const bool cut_short = !status.ok();
  if (cut_short && if_cut_short == IfCutShort::kDiscard) {
    writer->Discard();
    return status;
  }
  const bool nothing = writer->num_episodes() == 0 && status.code() != Code::kInterrupted;
  if (write_failed || (cut_short && nothing)) return status;
  QT_TRY(writer->Finish());
  return status;
}

}  // namespace

// The first episode is read before the writer is made: it brings the lineage of the input.
Status LabelStream(EpisodeStream& stream, std::unique_ptr<ByteSink> sink, const Options& options,
                   IfCutShort if_cut_short, cli::Io& io, FilterStats* stats) {
  Result<std::optional<StoredEpisode>> first = stream.Next();
  bool have_first = true;
  EpisodeWriter writer(std::move(sink), LineageOf(stream, options, io));
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", 0);
  const auto next = [&]() -> Result<std::optional<StoredEpisode>> {
    if (std::exchange(have_first, false)) return std::move(first);
    return stream.Next();
  };
  bool write_failed = false;
  const auto write = [&](const StoredEpisode& stored, std::span<const qt::Label> labels) {
    Status status = writer.WriteCopy(stored, labels);
    write_failed = !status.ok();
    return status;
  };
  const auto watch = [&](const FilterStats& so_far) { progress->Update(so_far.episodes); };
  Status status =
      FilterEpisodes(next, write, options.label, options.num_threads, io.stop(), watch, stats);
  return Conclude(std::move(status), write_failed, if_cut_short, &writer);
}

}  // namespace qt::label

#include "label_stream.h"

#include <algorithm>
#include <mutex>
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

// The lineage of the input as far as it was read, handed from the reading thread to the writing
// one.
class Programs {
 public:
  void Update(const std::vector<record::Program>& programs) {
    const std::lock_guard lock(mutex_);
    programs_.insert(programs_.end(), programs.begin() + ptrdiff_t(programs_.size()),
                     programs.end());
  }
  // What was known when an episode was read, so that the file does not depend on the threads.
  Status Inherit(size_t count, EpisodeWriter* writer) const {
    const std::lock_guard lock(mutex_);
    return writer->Inherit(std::span(programs_).first(std::min(count, programs_.size())));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<record::Program> programs_;
};

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
  Programs programs;
  programs.Update(stream.programs());
  const auto next = [&]() -> Result<std::optional<StoredEpisode>> {
    if (std::exchange(have_first, false)) return std::move(first);
    Result<std::optional<StoredEpisode>> stored = stream.Next();
    programs.Update(stream.programs());
    return stored;
  };
  bool write_failed = false;
  const auto write = [&](const StoredEpisode& stored, std::span<const qt::Label> labels) {
    Status status = programs.Inherit(stored.num_programs, &writer);
    if (status.ok()) status = writer.WriteCopy(stored, labels);
    write_failed = !status.ok();
    return status;
  };
  const auto watch = [&](const FilterStats& so_far) { progress->Update(so_far.episodes); };
  Status status =
      FilterEpisodes(next, write, options.label, options.num_threads, io.stop(), watch, stats);
  return Conclude(std::move(status), write_failed, if_cut_short, &writer);
}

}  // namespace qt::label

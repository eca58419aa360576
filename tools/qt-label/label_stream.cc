// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <utility>

#include "image/png.h"
#include "label/audit.h"
#include "label/explain.h"
#include "options.h"

namespace qt::label {
namespace {

using episodes::EpisodeSink;
using episodes::EpisodeStream;
using episodes::StoredEpisode;

// The lineage of the input as far as it was read, handed from the reading thread to the writing
// one.
class Programs {
 public:
  void Update(const std::vector<episodes::Program>& programs) {
    const std::lock_guard lock(mutex_);
    programs_.insert(programs_.end(), programs.begin() + ptrdiff_t(programs_.size()),
                     programs.end());
  }
  // What was known when an episode was read, so that the file does not depend on the threads.
  Status Inherit(size_t count, EpisodeSink* sink) const {
    const std::lock_guard lock(mutex_);
    return sink->Inherit(std::span(programs_).first(std::min(count, programs_.size())));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<episodes::Program> programs_;
};

bool IsAsked(const Episode& episode, const LabelResult& result, Explained which) {
  if (result.verdicts.empty()) return false;
  if (which == Explained::kDoubtful) return result.confidence < 0.9f;
  if (which == Explained::kAll) return true;
  const Label* truth = ChooseLabel(episode, kTruthSource);
  return truth != nullptr && truth->success != result.label.success;
}

// Ids may come from anywhere: what is no plain file name becomes one.
std::string FileNameOf(std::string id) {
  for (char& c : id) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
  }
  if (id.empty() || id[0] == '.') id.insert(0, 1, '_');
  return id.substr(0, 200);
}

// Into EPISODE.png.
Status SaveExplanation(const Episode& episode, const LabelOptions& judging,
                       const LabelResult& result, const Options& options, const cli::Io& io) {
  if (!IsAsked(episode, result, options.explain_which)) return Ok();
  QT_TRY(MakeFolder(options.explain));
  QT_ASSIGN(const RgbImage picture, Explain(episode, judging, result));
  return WritePng(options.explain + "/" + FileNameOf(episode.id) + ".png", picture,
                  io.force() ? Overwrite::kYes : Overwrite::kNo);
}

// A file that could not be written keeps its complete episodes in the temporary that the message
// names; one that was interrupted before its first episode is still a file.
Status Conclude(Status status, bool write_failed, IfCutShort if_cut_short, EpisodeSink* sink) {
  const bool cut_short = !status.ok();
  if (cut_short && if_cut_short == IfCutShort::kDiscard) {
    sink->Discard();
    return status;
  }
  const bool nothing = sink->num_episodes() == 0 && status.code() != Code::kInterrupted;
  if (write_failed || (cut_short && nothing)) return status;
  QT_TRY(sink->Finish());
  return status;
}

}  // namespace

episodes::Lineage LineageOf(const cli::Io& io) {
  return {.tool = io.tool_version(), .command_line = io.ReproducingCommand()};
}

// The first episode is read before anything is written: it brings the lineage of the input.
Status LabelStream(EpisodeStream& stream, std::unique_ptr<EpisodeSink> sink, const Options& options,
                   IfCutShort if_cut_short, cli::Io& io, FilterStats* stats) {
  QT_ASSIGN(const LabelOptions judging, JudgingOf(options));
  Result<std::optional<StoredEpisode>> first = stream.Next();
  bool have_first = true;
  QT_TRY(sink->Inherit(stream.programs()));
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
    Status status = programs.Inherit(stored.num_programs, sink.get());
    if (status.ok()) status = sink->WriteCopy(stored, labels);
    write_failed = !status.ok();
    return status;
  };
  const auto watch = [&](const FilterStats& so_far) { progress->Update(so_far.episodes); };
  Inspect inspect;
  if (!options.explain.empty()) {
    inspect = [&](const Episode& episode, const LabelResult& result) {
      return SaveExplanation(episode, judging, result, options, io);
    };
  }
  Status status =
      FilterEpisodes(next, write, judging, options.num_threads, io.stop(), watch, inspect, stats);
  return Conclude(std::move(status), write_failed, if_cut_short, sink.get());
}

}  // namespace qt::label

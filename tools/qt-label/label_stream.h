// Labels the episodes of one stream into one sink.
#pragma once

#include <memory>

#include "cli/tool.h"
#include "episodes/episode_sink.h"
#include "episodes/episode_source.h"
#include "label/label_episode.h"
#include "options.h"

namespace qt::label {

// What becomes of the episodes that are written when the input fails or the user interrupts.
enum class IfCutShort { kFinish, kDiscard };

// What the files that are written say of this run.
episodes::Lineage LineageOf(const Options& options, const cli::Io& io);

// Adds to *stats. The status is that of the input, or of writing.
Status LabelStream(episodes::EpisodeStream& stream, std::unique_ptr<episodes::EpisodeSink> sink,
                   const Options& options, IfCutShort if_cut_short, cli::Io& io,
                   FilterStats* stats);

}  // namespace qt::label

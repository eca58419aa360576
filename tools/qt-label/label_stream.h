// Labels the episodes of one stream into one sink.
#pragma once

#include <memory>

#include "base/file.h"
#include "cli/tool.h"
#include "episodes/episode_reader.h"
#include "label/filter.h"
#include "options.h"

namespace qt::label {

// What becomes of the episodes that are written when the input fails or the user interrupts.
enum class IfCutShort { kFinish, kDiscard };

// Adds to *stats. The status is that of the input, or of writing.
Status LabelStream(episodes::EpisodeStream& stream, std::unique_ptr<ByteSink> sink,
                   const Options& options, IfCutShort if_cut_short, cli::Io& io,
                   FilterStats* stats);

}  // namespace qt::label

// qt-label --each and --follow: labels file by file into a folder, each into a file of the same
// name, so that a run can be stopped and started again, or overlap with another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/tool.h"
#include "label/label_episode.h"
#include "options.h"

namespace qt::label {

struct EachStats {
  FilterStats filter;
  uint64_t files = 0;     // written
  uint64_t left_out = 0;  // have their labelled file already
  size_t damaged = 0;     // parts of the input, and inputs that are no episode files
};

// kInterrupted once a stop was requested. Fails if nothing can be written, or if a named input is
// not there.
Status LabelEach(const Options& options, const std::vector<std::string>& inputs, cli::Io& io,
                 EachStats* stats);

}  // namespace qt::label

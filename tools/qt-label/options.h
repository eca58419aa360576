// What qt-label can be told: the flag table and the struct it fills.
#pragma once

#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "label/label_episode.h"

namespace qt::label {

struct Options {
  std::vector<std::string> inputs;
  std::string output = "-";
  bool each = false;                  // a file of its own for each input file, of the same name
  bool follow = false;                // wait for further files
  std::string calibration;            // file; empty: the built-in edge
  std::string explain;                // folder; empty: nothing is explained
  std::string explain_which = "all";  // all | doubtful | wrong
  bool calibrate = false;
  std::string audit, audited;  // label sources: the reference, and what is held against it
  LabelOptions label;
  int num_threads = 1;
};

cli::FlagTable Describe(Options* options);

// What the flags say of judging. Fails if the calibration cannot be read.
Result<LabelOptions> JudgingOf(const Options& options);

// For the lineage: what was asked for, without what cannot change the labels (inputs, output,
// threads).
std::string LabellingCommand(const Options& options);

}  // namespace qt::label

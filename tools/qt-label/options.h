// SPDX-License-Identifier: Apache-2.0
// What qt-label can be told, the flag table that fills it, and what is done in each of its modes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "cli/tool.h"
#include "episodes/episode_sink.h"
#include "episodes/episode_source.h"
#include "label/label_episode.h"

namespace qt::label {

// Which decisions are explained: all, the unsure ones, or those that the simulator contradicts.
enum class Explained : uint8_t { kAll, kDoubtful, kWrong };
constexpr auto NamesOf(Explained) { return std::array{"all", "doubtful", "wrong"}; }

struct Options {
  std::vector<std::string> inputs;
  std::string output = "-";
  bool each = false;        // a file of its own for each input file, of the same name
  bool follow = false;      // wait for further files
  std::string calibration;  // file; empty: the built-in edge
  std::string explain;      // folder; empty: nothing is explained
  Explained explain_which = Explained::kAll;
  bool calibrate = false;
  std::string audit, audited;  // label sources: the reference, and what is held against it
  LabelOptions label;
  int num_threads = 1;
};

cli::FlagTable Describe(Options* options);

// What the flags say of judging. Fails if the calibration cannot be read.
Result<LabelOptions> JudgingOf(const Options& options);

// --- One stream into one sink (label_stream.cc) ------------------------------------------------

// What becomes of the episodes that are written when the input fails or the user interrupts.
enum class IfCutShort { kFinish, kDiscard };

// What the files that are written say of this run.
episodes::Lineage LineageOf(const cli::Io& io);

// Adds to *stats. The status is that of the input, or of writing.
Status LabelStream(episodes::EpisodeStream& stream, std::unique_ptr<episodes::EpisodeSink> sink,
                   const Options& options, IfCutShort if_cut_short, cli::Io& io,
                   FilterStats* stats);

// --- --each and --follow (each.cc) -------------------------------------------------------------

struct EachStats {
  FilterStats filter;
  uint64_t files = 0;     // written
  uint64_t left_out = 0;  // have their labelled file already
  size_t damaged = 0;     // parts of the input, and inputs that are no episode files
};

// Labels file by file into a folder, each into a file of the same name, so that a run can be
// stopped and started again, or overlap with another. kInterrupted once a stop was requested. Fails
// if nothing can be written, or if a named input is not there.
Status LabelEach(const Options& options, const std::vector<std::string>& inputs, cli::Io& io,
                 EachStats* stats);

// --- Modes that write no episodes (audit.cc) ---------------------------------------------------

// Compares labels with another source and reports. kPartial if input was damaged.
Status RunAudit(const Options& options, std::vector<std::string> inputs, cli::Io& io);

// Finds the edge of the drop test and writes it to the output as JSON.
Status RunCalibrate(const Options& options, std::vector<std::string> inputs, cli::Io& io);

}  // namespace qt::label

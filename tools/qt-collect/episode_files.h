// Where qt-collect's episodes go: one file, or one file after the other in a spool folder.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "episodes/episode_writer.h"
#include "mdp/episode.h"

namespace qt::collect {

class EpisodeFiles {
 public:
  // Opens the file of this number, counted from 0.
  using Open = std::function<Result<std::unique_ptr<ByteSink>>(uint64_t number)>;

  // The first file is opened at once, so that what is wrong with it shows before anything is
  // collected; each other one with its first episode.
  static Result<EpisodeFiles> Start(Open open, episodes::Lineage lineage,
                                    uint64_t episodes_per_file);

  Status Write(const Episode& episode);
  // Finishes the file that is open. Without it, its episodes stay in a hidden temporary.
  Status Finish();

 private:
  EpisodeFiles(Open open, episodes::Lineage lineage, uint64_t episodes_per_file)
      : open_(std::move(open)),
        lineage_(std::move(lineage)),
        episodes_per_file_(episodes_per_file) {}
  Status OpenNext();

  Open open_;
  episodes::Lineage lineage_;
  uint64_t episodes_per_file_;
  uint64_t num_files_ = 0;
  std::unique_ptr<episodes::EpisodeWriter> writer_;  // null between two files
};

}  // namespace qt::collect

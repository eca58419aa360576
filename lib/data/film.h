// SPDX-License-Identifier: Apache-2.0
// A video of episodes, step by step, each with its verdict at the end. One frame at a time goes to
// the encoder; the file appears under its name when it is complete.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/status.h"
#include "data/view_frame.h"
#include "image/video.h"

namespace qt::data {

struct FilmConfig {
  std::string path;  // .mp4 or .gif
  int side_px = 384;
  double frames_per_s = 4;  // steps
  Overwrite overwrite = Overwrite::kNo;
};

class Film {
 public:
  explicit Film(FilmConfig config) : config_(std::move(config)) {}

  // Frames have one size, which the first episode decides. An episode without steps adds nothing.
  Status Add(const ViewedEpisode& viewed);
  // Nothing is written if nothing was added.
  Status Finish() { return writer_ == nullptr ? Ok() : writer_->Finish(); }

 private:
  Status Start(const Episode& episode);

  FilmConfig config_;
  FrameSize size_;
  std::unique_ptr<VideoWriter> writer_;
};

}  // namespace qt::data

// SPDX-License-Identifier: Apache-2.0
// Videos and animated GIFs, by way of a pipe to `ffmpeg`.
#pragma once

#include <memory>
#include <string>

#include "base/child_process.h"
#include "base/file.h"
#include "base/status.h"
#include "image/image.h"

namespace qt {

// Whether a file of this name is written as a video: it ends in .mp4 or .gif.
bool IsVideoName(const std::string& path);

// Frame after frame into one file, which appears when it is complete. Destroyed without Finish, it
// leaves nothing behind.
class VideoWriter {
 public:
  // The ending of `path` chooses the format: .mp4 (H.264) or .gif. Fails at once if ffmpeg cannot
  // be run. REQUIRES: IsVideoName(path), sizes > 0, frames_per_s > 0.
  static Result<std::unique_ptr<VideoWriter>> Start(const std::string& path, int width_px,
                                                    int height_px, double frames_per_s,
                                                    Overwrite overwrite);

  // REQUIRES: a picture of the size given to Start.
  Status Add(const RgbImage& frame);
  Status Finish();

 private:
  VideoWriter(std::unique_ptr<ChildProcess> ffmpeg, std::unique_ptr<ByteSink> file, int width_px,
              int height_px);
  Status Failure(const std::string& how);

  std::unique_ptr<ByteSink> file_;  // outlives ffmpeg, which writes it
  std::unique_ptr<ChildProcess> ffmpeg_;
  int width_px_, height_px_;
};

}  // namespace qt

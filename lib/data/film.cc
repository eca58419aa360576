// SPDX-License-Identifier: Apache-2.0
#include "data/film.h"

#include <algorithm>

namespace qt::data {

Status Film::Add(const ViewedEpisode& viewed) {
  if (viewed.episode.steps.empty()) return Ok();
  if (writer_ == nullptr) QT_TRY(Start(viewed.episode));
  for (size_t i = 0; i < viewed.episode.steps.size(); ++i) {
    QT_ASSIGN(const RgbImage frame, DrawStep(viewed, i, size_));
    QT_TRY(writer_->Add(frame));
  }
  // The verdict is shown for a second.
  QT_ASSIGN(const RgbImage verdict, DrawStep(viewed, viewed.episode.steps.size(), size_));
  for (int i = 0; i < std::max(1, int(config_.frames_per_s)); ++i) QT_TRY(writer_->Add(verdict));
  return Ok();
}

Status Film::Start(const Episode& episode) {
  size_ = FrameSizeFor(episode, config_.side_px);
  QT_ASSIGN(writer_, VideoWriter::Start(config_.path, size_.width_px(), size_.height_px(),
                                        config_.frames_per_s, config_.overwrite));
  return Ok();
}

}  // namespace qt::data

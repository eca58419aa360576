#include "episode_files.h"

#include <utility>

namespace qt::collect {

Result<EpisodeFiles> EpisodeFiles::Start(Open open, episodes::Lineage lineage,
                                         uint64_t episodes_per_file) {
  EpisodeFiles files(std::move(open), std::move(lineage), episodes_per_file);
  QT_TRY(files.OpenNext());
  return files;
}

Status EpisodeFiles::OpenNext() {
  QT_ASSIGN(std::unique_ptr<ByteSink> sink, open_(num_files_++));
  writer_ = std::make_unique<episodes::EpisodeWriter>(std::move(sink), lineage_);
  return Ok();
}

Status EpisodeFiles::Write(const Episode& episode) {
  if (!writer_) QT_TRY(OpenNext());
  QT_TRY(writer_->Write(episode));
  return writer_->num_episodes() < episodes_per_file_ ? Ok() : Finish();
}

Status EpisodeFiles::Finish() {
  if (!writer_) return Ok();
  const Status status = writer_->Finish();
  writer_.reset();
  return status;
}

}  // namespace qt::collect

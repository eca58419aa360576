// SPDX-License-Identifier: Apache-2.0
// A folder that gets one episode file after the other.
#include <cstdio>
#include <utility>

#include "episodes/episode_sink.h"
#include "episodes/episode_writer.h"

namespace qt::episodes {
namespace {

class FolderSink : public EpisodeSink {
 public:
  explicit FolderSink(SinkOptions options) : options_(std::move(options)) {}

  Status OpenNext() {
    std::string file_id = options_.file_id;
    if (options_.episodes_per_file > 0) {  // files of one second are in order by name, too
      char number[24];
      std::snprintf(number, sizeof number, "-%06llu", static_cast<unsigned long long>(num_files_));
      file_id += number;
    }
    ++num_files_;
    QT_ASSIGN(std::unique_ptr<ByteSink> bytes, options_.open(file_id));
    writer_ = std::make_unique<EpisodeWriter>(std::move(bytes), options_.lineage);
    return Ok();
  }

  Status Write(const Episode& episode) override {
    return Take([&] { return writer_->Write(episode); });
  }
  Status WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) override {
    return Take([&] { return writer_->WriteCopy(stored, new_labels); });
  }
  Status Inherit(std::span<const Program> programs) override {
    const size_t known = options_.lineage.inherited.size();
    if (programs.size() > known) {
      options_.lineage.inherited.assign(programs.begin(), programs.end());
    }
    return writer_ != nullptr ? writer_->Inherit(programs) : Ok();
  }

  Status Finish() override {
    if (writer_ == nullptr) return Ok();
    const Status finished = writer_->Finish();
    num_episodes_ += writer_->num_episodes();
    num_verbatim_ += writer_->num_verbatim();
    writer_ = nullptr;
    return finished;
  }
  void Discard() override {
    if (writer_ != nullptr) writer_->Discard();
  }

  uint64_t num_episodes() const override {
    return num_episodes_ + (writer_ != nullptr ? writer_->num_episodes() : 0);
  }
  uint64_t num_verbatim() const override {
    return num_verbatim_ + (writer_ != nullptr ? writer_->num_verbatim() : 0);
  }

 private:
  // A file is opened with its first episode and finished with its last.
  template <typename WriteOne>
  Status Take(const WriteOne& write_one) {
    if (writer_ == nullptr) QT_TRY(OpenNext());
    QT_TRY(write_one());
    const uint64_t most = options_.episodes_per_file;
    return most > 0 && writer_->num_episodes() >= most ? Finish() : Ok();
  }

  SinkOptions options_;
  uint64_t num_files_ = 0;
  uint64_t num_episodes_ = 0, num_verbatim_ = 0;  // of the files that are finished
  std::unique_ptr<EpisodeWriter> writer_;         // nullptr between two files
};

}  // namespace

Result<std::unique_ptr<EpisodeSink>> OpenFolderSink(SinkOptions options) {
  auto sink = std::make_unique<FolderSink>(std::move(options));
  QT_TRY(sink->OpenNext());
  return std::unique_ptr<EpisodeSink>(std::move(sink));
}

}  // namespace qt::episodes

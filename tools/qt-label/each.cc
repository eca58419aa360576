// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "base/log.h"
#include "episodes/episode_writer.h"
#include "episodes/spool.h"
#include "options.h"

namespace qt::label {
namespace {

namespace fs = std::filesystem;

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// The files of the inputs as they stand; folders that are followed are left to the watcher.
Result<std::vector<std::string>> ListInputs(const Options& options,
                                            const std::vector<std::string>& inputs,
                                            std::vector<std::string>* followed) {
  std::vector<std::string> listed;
  for (const std::string& input : inputs) {
    if (!Exists(input)) return NotFound("no such file or folder").At(input);
    std::error_code error;
    if (fs::equivalent(fs::path(input).parent_path(), options.output, error) ||
        fs::equivalent(input, options.output, error)) {
      return Usage("the labelled files must go to another folder than " + input + " is in");
    }
    (options.follow && episodes::CanFollow(input) ? *followed : listed).push_back(input);
  }
  return episodes::ListFiles(listed);
}

class EachLabeller {
 public:
  EachLabeller(const Options& options, cli::Io& io, EachStats* stats)
      : options_(options), io_(io), stats_(stats) {}

  // Makes the folder that all goes into.
  Status Start() const { return MakeFolder(options_.output); }

  Status LabelFile(const std::string& path) {
    const std::string target = TargetOf(path);
    if (Exists(target) && !io_.force()) {
      ++stats_->left_out;
      return Ok();
    }
    QT_ASSIGN(std::unique_ptr<ByteSink> bytes, CreateFile(target, overwrite()));
    episodes::EpisodeStream stream({path});
    FilterStats file_stats = stats_->filter;
    const Status status = LabelStream(
        stream, std::make_unique<episodes::EpisodeWriter>(std::move(bytes), LineageOf(io_)),
        options_, IfCutShort::kDiscard, io_, &file_stats);
    for (const episodes::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
    if (status.ok()) {
      stats_->filter = file_stats;
      stats_->damaged += stream.damage().size();
      ++stats_->files;
      LogDebug(path + " labelled into " + target);
      return Ok();
    }
    return Judge(path, target, status);
  }

 private:
  std::string TargetOf(const std::string& path) const {
    return (fs::path(options_.output) / fs::path(path).filename()).string();
  }
  Overwrite overwrite() const { return io_.force() ? Overwrite::kYes : Overwrite::kNo; }

  // An input that cannot be used is skipped; it will be tried again by the next run.
  Status Judge(const std::string& path, const std::string& target, const Status& status) {
    if (status.code() == Code::kInterrupted) return status;
    if (status.path() == target && Exists(target) && !io_.force()) {
      ++stats_->left_out;  // another run was faster
      return Ok();
    }
    if (status.path() != path) return status;
    if (status.code() == Code::kNotFound && options_.follow) return Ok();  // moved on meanwhile
    LogWarning(status.ToString());
    ++stats_->damaged;
    return Ok();
  }

  const Options& options_;
  cli::Io& io_;
  EachStats* stats_;
};

}  // namespace

Status LabelEach(const Options& options, const std::vector<std::string>& inputs, cli::Io& io,
                 EachStats* stats) {
  std::vector<std::string> followed;
  QT_ASSIGN(const std::vector<std::string> files, ListInputs(options, inputs, &followed));
  EachLabeller labeller(options, io, stats);
  QT_TRY(labeller.Start());
  for (const std::string& file : files) QT_TRY(labeller.LabelFile(file));
  if (followed.empty()) return Ok();
  QT_ASSIGN(const auto watcher, episodes::WatchEpisodeFiles(followed));
  for (;;) {
    QT_ASSIGN(const std::string file, watcher->Next());
    QT_TRY(labeller.LabelFile(file));
  }
}

}  // namespace qt::label

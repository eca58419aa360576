// SPDX-License-Identifier: Apache-2.0
// A folder of episode files as a source: those that are there, by name, and, if it is followed,
// each further one.
#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

#include "base/file.h"
#include "episodes/episode_reader.h"
#include "episodes/source_notes.h"
#include "episodes/spool.h"

namespace qt::episodes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFolderSlice{100};  // how soon it gives up

class FolderSource : public EpisodeSource {
 public:
  FolderSource(std::string folder, const std::vector<std::string>& files,
               std::unique_ptr<SpoolWatcher> watcher, SourceOptions options)
      : folder_(std::move(folder)),
        files_(files.begin(), files.end()),
        found_(files.begin(), files.end()),
        watcher_(std::move(watcher)),
        options_(std::move(options)) {}

  Result<std::optional<StoredEpisode>> Next() override { return Read(/*wait=*/true); }
  Result<std::optional<StoredEpisode>> NextStored() override { return Read(/*wait=*/false); }
  const std::vector<Damage>& damage() const override { return notes_.damage; }
  const std::vector<Program>& programs() const override { return notes_.programs; }
  uint64_t bytes_read() const override { return notes_.bytes_read; }

 private:
  // The next file; nullopt if there is none (for now).
  Result<std::optional<std::string>> NextFile(bool wait) {
    if (!files_.empty()) {
      std::string file = std::move(files_.front());
      files_.pop_front();
      return std::optional(std::move(file));
    }
    while (watcher_ != nullptr) {
      QT_ASSIGN(std::optional<std::string> file,
                watcher_->NextWithin(wait ? kFolderSlice : milliseconds(0)));
      if (file || !wait) return file;
      if (options_.give_up && options_.give_up()) {
        return Status(Code::kInterrupted, "interrupted while waiting for files");
      }
    }
    return std::optional<std::string>();
  }

  // A file was taken away after the folder was listed. What it held is in a file that came since,
  // if the folder is compacted meanwhile. False if the name is still there.
  Result<bool> LookForWhatCame(const std::string& gone) {
    QT_ASSIGN(const std::vector<std::string> names, ListEpisodeFiles(folder_));
    if (std::ranges::count(names, gone) > 0) return false;  // a link that leads nowhere
    auto at = files_.begin();
    for (const std::string& name : names) {
      if (found_.insert(name).second) at = std::next(files_.insert(at, name));
    }
    return true;
  }

  // Opens files until one can be read. False if there is none left (for now).
  Result<bool> OpenNext(bool wait) {
    for (;;) {
      QT_ASSIGN(const std::optional<std::string> file, NextFile(wait));
      if (!file) return false;
      Result<std::unique_ptr<ByteSource>> bytes = OpenRegularFile(*file);
      if (bytes.ok()) {
        reader_ = std::make_unique<EpisodeReader>(std::move(bytes).value(), options_.read);
        cursor_ = {};
        return true;
      }
      if (bytes.status().code() == Code::kNotFound) {
        // While the folder is followed, what came is given anyway.
        if (watcher_ != nullptr) continue;
        QT_ASSIGN(const bool was_taken_away, LookForWhatCame(*file));
        if (was_taken_away) continue;
      }
      notes_.damage.push_back({std::move(bytes).status()});
    }
  }

  Result<std::optional<StoredEpisode>> Read(bool wait) {
    for (;;) {
      if (reader_ == nullptr) {
        QT_ASSIGN(const bool opened, OpenNext(wait));
        if (!opened) return std::optional<StoredEpisode>();
      }
      Result<std::optional<StoredEpisode>> episode = reader_->Next();
      notes_.Take(*reader_, &cursor_);
      if (episode.ok() && episode->has_value()) {
        (*episode)->num_programs = notes_.programs.size();
        return episode;
      }
      reader_ = nullptr;
      if (episode.ok()) continue;
      if (episode.status().code() != Code::kCorrupt) return episode;
      notes_.damage.push_back({std::move(episode).status()});
    }
  }

  const std::string folder_;
  std::deque<std::string> files_;
  std::set<std::string> found_;            // that were listed, ever
  std::unique_ptr<SpoolWatcher> watcher_;  // nullptr: not followed
  const SourceOptions options_;
  std::unique_ptr<EpisodeReader> reader_;  // nullptr between two files
  SourceNotes::Cursor cursor_;
  SourceNotes notes_;
};

}  // namespace

Result<std::unique_ptr<EpisodeSource>> OpenFolderSource(const std::string& name,
                                                        const SourceOptions& options) {
  std::vector<std::string> files;
  std::unique_ptr<SpoolWatcher> watcher;
  if (options.follow == Follow::kYes) {
    QT_ASSIGN(watcher, WatchEpisodeFiles({name}));
  } else {
    QT_ASSIGN(files, ListEpisodeFiles(name));
  }
  return std::unique_ptr<EpisodeSource>(
      std::make_unique<FolderSource>(name, files, std::move(watcher), options));
}

}  // namespace qt::episodes

// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "base/file.h"
#include "episodes/episode_reader.h"
#include "episodes/source_notes.h"
#include "episodes/spool.h"

namespace qt::episodes {

using OpenedSource = Result<std::unique_ptr<EpisodeSource>>;

// Each is defined in a file of its own.
OpenedSource OpenStdinSource(const std::string& name, const SourceOptions& options);
OpenedSource OpenFolderSource(const std::string& name, const SourceOptions& options);

namespace {

OpenedSource OpenFileSource(const std::string& name, const SourceOptions& options) {
  QT_ASSIGN(std::unique_ptr<ByteSource> bytes, OpenFile(name));
  return OpenedSource(std::make_unique<EpisodeReader>(std::move(bytes), options.read));
}

bool IsAnyName(const std::string&) { return true; }
Result<std::vector<std::string>> Itself(const std::string& name) { return std::vector{name}; }

struct SourceKind {
  bool (*is_meant)(const std::string& name);
  OpenedSource (*open)(const std::string& name, const SourceOptions& options);
  bool can_follow;
  Result<std::vector<std::string>> (*files)(const std::string& name);
};

// The first that is meant counts.
constexpr std::array kSourceKinds = {
    SourceKind{NamesStdin, OpenStdinSource, false, Itself},
    SourceKind{IsFolder, OpenFolderSource, true, ListEpisodeFiles},
    SourceKind{IsAnyName, OpenFileSource, false, Itself},
};

const SourceKind& SourceKindOf(const std::string& name) {
  return *std::find_if(kSourceKinds.begin(), kSourceKinds.end(),
                       [&](const SourceKind& kind) { return kind.is_meant(name); });
}

}  // namespace

OpenedSource OpenSource(const std::string& name, const SourceOptions& options) {
  return SourceKindOf(name).open(name, options);
}

bool CanFollow(const std::string& name) { return SourceKindOf(name).can_follow; }

Result<std::vector<std::string>> ListFiles(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    QT_ASSIGN(const std::vector<std::string> found, SourceKindOf(name).files(name));
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

namespace {

constexpr std::chrono::milliseconds kPause{50};  // between two looks at all that are followed

struct StreamPart {
  std::unique_ptr<EpisodeSource> source;
  SourceNotes::Cursor cursor;
};

}  // namespace

struct EpisodeStream::Impl {
  using Episode = Result<std::optional<StoredEpisode>>;

  // `next` was just asked for an episode of `open`.
  Episode Noted(StreamPart& open, Episode next) {
    notes.Take(*open.source, &open.cursor);
    if (next.ok() && next->has_value()) (*next)->num_programs = notes.programs.size();
    return next;
  }

  // Of those that end; nullopt if none is left.
  Episode NextOfEnding() {
    for (;;) {
      if (current.source == nullptr) {
        if (turn == ending.size()) return std::optional<StoredEpisode>();
        current.cursor = {};
        QT_ASSIGN(current.source, OpenSource(ending[turn++], options));
      }
      Episode next = Noted(current, current.source->Next());
      if (next.ok() && next->has_value()) return next;
      current.source = nullptr;
      if (!next.ok()) return next;
    }
  }

  Status OpenFollowed() {
    for (; opened.size() < followed.size();) {
      StreamPart open;
      QT_ASSIGN(open.source, OpenSource(followed[opened.size()], options));
      opened.push_back(std::move(open));
    }
    return Ok();
  }

  Episode NextOfFollowed() {
    QT_TRY(OpenFollowed());
    if (opened.size() == 1) return Noted(opened[0], opened[0].source->Next());
    for (;;) {
      for (size_t tries = 0; tries < opened.size(); ++tries) {
        StreamPart& open = opened[followed_turn];
        Episode next = Noted(open, open.source->NextStored());
        if (!next.ok() || next->has_value()) return next;
        followed_turn = (followed_turn + 1) % opened.size();
      }
      if (StopRequested() || (options.give_up && options.give_up())) {
        return Status(Code::kInterrupted, "interrupted while waiting for episodes");
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  SourceOptions options;
  std::vector<std::string> ending, followed;
  size_t turn = 0, followed_turn = 0;
  StreamPart current;              // of `ending`
  std::vector<StreamPart> opened;  // of `followed`
  SourceNotes notes;
};

EpisodeStream::EpisodeStream(std::vector<std::string> names, SourceOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  for (std::string& name : names) {
    const bool follow = impl_->options.follow == Follow::kYes && CanFollow(name);
    (follow ? impl_->followed : impl_->ending).push_back(std::move(name));
  }
}
EpisodeStream::~EpisodeStream() = default;

Result<std::optional<StoredEpisode>> EpisodeStream::Next() {
  Result<std::optional<StoredEpisode>> next = impl_->NextOfEnding();
  const bool at_end = next.ok() && !next->has_value();
  return at_end && !impl_->followed.empty() ? impl_->NextOfFollowed() : std::move(next);
}

const std::vector<Damage>& EpisodeStream::damage() const { return impl_->notes.damage; }
const std::vector<Program>& EpisodeStream::programs() const { return impl_->notes.programs; }
uint64_t EpisodeStream::bytes_read() const { return impl_->notes.bytes_read; }

}  // namespace qt::episodes

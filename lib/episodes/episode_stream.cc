// EpisodeStream: files, folders and stdin, one after the other.

#include <algorithm>
#include <set>

#include "episodes/episode_reader.h"
#include "episodes/spool.h"

namespace qt::episodes {
namespace {

struct Input {
  std::string name;
  bool named = true;  // by the user, not found in a folder
};

}  // namespace

struct EpisodeStream::Impl {
  Status AddFolder(const std::string& folder) {
    if (follow == Follow::kYes) {
      followed.push_back(folder);
      return Ok();
    }
    QT_ASSIGN(std::vector<std::string> names, ListEpisodeFiles(folder));
    auto at = inputs.begin() + static_cast<ptrdiff_t>(next);
    for (std::string& name : names) at = std::next(inputs.insert(at, {std::move(name), false}));
    return Ok();
  }

  // After everything that was named: waits for the next file of the folders.
  Status AwaitInput() {
    if (watcher == nullptr) {
      QT_ASSIGN(watcher, WatchEpisodeFiles(followed));
    }
    QT_ASSIGN(std::string name, watcher->Next());
    inputs.assign({{std::move(name), false}});
    next = 0;
    return Ok();
  }

  // Opens inputs until one can be read. False if there is none left.
  Result<bool> OpenNext() {
    for (;;) {
      if (next == inputs.size() && followed.empty()) return false;
      if (next == inputs.size()) QT_TRY(AwaitInput());
      const Input input = inputs[next++];
      if (input.name != "-" && IsFolder(input.name)) {
        QT_TRY(AddFolder(input.name));
        continue;
      }
      Result<std::unique_ptr<ByteSource>> source =
          input.named ? OpenInput(input.name) : OpenRegularFile(input.name);
      if (source.ok()) {
        reader = std::make_unique<EpisodeReader>(std::move(source).value(), options);
        programs_taken = 0;
        reader_is_named = input.named;
        return true;
      }
      if (input.named) return std::move(source).status();
      // Taken away between being found and being opened: moved on by whoever keeps the folder.
      if (follow == Follow::kYes && source.status().code() == Code::kNotFound) continue;
      damage.push_back({std::move(source).status()});
    }
  }

  // After every Next of the reader, so that a tool can report damage while it runs.
  void TakeNotes() {
    damage.resize(damage_before);
    damage.insert(damage.end(), reader->damage().begin(), reader->damage().end());
    for (; programs_taken < reader->programs().size(); ++programs_taken) {
      const Program& program = reader->programs()[programs_taken];
      if (known_programs.insert(program).second) programs.push_back(program);
    }
  }

  // The next episode of the open reader; closes it at its end.
  Result<std::optional<StoredEpisode>> ReadOne() {
    Result<std::optional<StoredEpisode>> episode = reader->Next();
    TakeNotes();
    bytes_read = bytes_before + reader->bytes_read();
    if (episode.ok() && episode->has_value()) {
      (*episode)->num_programs = programs.size();
      return episode;
    }
    reader = nullptr;
    bytes_before = bytes_read;
    const bool unusable = !episode.ok() && episode.status().code() == Code::kCorrupt;
    if (!unusable || reader_is_named) return episode;
    damage.push_back({std::move(episode).status()});
    return std::optional<StoredEpisode>();
  }

  Follow follow = Follow::kNo;
  ReadOptions options;
  std::vector<Input> inputs;
  size_t next = 0;
  std::vector<std::string> followed;
  std::unique_ptr<SpoolWatcher> watcher;
  std::unique_ptr<EpisodeReader> reader;
  bool reader_is_named = true;
  size_t damage_before = 0;  // notes of the inputs before the open one
  uint64_t bytes_read = 0, bytes_before = 0;
  std::vector<Damage> damage;
  std::vector<Program> programs;
  std::set<Program> known_programs;
  size_t programs_taken = 0;  // of the open reader
};

EpisodeStream::EpisodeStream(std::vector<std::string> inputs, Follow follow, ReadOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->follow = follow;
  impl_->options = std::move(options);
  for (std::string& input : inputs) impl_->inputs.push_back({std::move(input), true});
}
EpisodeStream::~EpisodeStream() = default;

Result<std::optional<StoredEpisode>> EpisodeStream::Next() {
  for (;;) {
    if (impl_->reader == nullptr) {
      QT_ASSIGN(const bool opened, impl_->OpenNext());
      if (!opened) return std::optional<StoredEpisode>();
      impl_->damage_before = impl_->damage.size();
    }
    Result<std::optional<StoredEpisode>> episode = impl_->ReadOne();
    if (!episode.ok() || episode->has_value()) return episode;
  }
}

const std::vector<Damage>& EpisodeStream::damage() const { return impl_->damage; }

const std::vector<Program>& EpisodeStream::programs() const { return impl_->programs; }

uint64_t EpisodeStream::bytes_read() const { return impl_->bytes_read; }

}  // namespace qt::episodes

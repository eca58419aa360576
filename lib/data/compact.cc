// SPDX-License-Identifier: Apache-2.0
#include "data/compact.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/file_version.h"
#include "base/output_place.h"
#include "episodes/episode_reader.h"

namespace qt::data {
namespace {

using episodes::EpisodeDigest;
using episodes::EpisodeReader;
using episodes::EpisodeWriter;
using episodes::StoredEpisode;

// A link is no file to compact: its name would stay behind.
std::optional<FileVersion> VersionOf(const std::string& path) {
  return RegularFileVersionOf(path, Links::kStay);
}

struct Original {
  std::string path;
  FileVersion version;  // to tell whether the name still leads to the file that was read
  std::vector<EpisodeDigest> digests;  // of all its episodes, in order
};

Status Interrupted() { return Status(Code::kInterrupted, "interrupted"); }

// Calls `visit` for each episode of an undamaged file. kCorrupt if it is damaged or not ours.
Status ReadFile(const std::string& path, const std::atomic<bool>& stop,
                const std::function<Status(EpisodeReader&, const StoredEpisode&)>& visit) {
  QT_ASSIGN(std::unique_ptr<ByteSource> source, OpenFile(path));
  EpisodeReader reader(std::move(source), {.keep_compressed = true});
  for (;;) {
    if (stop) return Interrupted();
    QT_ASSIGN(const std::optional<StoredEpisode> stored, reader.Next());
    if (!reader.damage().empty()) return reader.damage().front().status;
    if (!stored) return Ok();
    if (stored->records.empty()) return Corrupt("was not written by this program").At(path);
    QT_TRY(visit(reader, *stored));
  }
}

// Leaves nothing behind when it is abandoned: all of it is in the originals.
class CopySink : public ByteSink {
 public:
  explicit CopySink(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}
  Status Write(ByteSpan bytes) override { return sink_->Write(bytes); }
  Status Flush() override { return sink_->Flush(); }
  Status Commit() override { return sink_->Commit(); }
  const std::string& name() const override { return sink_->name(); }

 private:
  std::unique_ptr<ByteSink> sink_;
};

class Compactor {
 public:
  Compactor(const CompactOptions& options, const std::atomic<bool>& stop,
            const std::function<void(const Status&)>& note, CompactSummary* summary)
      : options_(options), stop_(stop), note_(note), summary_(summary) {}

  Status Run() {
    QT_TRY(Survey());
    if (options_.dry_run) return CountOnly();
    if (originals_.empty()) return Ok();
    QT_ASSIGN(const OutputPlace place, PlaceOf(options_.output));
    const std::string checking = TemporaryBeside(place.path);
    const Status written = WriteAndCheck(checking);
    if (!written.ok()) {
      ::unlink(checking.c_str());
      return written;
    }
    summary_->published = true;
    return RemoveOriginals();
  }

 private:
  // Finds the files that can be compacted, and what is in them.
  Status Survey() {
    std::set<std::pair<dev_t, ino_t>> seen;
    for (const std::string& path : options_.files) {
      const std::optional<FileVersion> version = VersionOf(path);
      if (!version) {
        LeaveAlone(Failed("is no regular file").At(path));
        continue;
      }
      const bool named_twice = !seen.emplace(version->device, version->inode).second;
      if (named_twice || uint64_t(version->size_bytes) > options_.max_file_bytes) continue;
      Original original{path, *version, {}};
      std::vector<episodes::Program> programs;
      Status read = ReadFile(path, stop_, [&](EpisodeReader& reader, const StoredEpisode& stored) {
        original.digests.push_back(DigestOf(stored));
        if (reader.programs().size() > programs.size()) programs = reader.programs();
        return Ok();
      });
      if (read.code() == Code::kInterrupted) return read;
      if (!read.ok()) {
        LeaveAlone(std::move(read).At(path));
        continue;
      }
      summary_->bytes_before += uint64_t(version->size_bytes);
      Inherit(programs);
      originals_.push_back(std::move(original));
    }
    if (originals_.size() == 1 && !options_.filter.Selects()) originals_.clear();
    summary_->files = originals_.size();
    return Ok();
  }

  void LeaveAlone(const Status& why) {
    ++summary_->left_alone;
    Status note(why.code(), why.message() + "; left alone");
    note_(why.offset_bytes() ? std::move(note).At(why.path(), *why.offset_bytes())
                             : std::move(note).At(why.path()));
  }

  // What --dry-run does: the same decisions, without writing.
  Status CountOnly() {
    uint64_t position = 0;
    for (const Original& original : originals_) {
      QT_TRY(ReadFile(original.path, stop_, [&](EpisodeReader&, const StoredEpisode& stored) {
        summary_->episodes += Wanted(stored, DigestOf(stored), position++);
        return Ok();
      }));
    }
    return Ok();
  }

  // Counts what is left out.
  bool Wanted(const StoredEpisode& stored, const EpisodeDigest& digest, uint64_t position) {
    if (!options_.filter.Matches(stored.episode, position)) {
      ++summary_->discarded;
      return false;
    }
    if (!known_.insert(digest).second) {
      ++summary_->duplicates;
      return false;
    }
    return true;
  }

  // `checking` is beside the output, so that it can be renamed. Readers pass over hidden names.
  Status WriteAndCheck(const std::string& checking) {
    QT_TRY(WriteAll(checking));
    QT_TRY(Check(checking));
    if (stop_) return Interrupted();
    return MoveFile(checking, options_.output, options_.overwrite);
  }

  Status WriteAll(const std::string& checking) {
    QT_ASSIGN(std::unique_ptr<ByteSink> sink, CreateFile(checking, Overwrite::kNo));
    episodes::Lineage lineage = options_.lineage;
    lineage.inherited = programs_;
    EpisodeWriter writer(std::make_unique<CopySink>(std::move(sink)), std::move(lineage));
    uint64_t position = 0;
    for (const Original& original : originals_) QT_TRY(CopyFrom(original, &position, &writer));
    return writer.Finish();
  }

  Status CopyFrom(const Original& original, uint64_t* position, EpisodeWriter* writer) {
    size_t k = 0;
    QT_TRY(
        ReadFile(original.path, stop_, [&](EpisodeReader&, const StoredEpisode& stored) -> Status {
          const EpisodeDigest digest = DigestOf(stored);
          if (k >= original.digests.size() || digest != original.digests[k]) {
            return Failed("changed while it was read").At(original.path);
          }
          ++k;
          if (!Wanted(stored, digest, (*position)++)) return Ok();
          written_.push_back(digest);
          return writer->WriteCopy(stored, {});
        }));
    if (k == original.digests.size()) return Ok();
    return Failed("changed while it was read").At(original.path);
  }

  void Inherit(const std::vector<episodes::Program>& programs) {
    for (const episodes::Program& program : programs) {
      if (known_programs_.insert(program).second) programs_.push_back(program);
    }
  }

  // Reads the new file: every episode has to be there, in order.
  Status Check(const std::string& checking) {
    size_t k = 0;
    Status read = ReadFile(checking, stop_, [&](EpisodeReader&, const StoredEpisode& stored) {
      const bool same = k < written_.size() && DigestOf(stored) == written_[k];
      ++k;
      return same ? Ok() : Corrupt("an episode is not as it was written");
    });
    if (read.ok() && k != written_.size()) read = Corrupt("episodes are missing");
    if (read.code() == Code::kInterrupted) return read;
    if (!read.ok()) {
      return Failed("the new file does not read back, nothing was removed: " + read.ToString());
    }
    summary_->episodes = written_.size();
    if (const auto version = VersionOf(checking)) {
      summary_->bytes_after = uint64_t(version->size_bytes);
    }
    return Ok();
  }

  // A file that has changed since it was read, or was replaced by the output, stays.
  Status RemoveOriginals() {
    const std::optional<FileVersion> output = VersionOf(options_.output);
    std::vector<std::string> paths;
    for (const Original& original : originals_) {
      const std::optional<FileVersion> now = VersionOf(original.path);
      if (now && now->SameContents(original.version)) {
        paths.push_back(original.path);
      } else if (!now || !output || !now->SameFile(*output)) {
        note_(Failed("changed meanwhile; not removed").At(original.path));
      }
    }
    QT_TRY(RemoveFiles(paths));
    summary_->removed = paths.size();
    return Ok();
  }

  const CompactOptions& options_;
  const std::atomic<bool>& stop_;
  const std::function<void(const Status&)>& note_;
  CompactSummary* summary_;
  std::vector<Original> originals_;
  std::set<EpisodeDigest> known_;
  std::vector<EpisodeDigest> written_;
  std::vector<episodes::Program> programs_;
  std::set<episodes::Program> known_programs_;
};

}  // namespace

Status Compact(const CompactOptions& options, const std::atomic<bool>& stop,
               const std::function<void(const Status&)>& note, CompactSummary* summary) {
  return Compactor(options, stop, note, summary).Run();
}

}  // namespace qt::data

// Reads episodes from a stream or by index (formats/episode/SPEC.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_writer.h"

namespace qt::episodes {

// What was wrong with one part of the input, and where. Reading goes on after it.
struct Damage {
  Status status;              // with path and offset; says what was lost
  uint64_t offset_bytes = 0;  // in that input
  uint64_t lost_bytes = 0;    // of the file; 0 if the bytes are there, but an episode is not usable
};

struct ReadOptions {
  // A ROS 2 bag without our topics becomes one unlabelled episode of the pictures on this topic
  // (several if they are more than fit into one). Empty: such a bag is noted as damage.
  std::string camera_topic = {};
  bool keep_compressed = false;  // fill in StoredEpisode::compressed
};

// Sequential reader over a byte source: our files, pipes, files joined by `cat`, and what other
// MCAP tools make of them.
class EpisodeReader {
 public:
  explicit EpisodeReader(std::unique_ptr<ByteSource> source, ReadOptions options = {});
  ~EpisodeReader();

  // The next episode, nullopt at the end. A damaged episode is skipped and noted in damage(); an
  // error is returned only if the input is not an episode file at all or cannot be read.
  Result<std::optional<StoredEpisode>> Next();
  const std::vector<Damage>& damage() const;
  // Programs that touched the file so far (qt.program.<n>), oldest first.
  const std::vector<Program>& programs() const;
  uint64_t bytes_read() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Random access to episode k of a regular file: by the summary's chunk index, or, if the file is
// damaged or not by our writer, by reading it once from front to back.
class IndexedEpisodeReader {
 public:
  static Result<std::unique_ptr<IndexedEpisodeReader>> Open(const std::string& path);
  ~IndexedEpisodeReader();
  size_t size() const;
  Result<StoredEpisode> Read(size_t k) const;

 private:
  IndexedEpisodeReader();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Follow { kNo, kYes };  // --follow

// Several inputs one after the other: files, folders (every *.mcap, by name) and "-" for stdin.
// An input of a folder that cannot be read is noted as damage; for one that was named, Next fails
// once and then goes on with the next input. Hidden files of a folder are still being written: left
// out. With Follow::kYes and a folder among the inputs the stream never ends by itself: after
// everything that is there, Next waits for further files to appear in the folders, each of which is
// read once, until a stop is requested (SetStopFlag): kInterrupted.
class EpisodeStream {
 public:
  explicit EpisodeStream(std::vector<std::string> inputs, Follow follow = Follow::kNo,
                         ReadOptions options = {});
  ~EpisodeStream();
  // As EpisodeReader::Next. Fails only if a named input cannot be opened or is no episode file, or
  // if a followed folder goes away.
  Result<std::optional<StoredEpisode>> Next();
  const std::vector<Damage>& damage() const;
  const std::vector<Program>& programs() const;  // without repetitions; only grows
  uint64_t bytes_read() const;                   // of all inputs so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qt::episodes

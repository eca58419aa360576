// SPDX-License-Identifier: Apache-2.0
// Reads episodes from bytes or by index (formats/episode/SPEC.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_source.h"

namespace qt::episodes {

// Reads any bytes from front to back: our files, pipes, files joined by `cat`, and what other MCAP
// tools make of them.
class EpisodeReader : public EpisodeSource {
 public:
  explicit EpisodeReader(std::unique_ptr<ByteSource> source, ReadOptions options = {});
  ~EpisodeReader() override;

  // A damaged episode is skipped and noted in damage(); an error is returned only if the input is
  // not an episode file at all or cannot be read.
  Result<std::optional<StoredEpisode>> Next() override;
  const std::vector<Damage>& damage() const override;
  const std::vector<Program>& programs() const override;
  uint64_t bytes_read() const override;

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

}  // namespace qt::episodes

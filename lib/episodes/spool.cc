// SPDX-License-Identifier: Apache-2.0
#include "episodes/spool.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "mcap/mcap.h"

namespace qt::episodes {
namespace {

namespace fs = std::filesystem;

constexpr char kSuffix[] = ".mcap";

// Also what turns out to be no file: whoever opens it says so, and goes on with the others.
bool IsEpisodeFile(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename();
  std::error_code error;
  return entry.path().extension() == kSuffix && !name.starts_with('.') &&
         !entry.is_directory(error);
}

}  // namespace

Result<std::vector<std::string>> ListEpisodeFiles(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (IsEpisodeFile(*it)) names.push_back(it->path());
  }
  if (error) return Failed(error.message()).At(folder);
  std::sort(names.begin(), names.end());
  return names;
}

bool HasClosingBytes(const std::string& path) {
  const auto file = RandomAccessFile::Open(path);
  std::array<uint8_t, mcap::kMagic.size()> bytes;
  if (!file.ok() || (*file)->size_bytes() < 2 * bytes.size()) return false;
  return (*file)->ReadAt((*file)->size_bytes() - bytes.size(), bytes).ok() && bytes == mcap::kMagic;
}

Result<std::unique_ptr<SpoolWatcher>> WatchEpisodeFiles(std::vector<std::string> folders) {
  SpoolWatcher::Options options;
  options.suffix = kSuffix;
  options.looks_finished = HasClosingBytes;
  return SpoolWatcher::Open(std::move(folders), std::move(options));
}

}  // namespace qt::episodes

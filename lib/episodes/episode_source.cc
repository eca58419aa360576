#include "episodes/episode_source.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "episodes/episode_reader.h"
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

bool IsStdin(const std::string& name) { return name == "-"; }
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
    SourceKind{IsStdin, OpenStdinSource, false, Itself},
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

}  // namespace qt::episodes

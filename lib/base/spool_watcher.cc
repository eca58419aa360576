// SPDX-License-Identifier: Apache-2.0
#include "base/spool_watcher.h"

#include <dirent.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/file.h"

namespace qt {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};          // how soon a stop request is seen
constexpr milliseconds kRescanBlind{1'000};  // without inotify
constexpr uint32_t kEvents = IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

Status FolderGone(const std::string& folder) {
  return NotFound("the folder that was being watched is gone").At(folder);
}

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool IsOlderThan(int64_t modified_ns, milliseconds age) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::nanoseconds(modified_ns) > age;
}

}  // namespace

SpoolWatcher::SpoolWatcher(std::vector<std::string> folders, Options options)
    : options_(std::move(options)) {
  for (std::string& folder : folders) folders_.push_back(WithoutTrailingSlash(std::move(folder)));
}

SpoolWatcher::~SpoolWatcher() {
  if (inotify_ >= 0) ::close(inotify_);
}

// Watching begins before the first look, so that nothing falls between them; what both see is told
// apart by given_.
Result<std::unique_ptr<SpoolWatcher>> SpoolWatcher::Open(std::vector<std::string> folders,
                                                         Options options) {
  std::unique_ptr<SpoolWatcher> watcher(new SpoolWatcher(std::move(folders), std::move(options)));
  watcher->Watch();
  QT_TRY(watcher->Rescan());
  return watcher;
}

// Where inotify is not to be had (a limit is reached, a kernel without it), looking again does; a
// folder that is missing is noticed then, too.
void SpoolWatcher::Watch() {
  if (options_.use_inotify) inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  for (const std::string& folder : folders_) {
    if (inotify_ < 0) break;
    const int watch = ::inotify_add_watch(inotify_, folder.c_str(), kEvents);
    if (watch >= 0) {
      watches_[watch] = folder;
    } else {
      ::close(inotify_);
      inotify_ = -1;
    }
  }
  if (inotify_ < 0) options_.rescan = std::min(options_.rescan, kRescanBlind);
}

bool SpoolWatcher::Counts(const std::string& name) const {
  return !name.starts_with('.') && name.ends_with(options_.suffix);
}

Status SpoolWatcher::ScanFolder(const std::string& folder, std::vector<std::string>* paths) const {
  DIR* const listing = ::opendir(folder.c_str());
  if (listing == nullptr && errno == ENOENT) {
    return NotFound("no such file or folder").At(folder);
  }
  if (listing == nullptr) return FromErrno(errno, "cannot read the folder").At(folder);
  errno = 0;
  while (const dirent* entry = ::readdir(listing)) {
    if (Counts(entry->d_name)) paths->push_back(folder + "/" + entry->d_name);
  }
  const int error = errno;
  ::closedir(listing);
  return error == 0 ? Ok() : FromErrno(error, "cannot read the folder").At(folder);
}

// REQUIRES: `present` is sorted.
void SpoolWatcher::Forget(const std::vector<std::string>& present) {
  const auto is_gone = [&](const auto& entry) {
    return !std::binary_search(present.begin(), present.end(), entry.first);
  };
  std::erase_if(given_, is_gone);
  std::erase_if(pending_, is_gone);
}

Status SpoolWatcher::Rescan() {
  next_scan_ = Clock::now() + options_.rescan;
  std::vector<std::string> paths;
  for (const std::string& folder : folders_) QT_TRY(ScanFolder(folder, &paths));
  std::sort(paths.begin(), paths.end());
  Forget(paths);
  for (const std::string& path : paths) Consider(path, Evidence::kFound);
  return Ok();
}

// A file that has left. Its name may be back already, and given already, by a look at the folder;
// only the contents tell, because an inode number is soon used again.
void SpoolWatcher::ForgetUnlessThere(const std::string& path) {
  const auto given = given_.find(path);
  if (given == given_.end()) return;
  const std::optional<FileVersion> version = RegularFileVersionOf(path);
  if (!version || !given->second.version.SameContents(*version)) given_.erase(given);
}

bool SpoolWatcher::HasSettled(const std::string& path, const FileVersion& version) {
  const auto [it, is_new] = pending_.try_emplace(path, Pending{version, Clock::now()});
  if (is_new) return IsOlderThan(version.modified_ns, options_.settle);
  if (!it->second.version.SameContents(version)) it->second = {version, Clock::now()};
  return Clock::now() - it->second.since >= options_.settle;
}

bool SpoolWatcher::LooksFinished(const std::string& path, Evidence evidence) const {
  if (options_.looks_finished) return options_.looks_finished(path);
  return evidence == Evidence::kClosed;
}

void SpoolWatcher::Consider(const std::string& path, Evidence evidence) {
  const std::optional<FileVersion> version = RegularFileVersionOf(path);
  if (!version) return;
  const auto given = given_.find(path);
  if (given != given_.end() && given->second.version.SameFile(*version)) {
    if (given->second.finished || given->second.version.SameContents(*version)) return;
  }
  const bool finished = evidence == Evidence::kMovedHere || LooksFinished(path, evidence);
  if (!finished && !HasSettled(path, *version)) return;
  pending_.erase(path);
  given_[path] = {*version, finished};
  ready_.push_back(path);
}

Status SpoolWatcher::HandleEvent(int watch, uint32_t mask, const std::string& name) {
  if ((mask & IN_Q_OVERFLOW) != 0) return Rescan();
  const auto folder = watches_.find(watch);
  if (folder == watches_.end()) return Ok();
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) {
    return FolderGone(folder->second);
  }
  if (!Counts(name)) return Ok();
  const std::string path = folder->second + "/" + name;
  if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
    ForgetUnlessThere(path);
    return Ok();
  }
  Consider(path, (mask & IN_MOVED_TO) != 0      ? Evidence::kMovedHere
                 : (mask & IN_CLOSE_WRITE) != 0 ? Evidence::kClosed
                                                : Evidence::kFound);
  return Ok();
}

Status SpoolWatcher::DrainEvents() {
  alignas(inotify_event) char buffer[16 << 10];
  for (;;) {
    const ssize_t n = ::read(inotify_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return Ok();
    if (n < 0) return FromErrno(errno, "cannot watch").At(folders_.front());
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      QT_TRY(HandleEvent(event->wd, event->mask, event->len > 0 ? event->name : ""));
      at += ssize_t(sizeof *event) + ssize_t(event->len);
    }
  }
}

Status SpoolWatcher::Gather(milliseconds patience) {
  pollfd wait = {inotify_, POLLIN, 0};  // poll() takes no notice of a descriptor below 0
  const int num_ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
  if (num_ready > 0) QT_TRY(DrainEvents());
  return Clock::now() >= next_scan_ ? Rescan() : Ok();
}

Result<std::optional<std::string>> SpoolWatcher::NextWithin(milliseconds patience) {
  const Clock::time_point end = Clock::now() + patience;
  for (;;) {
    if (StopRequested()) return Status(Code::kInterrupted, "interrupted while waiting for files");
    if (!ready_.empty()) {
      std::string path = std::move(ready_.front());
      ready_.pop_front();
      return std::optional(std::move(path));
    }
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    QT_TRY(Gather(std::clamp(left, milliseconds(0), kSlice)));
    if (ready_.empty() && Clock::now() >= end) return std::optional<std::string>();
  }
}

Result<std::string> SpoolWatcher::Next() {
  for (;;) {
    QT_ASSIGN(std::optional<std::string> path, NextWithin(kSlice));
    if (path) return *std::move(path);
  }
}

}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
// Waits for finished files in spool folders: inotify tells at once, and looking again now and then
// catches whatever inotify cannot see (a network file system, an overflowing queue). Each finished
// file is given once.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_version.h"
#include "base/status.h"

namespace qt {

// Gives every finished file of the folders once: those that are there first, by name, then each as
// it arrives. Hidden names are left out: they are still being written. A file that was renamed into
// the folder is finished; any other is if it looks so, or if it has not changed for a while (a
// writer that died). That a writer closed it says nothing where looks do: file servers create a
// file, close it and fill it later. A name that comes back with another file behind it is given
// again, and so is a file that was given unfinished and has grown. Not thread-safe.
class SpoolWatcher {
 public:
  struct Options {
    std::string suffix;                                           // of the files that count
    std::function<bool(const std::string& path)> looks_finished;  // none: what is closed is
    bool use_inotify = true;                                      // false: only look again
    std::chrono::milliseconds rescan{10'000};                     // 1 s without inotify
    std::chrono::milliseconds settle{10'000};                     // "has not changed for a while"
  };

  // kNotFound if a folder is not there.
  static Result<std::unique_ptr<SpoolWatcher>> Open(std::vector<std::string> folders,
                                                    Options options);
  ~SpoolWatcher();
  SpoolWatcher(const SpoolWatcher&) = delete;
  SpoolWatcher& operator=(const SpoolWatcher&) = delete;

  // The next file; waits for it. kInterrupted once a stop is requested (SetStopFlag), kNotFound if
  // a folder goes away.
  Result<std::string> Next();
  // Waits no longer than `patience`; nullopt if nothing came.
  Result<std::optional<std::string>> NextWithin(std::chrono::milliseconds patience);

 private:
  using Clock = std::chrono::steady_clock;
  struct Pending {
    FileVersion version;
    Clock::time_point since;
  };
  struct Given {
    FileVersion version;
    bool finished = false;
  };
  enum class Evidence { kMovedHere, kClosed, kFound };

  SpoolWatcher(std::vector<std::string> folders, Options options);
  void Watch();
  Status Gather(std::chrono::milliseconds patience);
  Status DrainEvents();
  Status HandleEvent(int watch, uint32_t mask, const std::string& name);
  Status Rescan();
  Status ScanFolder(const std::string& folder, std::vector<std::string>* paths) const;
  void Forget(const std::vector<std::string>& present);
  void Consider(const std::string& path, Evidence evidence);
  void ForgetUnlessThere(const std::string& path);
  bool LooksFinished(const std::string& path, Evidence evidence) const;
  bool HasSettled(const std::string& path, const FileVersion& version);
  bool Counts(const std::string& name) const;

  std::vector<std::string> folders_;  // without a trailing slash
  Options options_;
  int inotify_ = -1;
  std::map<int, std::string> watches_;  // watch descriptor → folder
  Clock::time_point next_scan_;
  std::map<std::string, Given> given_;
  std::map<std::string, Pending> pending_;
  std::deque<std::string> ready_;
};

}  // namespace qt

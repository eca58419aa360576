// SPDX-License-Identifier: Apache-2.0
// A program that runs beside us and talks over its standard input and output: started, fed, read,
// ended, with all that it has started in its process group. Waits may have a deadline and a stop;
// the program does not outlive the object. Knows nothing of the protocols that are spoken over it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "base/talk_relay.h"

namespace qt {

// What becomes of the process if this program dies without ending it.
enum class Orphan {
  kKilled,      // the kernel kills it with the thread that started it
  kEndOfInput,  // it sees the end of its input, and can end in order
};

// The folder of the running program, through links; empty where the kernel does not say.
std::string OwnFolder();

// The path of a program in the folder of this one, else its bare name, to be found in PATH.
std::string ProgramBesideOurselves(const std::string& program);

// Owns the process: it does not outlive the object, nor (see Orphan) this program. Its standard
// error is held back at first, so that a start that fails can be told in one sentence; see
// ReleaseStderr.
class ChildProcess : public ByteSource {
 public:
  // Runs argv[0], found in PATH unless it has a slash, in a process group of its own: Ctrl-C in the
  // terminal reaches us alone, and we end it in order. A write that is not taken within
  // `write_timeout_s` fails.
  static Result<std::unique_ptr<ChildProcess>> Start(const std::vector<std::string>& argv,
                                                     double write_timeout_s,
                                                     Orphan orphan = Orphan::kKilled);
  ~ChildProcess() override;  // ends it as End does, with no patience

  // All bytes to its standard input. kClosedPipe if it has closed that or died. Thread-safe with
  // respect to Read, not to other writes.
  Status Write(ByteSpan bytes);
  void CloseInput();

  // Reads its standard output; 0 at the end. Takes in its standard error meanwhile. kBusy once the
  // deadline has passed, kInterrupted within 0.05 s once
  // `stopped` says so.
  Result<size_t> Read(std::span<uint8_t> bytes) override;
  // Holds for the reads to come, in the thread that reads. Without a call they wait for ever.
  void SetDeadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void SetStop(std::function<bool()> stopped) { stopped_ = std::move(stopped); }
  const std::string& name() const override { return name_; }

  // From here on what it says on standard error is passed on as TalkRelay does, under this name;
  // without, as it is. Call it before the first read.
  void NameTalk(std::string who);
  // Passes on what was held back of standard error, and everything that follows as it comes.
  void ReleaseStderr();
  // What it said on standard error and was not passed on; it will not be any more.
  std::string TakeHeldStderr();

  // Waits until it has ended, and with it every process of its group (a shell may end while what it
  // has started goes on), at most `patience_s`; then sends SIGTERM to the group, then SIGKILL. Says
  // how the process itself ended: "ended with exit status 1", "was killed by signal 9 (Killed)".
  // May be called again.
  std::string End(double patience_s);
  // After End: whether nothing of the group runs any more. False where the kernel will not let us
  // end it: a process of another user, one that is stuck in a device.
  bool gone() const;
  void Signal(int signal);  // to its whole group; does nothing once that has ended

 private:
  ChildProcess(pid_t pid, int in, int out, int err, std::string name);
  bool WaitFor(double seconds);
  bool GroupHasEnded();
  Status CheckPatience() const;
  int PauseMs() const;
  void TakeStderr();
  void PassHeldOn();

  pid_t pid_;
  int in_, out_, err_;
  std::string name_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::function<bool()> stopped_;
  bool has_been_killed_ = false;  // by End, which does not wait for the same again
  mutable std::mutex mutex_;
  bool held_ = true;                // guarded by mutex_
  std::string held_stderr_;         // guarded by mutex_
  std::optional<TalkRelay> relay_;  // guarded by mutex_
  bool leader_ended_ = false;       // pid_ itself; guarded by mutex_
  bool ended_ = false;              // and its whole group; guarded by mutex_
  int wait_status_ = 0;             // of pid_ itself; guarded by mutex_
};

}  // namespace qt

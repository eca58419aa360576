// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/text.h"

namespace qt {
namespace {

constexpr size_t kMaxHeldBytes = 64 << 10;
constexpr double kTermPatience_s = 2, kKillPatience_s = 10;

// Closes what it holds, so that no error path leaks a descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { Close(); }
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int Release() { return std::exchange(fd_, -1); }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Fd read, write;
  Status Open() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return FromErrno(errno, "cannot make a pipe");
    read.Reset(fds[0]);
    write.Reset(fds[1]);
    return Ok();
  }
  // A socket instead of a pipe: writing to one that is closed gives an error without SIGPIPE.
  Status OpenSocket() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
      return FromErrno(errno, "cannot make a socket pair");
    }
    read.Reset(fds[0]);
    write.Reset(fds[1]);
    return Ok();
  }
};

// Between fork and exec only async-signal-safe calls are allowed: other threads may hold locks.
[[noreturn]] void Become(char* const* argv, pid_t parent, Orphan orphan, int in, int out, int err,
                         int report) {
  ::setpgid(0, 0);
  if (orphan == Orphan::kKilled) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the call above
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2) ::execvp(argv[0], argv);
  const int error = errno;
  [[maybe_unused]] const ssize_t n = ::write(report, &error, sizeof error);
  ::_exit(127);
}

void SetWriteTimeout(int fd, double seconds) {
  timeval timeout;
  timeout.tv_sec = static_cast<time_t>(seconds);
  timeout.tv_usec = static_cast<suseconds_t>((seconds - std::floor(seconds)) * 1e6);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

// The errno of a failed exec, 0 once exec has closed the pipe.
int ReadExecError(int report) {
  int error = 0;
  ssize_t n;
  do n = ::read(report, &error, sizeof error);
  while (n < 0 && errno == EINTR);
  return n == sizeof error ? error : 0;
}

void WriteToStderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

// A line of /proc/PID/stat: "PID (NAME) STATE PARENT GROUP ...", whatever the name is.
bool IsAliveIn(const std::string& stat, pid_t group) {
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return false;
  char state = 0;
  int parent = 0, its_group = 0;
  const int n = std::sscanf(stat.c_str() + name_end + 1, " %c %d %d", &state, &parent, &its_group);
  return n == 3 && its_group == group && state != 'Z' && state != 'X';
}

// Whether a process of the group runs. One that has ended is not counted, even if its parent has
// not noticed: where process 1 waits for nobody, as in many containers, it stays for ever.
bool RunsAnyOf(pid_t group) {
  if (::kill(-group, 0) != 0 && errno == ESRCH) return false;
  std::error_code error;
  std::filesystem::directory_iterator at("/proc", error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(at->path() / "stat");
    std::string stat;
    if (std::getline(file, stat) && IsAliveIn(stat, group)) return true;
  }
  return false;
}

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "was killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return "ended with exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

std::string OwnFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

std::string ProgramBesideOurselves(const std::string& program) {
  const std::string folder = OwnFolder(), path = folder + "/" + program;
  return !folder.empty() && ::access(path.c_str(), X_OK) == 0 ? path : program;
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::vector<std::string>& argv,
                                                          double write_timeout_s, Orphan orphan) {
  Pipe in, out, err, report;
  QT_TRY(in.OpenSocket());
  QT_TRY(out.Open());
  QT_TRY(err.Open());
  QT_TRY(report.Open());
  std::vector<char*> pointers;
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return FromErrno(errno, "cannot start a process");
  if (pid == 0) {
    Become(pointers.data(), parent, orphan, in.read.get(), out.write.get(), err.write.get(),
           report.write.get());
  }
  ::setpgid(pid, pid);  // here too, so that it holds before the first Signal
  report.write.Close();
  if (const int error = ReadExecError(report.read.get()); error != 0) {
    ::waitpid(pid, nullptr, 0);
    return FromErrno(error, "cannot run " + argv[0]);
  }
  SetWriteTimeout(in.write.get(), write_timeout_s);
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(pid, in.write.Release(), out.read.Release(), err.read.Release(), argv[0]));
}

ChildProcess::ChildProcess(pid_t pid, int in, int out, int err, std::string name)
    : pid_(pid), in_(in), out_(out), err_(err), name_(std::move(name)) {}

ChildProcess::~ChildProcess() {
  CloseInput();
  End(0);
  for (int fd : {in_, out_, err_}) {
    if (fd >= 0) ::close(fd);
  }
}

Status ChildProcess::Write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(in_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(n));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return Status(Code::kClosedPipe, "the process went away").At(name_);
    } else if (errno == EAGAIN) {
      return Failed("the process does not read its input").At(name_);
    } else if (errno != EINTR) {
      return FromErrno(errno, "cannot write").At(name_);
    }
  }
  return Ok();
}

void ChildProcess::CloseInput() { ::shutdown(in_, SHUT_WR); }

Status ChildProcess::CheckPatience() const {
  if (stopped_ && stopped_()) return Status(Code::kInterrupted, "interrupted");
  if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
    return Status(Code::kBusy, "no answer in time").At(name_);
  }
  return Ok();
}

int ChildProcess::PauseMs() const {
  constexpr int kStopMs = 50;
  if (!deadline_) return stopped_ ? kStopMs : -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
  const int64_t longest_ms = stopped_ ? kStopMs : 60'000;
  return int(std::clamp<int64_t>(left.count(), 0, longest_ms));
}

Result<size_t> ChildProcess::Read(std::span<uint8_t> bytes) {
  for (;;) {
    std::array<pollfd, 2> wait = {{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};  // fd -1 is ignored
    QT_TRY(CheckPatience());
    if (::poll(wait.data(), wait.size(), PauseMs()) < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "cannot wait").At(name_);
    }
    if (wait[1].revents != 0) TakeStderr();
    if (wait[0].revents == 0) continue;
    const ssize_t n = ::read(out_, bytes.data(), bytes.size());
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR && errno != EAGAIN) return FromErrno(errno, "cannot read").At(name_);
  }
}

void ChildProcess::TakeStderr() {
  std::array<char, 4096> text;
  const ssize_t n = ::read(err_, text.data(), text.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) {
    ::close(err_);
    err_ = -1;
    return;
  }
  const std::lock_guard lock(mutex_);
  held_stderr_.append(text.data(), static_cast<size_t>(n));
  if (!held_ || held_stderr_.size() > kMaxHeldBytes) PassHeldOn();
}

// REQUIRES: mutex_ is held.
void ChildProcess::PassHeldOn() {
  if (relay_) {
    relay_->Take(held_stderr_);
  } else {
    WriteToStderr(PrintableLines(held_stderr_));
  }
  held_stderr_.clear();
}

void ChildProcess::NameTalk(std::string who) {
  const std::lock_guard lock(mutex_);
  relay_.emplace(std::move(who));
}

void ChildProcess::ReleaseStderr() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  PassHeldOn();
}

std::string ChildProcess::TakeHeldStderr() {
  const std::lock_guard lock(mutex_);
  return std::exchange(held_stderr_, {});
}

// REQUIRES: mutex_ is held. A group's number is not given away while one of it runs.
bool ChildProcess::GroupHasEnded() {
  if (!leader_ended_) leader_ended_ = ::waitpid(pid_, &wait_status_, WNOHANG) != 0;
  if (!leader_ended_) return false;
  while (::waitpid(-pid_, nullptr, WNOHANG) > 0) {  // orphans are ours if we are process 1
  }
  return !RunsAnyOf(pid_);
}

// Polls, because waitpid has no time limit. Standard error is drained meanwhile, so that a process
// that says goodbye is not blocked by us.
bool ChildProcess::WaitFor(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
  for (int pause_ms = 1;; pause_ms = std::min(2 * pause_ms, 50)) {
    {
      const std::lock_guard lock(mutex_);
      ended_ = ended_ || GroupHasEnded();
      if (ended_) return true;
    }
    if (Clock::now() >= deadline) return false;
    pollfd wait = {err_, POLLIN, 0};
    if (::poll(&wait, 1, pause_ms) > 0 && wait.revents != 0) TakeStderr();
  }
}

std::string ChildProcess::End(double patience_s) {
  if (!WaitFor(has_been_killed_ ? 0 : patience_s) && !has_been_killed_) {
    Signal(SIGTERM);
    if (!WaitFor(kTermPatience_s)) {
      has_been_killed_ = true;
      Signal(SIGKILL);
      WaitFor(kKillPatience_s);
    }
  }
  for (int i = 0; i < 1000 && err_ >= 0; ++i) {  // its last words; its children may keep it open
    pollfd wait = {err_, POLLIN, 0};
    if (::poll(&wait, 1, 0) <= 0) break;
    TakeStderr();
  }
  const std::lock_guard lock(mutex_);
  return DescribeEnd(wait_status_);
}

bool ChildProcess::gone() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void ChildProcess::Signal(int signal) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  const bool has_left_its_group = ::kill(-pid_, signal) != 0 && errno == ESRCH;
  if (has_left_its_group && !leader_ended_) ::kill(pid_, signal);
}

}  // namespace qt

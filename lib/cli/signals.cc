// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace qt::cli {
namespace {

std::atomic<bool> g_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void HandleStop(int signal_number) {
  if (!g_stop.exchange(true)) return;
  if (signal_number == SIGHUP) return;  // a terminal that goes away may say so twice
  // The handler is left with the signal unblocked (SA_NODEFER), so this ends the process.
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void Install(int signal_number) {
  struct sigaction old = {};
  sigaction(signal_number, nullptr, &old);
  if (old.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = HandleStop;
  action.sa_flags = SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, nullptr);
}

// OpenBLAS starts a thread for each core before main, and raises SIGINT where the system gives
// none: the end of an interrupted program, with nobody who interrupted it. So where processes are
// few the program begins anew with the setting that none is started; who computes with more asks
// for them later (qnet/model.h). This runs before the libraries are initialised, the C library's
// environment too.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] void BeginWithFewThreads(int, char** argv,
                                                                               char** environment) {
  constexpr rlim_t kFewProcesses = 1024;
  static constexpr std::string_view kSetting = "OPENBLAS_NUM_THREADS=";
  static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
  static std::array<char*, 4096> longer;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur >= kFewProcesses) return;
  size_t size = 0;
  for (; environment[size] != nullptr; ++size) {
    const bool is_set = std::string_view(environment[size]).starts_with(kSetting);
    if (is_set || size + 2 == longer.size()) return;
    longer[size] = environment[size];
  }
  longer[size] = one_thread;
  ::execve("/proc/self/exe", argv, longer.data());
}

[[gnu::used,
  gnu::section(".preinit_array")]] void (*const g_before_all)(int, char**,
                                                              char**) = BeginWithFewThreads;

Status StdoutError(int error) {
  if (error == EPIPE) return Status(Code::kClosedPipe, "the reader went away");
  return FromErrno(error, "cannot write to standard output");
}

}  // namespace

const std::atomic<bool>& InstallSignals() {
  Install(SIGINT);
  Install(SIGTERM);
  Install(SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return g_stop;
}

void GuardStandardDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    // Opened the wrong way round: reading or writing it fails with EBADF. open() takes the lowest
    // free number, which is fd.
    const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened < 0) return;
  }
}

Status WriteStdout(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {  // somebody made our end of the pipe non-blocking
      pollfd wait = {STDOUT_FILENO, POLLOUT, 0};
      ::poll(&wait, 1, 100);
    } else if (errno != EINTR) {
      return StdoutError(errno);
    }
  }
  return Ok();
}

Status CloseStdout() {
  // EBADF: the tool's own sink has closed it already, and checked that.
  if (::close(STDOUT_FILENO) == 0 || errno == EBADF || errno == EINTR) return Ok();
  return StdoutError(errno);
}

}  // namespace qt::cli

#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace qt::cli {
namespace {

std::atomic<bool> g_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void HandleStop(int signal_number) {
  if (!g_stop.exchange(true)) return;
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

}  // namespace

const std::atomic<bool>& InstallSignals() {
  Install(SIGINT);
  Install(SIGTERM);
  std::signal(SIGPIPE, SIG_IGN);
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

Status CloseStdout() {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  const int flushed = std::fflush(stdout);
  int error = flushed == 0 && !failed_before ? 0 : errno;
  if (error == 0 && failed_before) error = EIO;
  // EBADF: the tool's own sink has closed it already, and checked that.
  if (error == 0 && ::close(STDOUT_FILENO) != 0 && errno != EBADF && errno != EINTR) error = errno;
  if (error == 0) return Ok();
  if (error == EPIPE) return Status(Code::kClosedPipe, "the reader went away");
  return FromErrno(error, "cannot write to standard output");
}

}  // namespace qt::cli

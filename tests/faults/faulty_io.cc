// SPDX-License-Identifier: Apache-2.0
// A shared library for LD_PRELOAD that makes the system calls of any program fail as they do on a
// bad day. Told by environment variables; none of them set: nothing happens. Descriptor 2 is
// spared.
//
//   FAULTY_SHORT=N     a read or write takes at most N bytes
//   FAULTY_EINTR=K     every K-th of read, write, fsync and poll is interrupted first
//   FAULTY_FULL=B      after B bytes that were written altogether the disk is full
//   FAULTY_PFULL=B     the same for pwrite, on its own
//   FAULTY_READ=B      after B bytes that were read from standard input it fails with EIO
//   FAULTY_FSYNC=K     the K-th fsync and all after it fail with EIO
//   FAULTY_RENAME=K    the same for rename, renameat2 and link together
//   FAULTY_PLAIN=1     a file system with plain rename only: no RENAME_NOREPLACE, no hard links
#include <dlfcn.h>
#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {

long long Setting(const char* name, long long otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::atoll(text) : otherwise;
}

bool Interrupted() {
  static const long long every = Setting("FAULTY_EINTR", 0);
  static std::atomic<long long> calls{0};
  if (every <= 0 || ++calls % every != 0) return false;
  errno = EINTR;
  return true;
}

size_t Shortened(size_t size) {
  static const long long most = Setting("FAULTY_SHORT", 0);
  return most > 0 ? std::min(size, static_cast<size_t>(most)) : size;
}

// How much of `size` is allowed by `budget`, of which `used` is gone; -1: nothing is left.
ssize_t Within(long long budget, long long used, size_t size) {
  if (budget < 0) return static_cast<ssize_t>(size);
  if (used >= budget) return -1;
  return static_cast<ssize_t>(std::min<long long>(static_cast<long long>(size), budget - used));
}

// Whether the next call, counted by `calls`, is one of those that fail from the `first` on.
bool FailsFrom(long long first, std::atomic<long long>* calls) {
  return first > 0 && ++*calls >= first;
}

bool RenameFails() {
  static const long long first = Setting("FAULTY_RENAME", 0);
  static std::atomic<long long> calls{0};
  return FailsFrom(first, &calls);
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int FailWith(int error) {
  errno = error;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = Next<ssize_t(int, const void*, size_t)>("write");
  static const long long budget = Setting("FAULTY_FULL", -1);
  static std::atomic<long long> written{0};
  if (fd == STDERR_FILENO || size == 0) return next(fd, bytes, size);
  if (Interrupted()) return -1;
  const ssize_t allowed = Within(budget, written, Shortened(size));
  if (allowed < 0) return FailWith(ENOSPC);
  const ssize_t n = next(fd, bytes, static_cast<size_t>(allowed));
  if (n > 0) written += n;
  return n;
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static auto* const next = Next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  static const long long budget = Setting("FAULTY_PFULL", -1);
  static std::atomic<long long> written{0};
  if (Interrupted()) return -1;
  const ssize_t allowed = Within(budget, written, Shortened(size));
  if (allowed < 0) return FailWith(ENOSPC);
  const ssize_t n = next(fd, bytes, static_cast<size_t>(allowed), offset);
  if (n > 0) written += n;
  return n;
}

ssize_t read(int fd, void* bytes, size_t size) {
  static auto* const next = Next<ssize_t(int, void*, size_t)>("read");
  static const long long budget = Setting("FAULTY_READ", -1);
  static std::atomic<long long> have{0};
  if (size == 0) return next(fd, bytes, size);
  if (Interrupted()) return -1;
  const ssize_t allowed = Within(fd == STDIN_FILENO ? budget : -1, have, Shortened(size));
  if (allowed < 0) return FailWith(EIO);
  const ssize_t n = next(fd, bytes, static_cast<size_t>(allowed));
  if (n > 0 && fd == STDIN_FILENO) have += n;
  return n;
}

ssize_t pread64(int fd, void* bytes, size_t size, off64_t offset) {
  static auto* const next = Next<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return Interrupted() ? -1 : next(fd, bytes, Shortened(size), offset);
}

ssize_t pread(int fd, void* bytes, size_t size, off_t offset) {
  return pread64(fd, bytes, size, offset);
}

int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  static auto* const next = Next<int(pollfd*, nfds_t, int)>("poll");
  return Interrupted() ? -1 : next(fds, count, timeout_ms);
}

int fsync(int fd) {
  static auto* const next = Next<int(int)>("fsync");
  static const long long first = Setting("FAULTY_FSYNC", 0);
  static std::atomic<long long> calls{0};
  if (FailsFrom(first, &calls)) return FailWith(EIO);
  return Interrupted() ? -1 : next(fd);
}

int rename(const char* from, const char* to) {
  static auto* const next = Next<int(const char*, const char*)>("rename");
  return RenameFails() ? FailWith(EIO) : next(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static auto* const next = Next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  if (RenameFails()) return FailWith(EIO);
  if (Setting("FAULTY_PLAIN", 0) != 0 && flags != 0) return FailWith(EINVAL);
  return next(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) {
  static auto* const next = Next<int(const char*, const char*)>("link");
  if (Setting("FAULTY_PLAIN", 0) != 0) return FailWith(EPERM);
  return RenameFails() ? FailWith(EIO) : next(from, to);
}

}  // extern "C"

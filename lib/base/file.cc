// SPDX-License-Identifier: Apache-2.0
// Checked files over POSIX descriptors. Written by way of a hidden temporary, so that a reader
// never sees half a file and a crash leaves only a ".NAME.<pid>-<n>.tmp" behind.

#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/output_place.h"

namespace qt {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
constexpr int kPollMs = 100;

std::atomic<const std::atomic<bool>*> g_stop{nullptr};

Status OpenError(int error, const std::string& path) {
  if (error == ENOENT) return NotFound("no such file or folder").At(path);
  return Failed(std::strerror(error)).At(path);
}

Status WriteError(int error, const std::string& name) {
  if (error == EPIPE) return Status(Code::kClosedPipe, "the reader went away").At(name);
  return FromErrno(error, "cannot write").At(name);
}

// 0 or the error. A signal may interrupt it where the file system is a remote one.
int FsyncFully(int fd) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// File systems that cannot sync a folder say EINVAL; there is nothing better to do on them.
Status SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return OpenError(errno, folder);
  const int error = FsyncFully(fd);
  ::close(fd);
  if (error == 0 || error == EINVAL || error == ENOTSUP) return Ok();
  return FromErrno(error, "cannot sync the folder").At(folder);
}

Status ExistsError(const std::string& path) {
  return Failed("exists already; --force replaces it").At(path);
}

// Without RENAME_NOREPLACE and without hard links (exFAT, many that are mounted by FUSE) an empty
// file claims the name, because only one can make it; then it is replaced.
Status ClaimAndRename(const std::string& from, const std::string& to) {
  const int claim = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (claim < 0 && errno == EEXIST) return ExistsError(to);
  if (claim < 0) return FromErrno(errno, "cannot name the finished file").At(to);
  ::close(claim);
  if (::rename(from.c_str(), to.c_str()) == 0) return Ok();
  const int error = errno;
  ::unlink(to.c_str());
  return FromErrno(error, "cannot rename the finished file").At(to);
}

// link() refuses to replace, too; it serves file systems without RENAME_NOREPLACE.
Status RenameWithoutReplacing(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return Ok();
  if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) {
    if (::link(from.c_str(), to.c_str()) == 0) {
      ::unlink(from.c_str());
      return Ok();
    }
    if (errno != EEXIST) return ClaimAndRename(from, to);
  }
  if (errno == EEXIST) return ExistsError(to);
  return FromErrno(errno, "cannot rename the finished file").At(to);
}

Status RenameTo(const std::string& from, const std::string& to, Overwrite overwrite) {
  if (overwrite == Overwrite::kNo) return RenameWithoutReplacing(from, to);
  if (::rename(from.c_str(), to.c_str()) == 0) return Ok();
  return FromErrno(errno, "cannot rename the finished file").At(to);
}

// Buffered writing to a descriptor it owns. Bytes that were accepted but not yet written when an
// error shows are lost with the file, so every later call repeats that error.
class FdSink : public ByteSink {
 public:
  FdSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
    buffer_.reserve(kBufferBytes);
  }
  ~FdSink() override {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }

  Status Write(ByteSpan bytes) override {
    QT_TRY(error_);
    if (buffer_.size() + bytes.size() > kBufferBytes) QT_TRY(Flush());
    if (bytes.size() >= kBufferBytes) return WriteThrough(bytes);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return Ok();
  }

  Status Flush() override {
    QT_TRY(error_);
    QT_TRY(WriteThrough(buffer_));
    buffer_.clear();
    return Ok();
  }

  Status Commit() override {
    QT_TRY(Flush());
    return Close();
  }

  const std::string& name() const override { return name_; }
  int descriptor() const override { return fd_; }

 protected:
  Status Sync() {
    const int error = FsyncFully(fd_);
    if (error == 0 || error == EINVAL || error == EROFS) return Ok();
    return Remember(FromErrno(error, "cannot sync").At(name_));
  }

  // A network file system reports a full disk only here.
  Status Close() {
    const int fd = fd_;
    fd_ = -1;
    error_ = Failed("is closed already").At(name_);
    if (::close(fd) == 0 || errno == EINTR) return Ok();
    return Explained(WriteError(errno, name_));
  }

  // What can be said to comfort the user.
  virtual Status Explained(Status status) const { return status; }

 private:
  Status WriteThrough(ByteSpan bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n >= 0) {
        bytes = bytes.subspan(static_cast<size_t>(n));
      } else if (errno == EAGAIN) {  // somebody made our end of the pipe non-blocking
        pollfd wait = {fd_, POLLOUT, 0};
        ::poll(&wait, 1, kPollMs);
      } else if (errno != EINTR) {
        return Remember(WriteError(errno, name_));
      }
    }
    return Ok();
  }

  Status Remember(Status status) {
    error_ = Explained(std::move(status));
    return error_;
  }

  int fd_;
  std::string name_;
  Bytes buffer_;
  Status error_;
};

class AtomicFileSink : public FdSink {
 public:
  // `target`: `name` behind all links.
  AtomicFileSink(int fd, std::string name, std::string target, std::string temporary,
                 Overwrite overwrite)
      : FdSink(fd, std::move(name)),
        target_(std::move(target)),
        temporary_(std::move(temporary)),
        overwrite_(overwrite) {}
  ~AtomicFileSink() override {
    if (!temporary_.empty() && !keep_) ::unlink(temporary_.c_str());
  }

  Status Commit() override {
    QT_TRY(Flush());
    QT_TRY(Sync());
    QT_TRY(Close());
    if (Status renamed = RenameTo(temporary_, target_, overwrite_); !renamed.ok()) {
      return Explained(Status(renamed.code(), renamed.message()).At(name()));
    }
    temporary_.clear();
    return SyncFolder(FolderOf(target_));
  }
  void KeepIfAbandoned() override { keep_ = true; }
  void Discard() override { keep_ = false; }

 protected:
  Status Explained(Status status) const override {
    if (!keep_) return status;
    return Status(status.code(), status.message() + "; what was written stays in " + temporary_)
        .At(name());
  }

 private:
  std::string target_;
  std::string temporary_;  // empty once it is renamed
  Overwrite overwrite_;
  bool keep_ = false;
};

// After Commit descriptor 1 is /dev/null: a file opened later must not become "stdout".
class StdoutFdSink : public FdSink {
 public:
  StdoutFdSink() : FdSink(STDOUT_FILENO, "stdout") {}

  Status Commit() override {
    QT_TRY(Flush());
    QT_TRY(Close());
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0 && null != STDOUT_FILENO) {
      ::dup2(null, STDOUT_FILENO);
      ::close(null);
    }
    return Ok();
  }
};

class FdSource : public ByteSource {
 public:
  FdSource(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
    struct stat info;
    may_wait_ = ::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode);
  }
  ~FdSource() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }

  Result<size_t> Read(std::span<uint8_t> bytes) override {
    for (;;) {
      QT_TRY(WaitForInput());
      const ssize_t n = ::read(fd_, bytes.data(), bytes.size());
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR && errno != EAGAIN) return FromErrno(errno, "cannot read").At(name_);
    }
  }
  const std::string& name() const override { return name_; }

 private:
  // Waits in slices, so that a stop request that arrives while a pipe is silent is seen.
  Status WaitForInput() const {
    while (may_wait_) {
      if (StopRequested()) return Status(Code::kInterrupted, "interrupted while waiting for input");
      pollfd wait = {fd_, POLLIN, 0};
      const int ready = ::poll(&wait, 1, kPollMs);
      if (ready > 0 || (ready < 0 && errno != EINTR)) break;  // a signal: look at the flag first
    }
    return Ok();
  }

  int fd_;
  bool may_wait_;
  std::string name_;
};

class PreadFile : public RandomAccessFile {
 public:
  PreadFile(int fd, uint64_t size_bytes, std::string name)
      : fd_(fd), size_bytes_(size_bytes), name_(std::move(name)) {}
  ~PreadFile() override { ::close(fd_); }

  uint64_t size_bytes() const override { return size_bytes_; }
  const std::string& name() const override { return name_; }

  Status ReadAt(uint64_t offset_bytes, std::span<uint8_t> bytes) const override {
    if (offset_bytes > size_bytes_ || bytes.size() > size_bytes_ - offset_bytes) {
      return Corrupt("the file ends at byte " + std::to_string(size_bytes_) + ", but " +
                     std::to_string(bytes.size()) + " bytes are needed")
          .At(name_, offset_bytes);
    }
    while (!bytes.empty()) {
      const ssize_t n = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset_bytes));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FromErrno(errno, "cannot read").At(name_, offset_bytes);
      if (n == 0) return Corrupt("the file became shorter").At(name_, offset_bytes);
      offset_bytes += static_cast<uint64_t>(n);
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
    return Ok();
  }

 private:
  int fd_;
  uint64_t size_bytes_;
  std::string name_;
};

std::string UtcStamp() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return text;
}

// Where that fails, reads and writes wait by poll().
void SetBlocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

bool IsFifo(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
}

// A device or a FIFO: renaming would replace it by a file. A FIFO waits for its reader, in slices,
// so that a stop request is seen.
Result<std::unique_ptr<ByteSink>> OpenInPlace(const std::string& path, const std::string& name) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) {
      SetBlocking(fd);
      return std::unique_ptr<ByteSink>(new FdSink(fd, name));
    }
    if (errno != ENXIO || !IsFifo(path)) return OpenError(errno, name);
    if (StopRequested()) {
      return Status(Code::kInterrupted, "interrupted while waiting for a reader").At(name);
    }
    ::poll(nullptr, 0, kPollMs);
  }
}

// Descriptor 1 as "-" does; another one stays open for whoever opened it.
Result<std::unique_ptr<ByteSink>> OpenDescriptor(int descriptor, const std::string& name) {
  if (descriptor == STDOUT_FILENO) return StdoutSink();
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0) return OpenError(errno, name);
  if ((flags & O_ACCMODE) == O_RDONLY) return Failed("is not open for writing").At(name);
  const int fd = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (fd < 0) return OpenError(errno, name);
  return std::unique_ptr<ByteSink>(new FdSink(fd, name));
}

// A name of ours may be taken by what a process of the same number left behind.
Result<std::unique_ptr<ByteSink>> OpenFileBeside(const OutputPlace& place, const std::string& name,
                                                 Overwrite overwrite) {
  if (place.exists && overwrite == Overwrite::kNo) return ExistsError(name);
  constexpr int kMaxTries = 1000;
  for (int tries = 1;; ++tries) {
    std::string temporary = TemporaryBeside(place.path);
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      return std::unique_ptr<ByteSink>(
          new AtomicFileSink(fd, name, place.path, std::move(temporary), overwrite));
    }
    if (errno != EEXIST || tries == kMaxTries) return OpenError(errno, name);
  }
}

// Never waits: a FIFO that nobody writes to is as good as any other input until it is read, and a
// name that must be a regular file is judged by what is behind it.
Result<int> OpenForReading(const std::string& path, struct stat* info) {
  int fd;
  do fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  while (fd < 0 && errno == EINTR && !StopRequested());
  if (fd < 0 && errno == EINTR) {
    return Status(Code::kInterrupted, "interrupted while waiting for input").At(path);
  }
  if (fd < 0) return OpenError(errno, path);
  if (::fstat(fd, info) == 0 && !S_ISDIR(info->st_mode)) {
    if (!S_ISFIFO(info->st_mode)) SetBlocking(fd);
    return fd;
  }
  ::close(fd);
  return Failed("is a folder, not a file").At(path);
}

// For a link that leads to another file system.
Status CopyAndRemove(const std::string& from, const std::string& to, Overwrite overwrite) {
  QT_ASSIGN(const std::unique_ptr<ByteSource> source, OpenFile(from));
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink, CreateFile(to, overwrite));
  Bytes buffer(kBufferBytes);
  for (;;) {
    QT_ASSIGN(const size_t n, source->Read(buffer));
    if (n == 0) break;
    QT_TRY(sink->Write(ByteSpan(buffer).first(n)));
  }
  QT_TRY(sink->Commit());
  return RemoveFiles({&from, 1});
}

Result<std::string> ReadAll(ByteSource& source, uint64_t max_bytes) {
  std::string contents;
  for (;;) {
    const size_t have = contents.size();
    contents.resize(have + kBufferBytes);
    QT_ASSIGN(const size_t n,
              source.Read({reinterpret_cast<uint8_t*>(contents.data()) + have, kBufferBytes}));
    contents.resize(have + n);
    if (n == 0) return contents;
    if (contents.size() > max_bytes) {
      return Failed("is larger than " + std::to_string(max_bytes) + " bytes").At(source.name());
    }
  }
}

}  // namespace

void SetStopFlag(const std::atomic<bool>* stop) { g_stop = stop; }

bool StopRequested() {
  const std::atomic<bool>* stop = g_stop.load(std::memory_order_relaxed);
  return stop != nullptr && stop->load(std::memory_order_relaxed);
}

Result<std::unique_ptr<ByteSink>> CreateFile(const std::string& path, Overwrite overwrite) {
  QT_ASSIGN(const OutputPlace place, PlaceOf(path));
  if (place.kind != OutputPlace::Kind::kFile) return Failed("is no regular file").At(path);
  return OpenFileBeside(place, path, overwrite);
}

Result<std::unique_ptr<ByteSink>> CreateOutput(const std::string& path, Overwrite overwrite) {
  QT_ASSIGN(const OutputPlace place, PlaceOf(path));
  switch (place.kind) {
    case OutputPlace::Kind::kDescriptor:
      return OpenDescriptor(place.descriptor, path);
    case OutputPlace::Kind::kInPlace:
      return OpenInPlace(place.path, path);
    case OutputPlace::Kind::kFile:
      break;
  }
  return OpenFileBeside(place, path, overwrite);
}

std::string NameInSpool(const std::string& dir, const std::string& prefix,
                        const std::string& run_id, const std::string& suffix) {
  const std::string slash = dir.empty() || dir.back() == '/' ? "" : "/";
  return dir + slash + prefix + "-" + UtcStamp() + "-" + run_id + suffix;
}

Result<std::unique_ptr<ByteSink>> CreateInSpool(const std::string& dir, const std::string& prefix,
                                                const std::string& run_id,
                                                const std::string& suffix) {
  QT_TRY(MakeFolder(dir));
  return CreateFile(NameInSpool(dir, prefix, run_id, suffix), Overwrite::kNo);
}

Result<std::unique_ptr<ByteSink>> OpenForAppend(const std::string& path) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int fd = ::open(path.c_str(), flags, 0666);
  if (fd < 0) return OpenError(errno, path);
  SetBlocking(fd);
  return std::unique_ptr<ByteSink>(new FdSink(fd, path));
}

std::unique_ptr<ByteSink> StdoutSink() { return std::make_unique<StdoutFdSink>(); }

Result<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  struct stat info;
  QT_ASSIGN(const int fd, OpenForReading(path, &info));
  return std::unique_ptr<ByteSource>(new FdSource(fd, path));
}

Result<std::unique_ptr<ByteSource>> OpenRegularFile(const std::string& path) {
  struct stat info;
  QT_ASSIGN(const int fd, OpenForReading(path, &info));
  auto source = std::make_unique<FdSource>(fd, path);
  if (!S_ISREG(info.st_mode)) return Failed("is not a regular file").At(path);
  return std::unique_ptr<ByteSource>(std::move(source));
}

std::unique_ptr<ByteSource> StdinSource() {
  return std::make_unique<FdSource>(STDIN_FILENO, "stdin");
}

bool NamesStdin(const std::string& input) { return input == "-"; }

Result<std::unique_ptr<ByteSource>> OpenInput(const std::string& name) {
  if (NamesStdin(name)) return StdinSource();
  return OpenFile(name);
}

Result<std::unique_ptr<RandomAccessFile>> RandomAccessFile::Open(const std::string& path) {
  struct stat info;
  QT_ASSIGN(const int fd, OpenForReading(path, &info));
  if (S_ISREG(info.st_mode)) {
    return std::unique_ptr<RandomAccessFile>(
        new PreadFile(fd, static_cast<uint64_t>(info.st_size), path));
  }
  ::close(fd);
  return Failed("is not a regular file").At(path);
}

Status MoveFile(const std::string& from, const std::string& to, Overwrite overwrite) {
  QT_ASSIGN(const OutputPlace place, PlaceOf(to));
  if (place.kind != OutputPlace::Kind::kFile) return Failed("is no regular file").At(to);
  struct stat source = {}, folder = {};
  const bool elsewhere = ::stat(from.c_str(), &source) == 0 &&
                         ::stat(FolderOf(place.path).c_str(), &folder) == 0 &&
                         source.st_dev != folder.st_dev;
  if (elsewhere) return CopyAndRemove(from, place.path, overwrite);
  QT_TRY(RenameTo(from, place.path, overwrite));
  return SyncFolder(FolderOf(place.path));
}

Status RemoveFiles(std::span<const std::string> paths) {
  Status first;
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    if (::unlink(path.c_str()) == 0) {
      folders.insert(FolderOf(path));
    } else if (first.ok()) {
      first = FromErrno(errno, "cannot remove the file").At(path);
    }
  }
  for (const std::string& folder : folders) {
    if (Status synced = SyncFolder(folder); first.ok()) first = std::move(synced);
  }
  return first;
}

Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? Failed("cannot make the folder: " + error.message()).At(path) : Ok();
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool NamesFolder(const std::string& path) { return path.ends_with('/') || IsFolder(path); }

Result<std::string> ReadWholeFile(const std::string& path, uint64_t max_bytes) {
  QT_ASSIGN(const std::unique_ptr<ByteSource> source, OpenRegularFile(path));
  return ReadAll(*source, max_bytes);
}

Result<std::string> ReadWholeInput(const std::string& path, uint64_t max_bytes) {
  QT_ASSIGN(const std::unique_ptr<ByteSource> source, OpenFile(path));
  return ReadAll(*source, max_bytes);
}

Status WriteWholeFile(const std::string& path, std::string_view contents, Overwrite overwrite) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink, CreateFile(path, overwrite));
  QT_TRY(sink->Write(AsBytes(contents)));
  return sink->Commit();
}

}  // namespace qt

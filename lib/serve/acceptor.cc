// SPDX-License-Identifier: Apache-2.0
#include "serve/acceptor.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"

namespace qt::serve {
namespace {

constexpr int kBacklog = 128;
// A client that is gone before it was accepted must not make us wait for the next one.
constexpr int kListeningType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr double kDrainPatience_s = 5;
constexpr double kLingerSilence_s = 2, kLinger_s = 30;
constexpr size_t kMaxParting = 64;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

constexpr char kLockSuffix[] = ".lock";
constexpr size_t kMaxSuffix = 12;  // of the temporary name, and of the lock's

Status CheckLength(const std::string& path) {
  constexpr size_t kMaxBytes = sizeof(sockaddr_un::sun_path) - 1 - kMaxSuffix;
  if (path.size() <= kMaxBytes) return Ok();
  return Usage("the path of a socket can be at most " + std::to_string(kMaxBytes) + " bytes long")
      .At(path);
}

// REQUIRES: CheckLength(path), but for a suffix.
sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// Ok if a socket may be made there: nothing is there, or what a dead server has left.
Status CheckFree(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? Ok() : Status(FromErrno(errno, "cannot make a socket").At(path));
  }
  if (!S_ISSOCK(info.st_mode)) return Failed("is there already, and is not a socket").At(path);
  const sockaddr_un address = UnixAddress(path);
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errno == ECONNREFUSED ? Ok() : Status(FromErrno(errno, "cannot make a socket").At(path));
  }
  return Status(Code::kBusy, "another server listens there").At(path);
}

// Whether the lock's file is still the one behind its name: who ends removes it.
bool IsAt(int lock, const std::string& path) {
  struct stat held = {}, named = {};
  return ::fstat(lock, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

std::string HostPortText(const std::string& host, int port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

int PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// The first of the host's addresses that can be listened at.
Result<int> ListenAt(const addrinfo* found, const std::string& shown) {
  Status status = Failed("has no address").At(shown);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Fd fd(::socket(at->ai_family, kListeningType, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd.get() >= 0 && ::bind(fd.get(), at->ai_addr, at->ai_addrlen) == 0 &&
        ::listen(fd.get(), kBacklog) == 0) {
      return fd.release();
    }
    status = FromErrno(errno, "cannot listen").At(shown);
  }
  return status;
}

}  // namespace

Result<SocketClaim> SocketClaim::Take(const std::string& path) {
  QT_TRY(CheckLength(path));
  const std::string name = path + kLockSuffix;
  for (;;) {
    Fd lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.get() < 0) return FromErrno(errno, "cannot make the lock of a socket").At(name);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return FromErrno(errno, "cannot lock").At(name);
      return Status(Code::kBusy, "another server listens there").At(path);
    }
    if (!IsAt(lock.get(), name)) continue;
    SocketClaim claim(lock.release(), path);
    QT_TRY(CheckFree(path));
    return claim;
  }
}

SocketClaim::SocketClaim(SocketClaim&& other) noexcept
    : lock_(std::exchange(other.lock_, -1)), path_(std::exchange(other.path_, "")) {}

SocketClaim::~SocketClaim() {
  if (lock_ < 0) return;
  ::unlink((path_ + kLockSuffix).c_str());  // while it is ours
  ::close(lock_);
}

Result<Listening> Listening::AtUnixPath(SocketClaim claim, std::optional<mode_t> mode) {
  const std::string path = claim.path();
  const std::string temporary = path + "." + std::to_string(::getpid());
  const sockaddr_un address = UnixAddress(temporary);
  Fd fd(::socket(AF_UNIX, kListeningType, 0));
  if (fd.get() < 0) return FromErrno(errno, "cannot make a socket").At(path);
  ::unlink(temporary.c_str());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FromErrno(errno, "cannot make a socket").At(path);
  }
  struct stat info = {};
  if ((mode && ::chmod(temporary.c_str(), *mode) != 0) || ::listen(fd.get(), kBacklog) != 0 ||
      ::lstat(temporary.c_str(), &info) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    Status status = FromErrno(errno, "cannot make a socket").At(path);
    ::unlink(temporary.c_str());
    return status;
  }
  Listening listening(fd.release(), "unix:" + path);
  listening.claim_.emplace(std::move(claim));
  listening.inode_ = info.st_ino;
  return listening;
}

Result<Listening> Listening::AtTcp(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return Failed(gai_strerror(error)).At(HostPortText(host, port));
  Result<int> fd = ListenAt(found, HostPortText(host, port));
  ::freeaddrinfo(found);
  if (!fd.ok()) return std::move(fd).status();
  const int bound = PortOf(*fd);
  Listening listening(*fd, "http://" + HostPortText(host, bound));
  listening.port_ = bound;
  return listening;
}

Listening::Listening(Listening&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      port_(other.port_),
      claim_(std::move(other.claim_)),
      inode_(other.inode_) {
  other.claim_.reset();
}

Listening::~Listening() {
  struct stat info;
  const std::string path = claim_ ? claim_->path() : "";
  if (!path.empty() && ::lstat(path.c_str(), &info) == 0 && info.st_ino == inode_) {
    ::unlink(path.c_str());
  }
  if (fd_ >= 0) ::close(fd_);
}

class Acceptor::Impl {
 public:
  Impl(Listening listening, Config config, Serve serve)
      : listening_(std::move(listening)),
        config_(std::move(config)),
        serve_(std::move(serve)),
        stop_(::eventfd(0, EFD_CLOEXEC)) {}

  ~Impl() {
    const uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof one));
    if (thread_.joinable()) thread_.join();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return num_clients_ == 0; });
  }

  Status Start() {
    if (stop_.get() < 0) return FromErrno(errno, "eventfd");
    thread_ = std::thread([this] { Accept(); });
    return Ok();
  }

  const Listening& listening() const { return listening_; }

 private:
  void Accept() {
    for (;;) {
      try {
        return AcceptUntilStopped();
      } catch (const std::bad_alloc&) {  // the client is lost, not the server
        Breathe();
      }
    }
  }

  void AcceptUntilStopped() {
    for (;;) {
      std::vector<pollfd> fds = {{listening_.fd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      for (const Parting& parting : parting_) fds.push_back({parting.fd.get(), POLLIN, 0});
      const int longest_ms = parting_.empty() ? -1 : 200;
      if (::poll(fds.data(), fds.size(), longest_ms) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) return;
      Part();
      if (fds[0].revents == 0) continue;
      Fd client(::accept4(listening_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      // Out of descriptors: the client stays in the backlog until one is free.
      if (client.get() < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) Breathe();
      if (client.get() >= 0) Take(std::move(client));
    }
  }

  static void Breathe() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

  void Take(Fd client) {
    const int on = 1;  // answers are small and wanted now; does nothing to a Unix socket
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!Reserve()) {
      static_cast<void>(::send(client.get(), config_.too_many.data(), config_.too_many.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL));
      ::shutdown(client.get(), SHUT_WR);
      parting_.push_back({std::move(client), Clock::now()});
      if (parting_.size() > kMaxParting) parting_.pop_front();
      return;
    }
    try {
      std::thread([this, fd = client.get()] { Run(fd); }).detach();  // ~Impl waits for num_clients_
      client.release();
    } catch (const std::exception&) {  // no thread, or no memory
      Release();
    }
  }

  // Of clients that were one too many: forgets what they send, as SocketStream::Linger does.
  void Part() {
    std::array<uint8_t, 4096> forgotten;
    const auto long_ago = Clock::now() - std::chrono::seconds(1);
    std::erase_if(parting_, [&](const Parting& parting) {
      const ssize_t n = ::recv(parting.fd.get(), forgotten.data(), forgotten.size(), MSG_DONTWAIT);
      const bool has_more = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
      return !has_more || parting.since < long_ago;
    });
  }

  // Whatever goes wrong for one client, no memory for one, ends that client alone.
  void Run(int client) {
    try {
      Fd owned(client);
      SocketStream stream(client, stop_.get(), listening_.name(), config_.limits);
      owned.release();
      serve_(stream);
      static_cast<void>(stream.Drain(kDrainPatience_s).ok());  // who does not read it has lost it
      stream.Linger(kLingerSilence_s, kLinger_s);
    } catch (const std::exception&) {
    }
    Release();
  }

  bool Reserve() {
    const std::lock_guard lock(mutex_);
    if (num_clients_ >= config_.max_clients) return false;
    ++num_clients_;
    if (config_.on_clients) config_.on_clients(1);
    return true;
  }

  void Release() {
    const std::lock_guard lock(mutex_);
    --num_clients_;
    if (config_.on_clients) config_.on_clients(-1);
    ended_.notify_all();  // under the lock: the waiter destroys this object next
  }

  using Clock = std::chrono::steady_clock;
  struct Parting {
    Fd fd;
    Clock::time_point since;
  };

  Listening listening_;
  const Config config_;
  const Serve serve_;
  const Fd stop_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int num_clients_ = 0;
  std::deque<Parting> parting_;  // of the accepting thread
  std::thread thread_;
};

Acceptor::Acceptor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Acceptor::~Acceptor() = default;
const Listening& Acceptor::listening() const { return impl_->listening(); }

Result<std::unique_ptr<Acceptor>> Acceptor::Start(Listening listening, Config config, Serve serve) {
  auto impl = std::make_unique<Impl>(std::move(listening), std::move(config), std::move(serve));
  QT_TRY(impl->Start());
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(impl)));
}

}  // namespace qt::serve

#include "serve/acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"

namespace qt::serve {
namespace {

constexpr int kBacklog = 128;
// A client that is gone before it was accepted must not make us wait for the next one.
constexpr int kListeningType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr double kDrainPatience_s = 5;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

constexpr size_t kMaxSuffix = 12;  // of the temporary name

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

Result<Listening> Listening::AtUnixPath(const std::string& path) {
  QT_TRY(CheckLength(path));
  QT_TRY(CheckFree(path));
  const std::string temporary = path + "." + std::to_string(::getpid());
  const sockaddr_un address = UnixAddress(temporary);
  Fd fd(::socket(AF_UNIX, kListeningType, 0));
  if (fd.get() < 0) return FromErrno(errno, "cannot make a socket").At(path);
  ::unlink(temporary.c_str());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FromErrno(errno, "cannot make a socket").At(path);
  }
  struct stat info = {};
  if (::listen(fd.get(), kBacklog) != 0 || ::lstat(temporary.c_str(), &info) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    Status status = FromErrno(errno, "cannot make a socket").At(path);
    ::unlink(temporary.c_str());
    return status;
  }
  Listening listening(fd.release(), "unix:" + path);
  listening.path_ = path;
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
      path_(std::exchange(other.path_, "")),
      inode_(other.inode_) {}

Listening::~Listening() {
  struct stat info;
  if (!path_.empty() && ::lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) {
    ::unlink(path_.c_str());
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
      pollfd fds[2] = {{listening_.fd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) return;
      if (fds[0].revents == 0) continue;
      const int client = ::accept4(listening_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) Take(client);
      // Out of descriptors: the client stays in the backlog until one is free.
      if (client < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    }
  }

  void Take(int client) {
    const int on = 1;  // answers are small and wanted now; does nothing to a Unix socket
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!Reserve()) {
      static_cast<void>(::send(client, config_.too_many.data(), config_.too_many.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL));
      ::close(client);
      return;
    }
    try {
      std::thread([this, client] { Run(client); }).detach();  // ~Impl waits for num_clients_
    } catch (const std::system_error&) {
      ::close(client);
      Release();
    }
  }

  void Run(int client) {
    {
      SocketStream stream(client, stop_.get(), listening_.name(), config_.limits);
      serve_(stream);
      static_cast<void>(stream.Drain(kDrainPatience_s).ok());  // who does not read it has lost it
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

  Listening listening_;
  const Config config_;
  const Serve serve_;
  const Fd stop_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int num_clients_ = 0;
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

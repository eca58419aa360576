#include "policy/server_link.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/child_process.h"

namespace qt::policy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kExecPrefix[] = "exec:";
constexpr char kUnixPrefix[] = "unix:";

class ProcessLink : public ServerLink {
 public:
  explicit ProcessLink(std::unique_ptr<ChildProcess> child) : child_(std::move(child)) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override { return child_->Read(bytes); }
  const std::string& name() const override { return child_->name(); }
  Status Write(ByteSpan bytes) override { return child_->Write(bytes); }
  void CloseInput() override { child_->CloseInput(); }
  void NoteReady() override { child_->ReleaseStderr(); }
  void Stop(int signal) override { child_->Signal(signal); }
  std::string End(double patience_s) override { return child_->End(patience_s); }
  std::string TakeLastWords() override { return child_->TakeHeldStderr(); }

 private:
  std::unique_ptr<ChildProcess> child_;
};

class SocketLink : public ServerLink {
 public:
  SocketLink(int socket, std::string name, double write_timeout_s)
      : socket_(socket), name_(std::move(name)), write_timeout_s_(write_timeout_s) {}
  ~SocketLink() override { ::close(socket_); }
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;

  Result<size_t> Read(std::span<uint8_t> bytes) override {
    for (;;) {
      const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno == ECONNRESET) return size_t{0};
      if (errno != EINTR) return FromErrno(errno, "cannot read").At(name_);
    }
  }

  Status Write(ByteSpan bytes) override {
    const auto until = Clock::now() + std::chrono::duration<double>(write_timeout_s_);
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0) {
        bytes = bytes.subspan(static_cast<size_t>(n));
      } else if (errno == EAGAIN || errno == EINTR) {
        if (Clock::now() > until) return Failed("the server takes no requests").At(name_);
        pollfd fd = {socket_, POLLOUT, 0};
        static_cast<void>(::poll(&fd, 1, 100));
      } else {
        return Status(Code::kClosedPipe, "the server closed the connection").At(name_);
      }
    }
    return Ok();
  }

  const std::string& name() const override { return name_; }
  void CloseInput() override { ::shutdown(socket_, SHUT_WR); }
  void NoteReady() override {}
  void Stop(int) override { ::shutdown(socket_, SHUT_RDWR); }
  std::string End(double) override { return "closed the connection"; }
  std::string TakeLastWords() override { return ""; }

 private:
  const int socket_;
  const std::string name_;
  const double write_timeout_s_;
};

Result<std::unique_ptr<ServerLink>> Connect(const std::string& path, double write_timeout_s) {
  const std::string name = kUnixPrefix + path;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Failed("the path of the socket is too long").At(name);
  }
  path.copy(address.sun_path, path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return FromErrno(errno, "cannot make a socket").At(name);
  auto link = std::make_unique<SocketLink>(socket, name, write_timeout_s);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FromErrno(errno, "cannot connect to the policy server").At(name);
  }
  return std::unique_ptr<ServerLink>(std::move(link));
}

}  // namespace

bool IsCheckpoint(const std::string& spec) {
  return spec.ends_with(".safetensors") && !spec.starts_with(kUnixPrefix) &&
         !spec.starts_with(kExecPrefix);
}

Result<ServerAddress> ParseServerAddress(const std::string& spec) {
  ServerAddress address;
  if (spec.starts_with(kUnixPrefix)) {
    address.socket_path = spec.substr(sizeof kUnixPrefix - 1);
    if (address.socket_path.empty()) return Usage("unix: names no socket");
    return address;
  }
  if (spec.starts_with(kExecPrefix)) {
    const std::string command = spec.substr(sizeof kExecPrefix - 1);
    if (command.empty()) return Usage("exec: names no command");
    return ServerAddress{{"/bin/sh", "-c", command}, "", protocol::Framing::kNdjson};
  }
  if (!IsCheckpoint(spec)) {
    return Usage("'" + spec + "' is neither a .safetensors file, unix:PATH nor exec:COMMAND");
  }
  if (::access(spec.c_str(), F_OK) != 0) return NotFound("no such file or folder").At(spec);
  // A name that starts with a dash must not be taken for a flag.
  const std::string file = spec.starts_with('-') ? "./" + spec : spec;
  address.argv = {ProgramBesideOurselves(kServerTool), file, "--stdio"};
  return address;
}

Result<std::unique_ptr<ServerLink>> ServerLink::Open(const ServerAddress& address,
                                                     double write_timeout_s) {
  if (!address.socket_path.empty()) return Connect(address.socket_path, write_timeout_s);
  QT_ASSIGN(std::unique_ptr<ChildProcess> child,
            ChildProcess::Start(address.argv, write_timeout_s));
  return std::unique_ptr<ServerLink>(std::make_unique<ProcessLink>(std::move(child)));
}

}  // namespace qt::policy

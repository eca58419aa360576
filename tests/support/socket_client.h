// SPDX-License-Identifier: Apache-2.0
// A client of a policy server's Unix socket that reads and writes in blocking calls. For the tests
// of lib/serve and for the benchmarks, which misbehave through fd().
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "protocol/wire.h"

namespace qt::test {

// Speaks binary frames. The other side's end shows as 0 bytes.
class SocketClient : public ByteSource {
 public:
  explicit SocketClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~SocketClient() override { ::close(socket_); }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;
  bool connected() const { return connected_; }
  int fd() const { return socket_; }
  bool Send(ByteSpan bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
    return true;
  }
  void EndInput() const { ::shutdown(socket_, SHUT_WR); }
  Result<size_t> Read(std::span<uint8_t> bytes) override {
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return n < 0 ? size_t{0} : static_cast<size_t>(n);
  }
  const std::string& name() const override { return name_; }
  // nullopt at the end, and if the server does not follow the protocol.
  std::optional<protocol::Reply> Next() {
    auto frame = frames_.Next();
    if (!frame.ok() || !*frame) return std::nullopt;
    auto reply = protocol::DecodeReply(**frame);
    return reply.ok() ? std::optional(std::move(*reply)) : std::nullopt;
  }
  template <typename Message>
  std::optional<protocol::Reply> Ask(const Message& message) {
    if (!Send(protocol::Encode(protocol::Framing::kBinary, message))) return std::nullopt;
    return Next();
  }

 private:
  int socket_;
  bool connected_ = false;
  std::string name_ = "client";
  protocol::FrameReader frames_{this};
};

}  // namespace qt::test

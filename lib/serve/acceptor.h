// SPDX-License-Identifier: Apache-2.0
// Listens at a Unix socket or a TCP address, and runs a function for every client, each in a thread
// of its own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "serve/socket_stream.h"

namespace qt::serve {

// The right to listen at a Unix path, which one server has at a time: a lock of PATH.lock, beside
// the socket. Both files go with it.
class SocketClaim {
 public:
  // Waits for nobody. What a server that died has left is free; kBusy if one runs there, or is
  // about to; kFailed if the file is something else.
  static Result<SocketClaim> Take(const std::string& path);
  SocketClaim(SocketClaim&& other) noexcept;
  SocketClaim& operator=(SocketClaim&&) = delete;
  ~SocketClaim();
  const std::string& path() const { return path_; }

 private:
  SocketClaim(int lock, std::string path) : lock_(lock), path_(std::move(path)) {}
  int lock_;  // a descriptor
  std::string path_;
};

// A listening socket. A Unix socket's file is removed with it.
class Listening {
 public:
  // The file appears ready to be connected to, with the rights of `mode`, or of the umask without.
  static Result<Listening> AtUnixPath(SocketClaim claim, std::optional<mode_t> mode);
  // Port 0 chooses a free one.
  static Result<Listening> AtTcp(const std::string& host, int port);
  Listening(Listening&& other) noexcept;
  Listening& operator=(Listening&&) = delete;
  ~Listening();

  int fd() const { return fd_; }
  const std::string& name() const { return name_; }  // "unix:PATH", "http://127.0.0.1:8000"
  int port() const { return port_; }

 private:
  Listening(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  int fd_;
  std::string name_;
  int port_ = 0;
  std::optional<SocketClaim> claim_;  // of a Unix socket, whose file is to be removed
  uint64_t inode_ = 0;
};

class Acceptor {
 public:
  struct Config {
    int max_clients = 256;
    Bytes too_many;  // said to a client that is one too many
    StreamLimits limits;
    std::function<void(int change)> on_clients;  // one more, one less
  };
  // Serves one client until it ends; the stream is closed afterwards, when all that was written is
  // sent.
  using Serve = std::function<void(SocketStream& client)>;

  static Result<std::unique_ptr<Acceptor>> Start(Listening listening, Config config, Serve serve);
  // Takes no more clients, interrupts the reads of those that are there, and waits until each has
  // got its answers; not for ever for those that do not read them.
  ~Acceptor();

  const Listening& listening() const;

 private:
  class Impl;
  explicit Acceptor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace qt::serve

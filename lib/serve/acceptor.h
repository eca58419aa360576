// Listens at a Unix socket or a TCP address, and runs a function for every client, each in a thread
// of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "serve/socket_stream.h"

namespace qt::serve {

// A listening socket. A Unix socket's file is removed with it.
class Listening {
 public:
  // The file appears ready to be connected to. What a server that died has left there is replaced;
  // kBusy if a server still listens there, kFailed if the file is something else.
  static Result<Listening> AtUnixPath(const std::string& path);
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
  std::string path_;  // to be removed
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

// A server that many clients talk to: the service behind a Unix socket and HTTP. Stopping it
// answers what has been read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "serve/acceptor.h"
#include "serve/connection.h"
#include "serve/http_api.h"

namespace qt::serve {

struct ServerConfig {
  std::optional<SocketClaim> socket;  // none: no Unix socket
  std::optional<mode_t> socket_mode;  // the rights of its file; without, those of the umask
  std::string http_host;              // empty: none
  int http_port = 0;                  // 0: a free one
  std::string token;                  // wanted of HTTP clients; empty: none
  int max_clients = 256;              // of each
  double request_s = 20;  // in which a frame or an HTTP request that has begun must be there
};

// "HOST:PORT", "[::1]:8000".
struct HostPort {
  std::string host;
  int port = 0;
};
Result<HostPort> ParseHostPort(const std::string& text);
// Whether only programs of this machine can reach it.
bool IsLoopback(const std::string& host);
// The first line of a file, without a byte order mark and blanks around it. Fails if it is too
// short to be a secret, or cannot stand in a header; warns if everybody may read it.
Result<std::string> ReadToken(const std::string& path);

class Server {
 public:
  // Takes clients when it returns. `service` must outlive the object.
  static Result<std::unique_ptr<Server>> Start(Service& service, ServerConfig config);
  // Drains: takes no more clients and requests, and answers those that it has.
  ~Server();

  // "unix:PATH", "http://127.0.0.1:8000"
  std::vector<std::string> addresses() const;

 private:
  explicit Server(Service& service) : service_(service) {}
  Status ListenAtSocket(ServerConfig& config);
  Status ListenForHttp(const ServerConfig& config);

  Service& service_;
  ConnectionConfig connection_config_;
  double request_s_ = 0;
  std::unique_ptr<HttpApi> http_api_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

// What a client may send of a picture: a raw one of the model's size, and room for a message that
// says what is wrong with a larger one.
protocol::WireLimits LimitsFor(const protocol::ServerHello& hello);

}  // namespace qt::serve

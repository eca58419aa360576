// SPDX-License-Identifier: Apache-2.0
// A server that many clients talk to: the service behind a Unix socket and HTTP. Stopping it
// answers what has been read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "base/status.h"
#include "serve/acceptor.h"
#include "serve/connection.h"
#include "serve/http_api.h"

namespace qt::serve {

// "HOST:PORT", "[::1]:8000".
struct HostPort {
  std::string host;
  int port = 0;

  static Result<HostPort> Parse(std::string_view text);
  std::string ToString() const;
};

// The rights of a file, as chmod takes them: "0660".
struct FileMode {
  mode_t bits = 0;

  static Result<FileMode> Parse(std::string_view text);
  std::string ToString() const;
};

// Where clients come from.
struct ServerSettings {
  std::string socket;                   // its path; empty: no Unix socket
  std::optional<FileMode> socket_mode;  // without, what the umask leaves
  // HTTP, at most one of these.
  int http_port = -1;              // at 127.0.0.1: 0 is a free port, -1 none
  std::optional<HostPort> listen;  // anywhere
  std::string token_file;          // whose first line HTTP clients must send; empty: none
  int max_clients = 256;           // of each

  std::optional<HostPort> http() const;  // where HTTP is spoken, if at all
};

template <class V>
void Visit(V&& visit, ServerSettings& c) {
  visit("socket", c.socket, {"PATH", "listen at a Unix socket; for many clients"});
  visit("socket_mode", c.socket_mode,
        {"MODE",
         "rights of the socket's file, as chmod takes them: 0660 lets its group ask; by default "
         "what the umask leaves"});
  visit("http", c.http_port,
        {"PORT",
         "HTTP for programs of this machine, at 127.0.0.1: the Open Inference Protocol, POST /act, "
         "/metrics; 0 takes a free port; -1 is off",
         -1, 65535});
  visit(
      "listen", c.listen,
      {"HOST:PORT", "HTTP at another address; needs --token-file unless it is a loopback address"});
  visit("token_file", c.token_file,
        {"FILE", "HTTP clients must send the first line of the file as their bearer token"});
  visit("max_clients", c.max_clients,
        {"N", "clients that are connected at the same time", 1, 10000});
}

struct ServerConfig {
  ServerSettings settings;
  std::optional<SocketClaim> socket;  // none: no Unix socket
  std::string token;                  // wanted of HTTP clients; empty: none
  double request_s = 20;  // in which a frame or an HTTP request that has begun must be there

  // Takes the socket's place, so that a second server ends before it has loaded anything, and reads
  // the token.
  static Result<ServerConfig> Open(const ServerSettings& settings);
};

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
  Status ListenForHttp(const ServerConfig& config, const HostPort& at);

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

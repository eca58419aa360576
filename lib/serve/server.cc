// SPDX-License-Identifier: Apache-2.0
#include "serve/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "serve/http_head.h"
#include "serve/http_wire.h"

namespace qt::serve {
namespace {

constexpr size_t kMinImageLimit_bytes = 1 << 20;
constexpr size_t kMinTokenBytes = 16;

Bytes TooManyClients() {
  return protocol::Encode(protocol::Framing::kNdjson,
                          protocol::WireError{std::nullopt, protocol::WireErrorCode::kBusy,
                                              "the server has too many clients"});
}

void LogEnd(const std::string& client, const Status& status, const ConnectionStats& stats) {
  const std::string counts =
      std::to_string(stats.answers) + " answers, " + std::to_string(stats.errors) + " errors";
  const bool told = status.ok() || status.code() == Code::kInterrupted;
  LogDebug(client + ": a client ended after " + counts + (told ? "" : ": " + status.message()));
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

Bytes TooManyHttpClients() {
  constexpr std::string_view kText =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
      "Content-Length: 0\r\n\r\n";
  const ByteSpan bytes = AsBytes(kText);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Result<HostPort> HostPort::Parse(std::string_view text) {
  const Status wrong = Usage("wants HOST:PORT, not '" + std::string(text) + "'");
  const size_t colon = text.rfind(':');
  const std::string_view digits = colon == text.npos ? "" : text.substr(colon + 1);
  HostPort parsed;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, parsed.port);
  if (digits.empty() || error != std::errc() || stop != end || parsed.port < 0 ||
      parsed.port > 65535) {
    return wrong;
  }
  parsed.host = text.substr(0, colon);
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  }
  return parsed.host.empty() ? Result<HostPort>(wrong) : parsed;
}

std::string HostPort::ToString() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<FileMode> FileMode::Parse(std::string_view text) {
  unsigned mode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
  if (error == std::errc() && stop == end && mode <= 0777) return FileMode{mode_t{mode}};
  return Usage("wants three or four octal digits, such as 0660, not '" + std::string(text) + "'");
}

std::string FileMode::ToString() const {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", bits);
  return text;
}

std::optional<HostPort> ServerSettings::http() const {
  return http_port >= 0 ? HostPort{"127.0.0.1", http_port} : listen;
}

Result<ServerConfig> ServerConfig::Open(const ServerSettings& settings) {
  ServerConfig config;
  config.settings = settings;
  if (!settings.socket.empty()) {
    QT_ASSIGN(SocketClaim claim, SocketClaim::Take(settings.socket));
    config.socket.emplace(std::move(claim));
  }
  if (!settings.token_file.empty()) {
    QT_ASSIGN(config.token, ReadToken(settings.token_file));
  }
  return config;
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4;
  in6_addr v6;
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<std::string> ReadToken(const std::string& path) {
  QT_ASSIGN(const std::string contents, ReadWholeInput(path, 4096));
  std::string_view text = contents;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  text = Trimmed(text.substr(0, text.find_first_of("\r\n")));
  if (text.size() < kMinTokenBytes) {
    return Failed("a token has at least " + std::to_string(kMinTokenBytes) +
                  " characters in the first line")
        .At(path);
  }
  if (!std::all_of(text.begin(), text.end(), IsVisible)) {
    return Failed("a token holds visible ASCII characters only: no header can carry others")
        .At(path);
  }
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & S_IROTH) != 0) {
    LogWarning(path + ": everybody on this machine can read the token; chmod o-r");
  }
  return std::string(text);
}

protocol::WireLimits LimitsFor(const protocol::ServerHello& hello) {
  protocol::WireLimits limits;
  const size_t raw_bytes = RgbBytes(hello.image_width_px, hello.image_height_px);
  limits.max_image_bytes =
      std::min(limits.max_image_bytes, std::max(kMinImageLimit_bytes, 2 * raw_bytes));
  return limits;
}

Result<std::unique_ptr<Server>> Server::Start(Service& service, ServerConfig config) {
  std::unique_ptr<Server> server(new Server(service));
  server->connection_config_.limits = LimitsFor(service.shape());
  server->connection_config_.when_full = Service::WhenFull::kRefuse;
  server->request_s_ = config.request_s;
  if (config.socket) QT_TRY(server->ListenAtSocket(config));
  if (const auto at = config.settings.http()) QT_TRY(server->ListenForHttp(config, *at));
  return server;
}

Server::~Server() {
  service_.SetReady(false);
  acceptors_.clear();
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> names;
  for (const auto& acceptor : acceptors_) names.push_back(acceptor->listening().name());
  return names;
}

Status Server::ListenAtSocket(ServerConfig& config) {
  std::optional<mode_t> mode;
  if (config.settings.socket_mode) mode = config.settings.socket_mode->bits;
  QT_ASSIGN(Listening listening, Listening::AtUnixPath(std::move(*config.socket), mode));
  const Acceptor::Config acceptor_config = {
      .max_clients = config.settings.max_clients,
      .too_many = TooManyClients(),
      .limits = {},
      .on_clients = [this](int change) { service_.metrics().AddClients(kUnixTransport, change); }};
  const auto serve = [this](SocketStream& client) {
    ConnectionStats stats;
    const auto before_frame = [this, &client](bool has_begun) {
      has_begun ? client.AllowReads(request_s_) : client.AllowOnceBegun(request_s_);
    };
    const Status status =
        ServeConnection(connection_config_, service_, client, client, &stats, before_frame);
    LogEnd(client.SocketStream::name(), status, stats);
  };
  QT_ASSIGN(std::unique_ptr<Acceptor> acceptor,
            Acceptor::Start(std::move(listening), acceptor_config, serve));
  acceptors_.push_back(std::move(acceptor));
  return Ok();
}

Status Server::ListenForHttp(const ServerConfig& config, const HostPort& at) {
  http_api_ = std::make_unique<HttpApi>(service_, config.token);
  QT_ASSIGN(Listening listening, Listening::AtTcp(at.host, at.port));
  const Acceptor::Config acceptor_config = {
      .max_clients = config.settings.max_clients,
      .too_many = TooManyHttpClients(),
      .limits = {},
      .on_clients = [this](int change) { service_.metrics().AddClients(kHttpTransport, change); }};
  const auto serve = [this](SocketStream& client) {
    HttpLimits limits;
    limits.request_s = request_s_;
    ServeHttp(*http_api_, limits, client, client,
              [&client](double seconds) { client.AllowReads(seconds); });
  };
  QT_ASSIGN(std::unique_ptr<Acceptor> acceptor,
            Acceptor::Start(std::move(listening), acceptor_config, serve));
  acceptors_.push_back(std::move(acceptor));
  return Ok();
}

}  // namespace qt::serve

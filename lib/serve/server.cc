#include "serve/server.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace qt::serve {
namespace {

constexpr size_t kMinImageLimit_bytes = 1 << 20;

Bytes TooManyClients() {
  return record::Encode(record::Framing::kNdjson,
                        record::WireError{std::nullopt, record::WireErrorCode::kBusy,
                                          "the server has too many clients"});
}

void LogEnd(const std::string& client, const Status& status, const ConnectionStats& stats) {
  const std::string counts =
      std::to_string(stats.answers) + " answers, " + std::to_string(stats.errors) + " errors";
  const bool told = status.ok() || status.code() == Code::kInterrupted;
  LogDebug(client + ": a client ended after " + counts + (told ? "" : ": " + status.message()));
}

}  // namespace

record::WireLimits LimitsFor(const record::ServerHello& hello) {
  record::WireLimits limits;
  const size_t raw_bytes =
      size_t{3} * static_cast<size_t>(hello.image_width_px * hello.image_height_px);
  limits.max_image_bytes =
      std::min(limits.max_image_bytes, std::max(kMinImageLimit_bytes, 2 * raw_bytes));
  return limits;
}

Result<std::unique_ptr<Server>> Server::Start(Service& service, const ServerConfig& config) {
  std::unique_ptr<Server> server(new Server(service));
  server->connection_config_.limits = LimitsFor(service.shape());
  server->connection_config_.when_full = Service::WhenFull::kRefuse;
  if (!config.socket_path.empty()) QT_TRY(server->ListenAtSocket(config));
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

Status Server::ListenAtSocket(const ServerConfig& config) {
  QT_ASSIGN(Listening listening, Listening::AtUnixPath(config.socket_path));
  const Acceptor::Config acceptor_config = {
      .max_clients = config.max_clients,
      .too_many = TooManyClients(),
      .limits = {},
      .on_clients = [this](int change) { service_.metrics().AddClients(kUnixTransport, change); }};
  const auto serve = [this](SocketStream& client) {
    ConnectionStats stats;
    const Status status = ServeConnection(connection_config_, service_, client, client, &stats);
    LogEnd(client.SocketStream::name(), status, stats);
  };
  QT_ASSIGN(std::unique_ptr<Acceptor> acceptor,
            Acceptor::Start(std::move(listening), acceptor_config, serve));
  acceptors_.push_back(std::move(acceptor));
  return Ok();
}

}  // namespace qt::serve

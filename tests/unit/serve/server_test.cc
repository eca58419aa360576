// SPDX-License-Identifier: Apache-2.0
// A server with real sockets: many clients, and those that read slowly, send garbage or die.
#include "serve/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "fakes.h"
#include "support/socket_client.h"
#include "support/temp_dir.h"

namespace qt::serve {
namespace {

using protocol::Framing;
using protocol::Reply;
using testing::HasSubstr;

class Client : public test::SocketClient {
 public:
  using SocketClient::SocketClient;
  // Asks, and waits for the answer or the error's code.
  std::string CodeOf(const protocol::ActRequest& request, protocol::ActAnswer* answer = nullptr) {
    const std::optional<Reply> reply = Ask(request);
    if (!reply) return "end";
    if (const auto* error = std::get_if<protocol::WireError>(&*reply)) return ToString(error->code);
    if (answer != nullptr) *answer = std::get<protocol::ActAnswer>(*reply);
    return "ok";
  }
};

ServerConfig At(const std::string& path, int max_clients = 64, double request_s = 20) {
  ServerConfig config;
  config.socket.emplace(std::move(SocketClaim::Take(path)).value());
  config.settings.max_clients = max_clients;
  config.request_s = request_s;
  return config;
}

struct Running {
  TempDir dir;
  std::string path = dir.File("s");
  std::unique_ptr<Service> service;
  std::unique_ptr<Server> server;

  explicit Running(const ServedModel& model = BowlModel(), PoolConfig pool = {.num_threads = 2},
                   int max_clients = 64, double request_s = 20)
      : service(std::move(Service::Create(model, pool)).value()) {
    auto started = Server::Start(*service, At(path, max_clients, request_s));
    EXPECT_TRUE(started.ok()) << started.status().ToString();
    server = std::move(*started);
  }
};

TEST(Server, AnswersManyClientsAsItAnswersOne) {
  Running running;
  std::map<uint64_t, Action> alone;
  Client client(running.path);
  for (uint64_t id = 0; id < 20; ++id) {
    protocol::ActAnswer answer;
    ASSERT_EQ(client.CodeOf(BowlRequest(id), &answer), "ok");
    alone[id] = answer.action;
  }
  std::atomic<int> same = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Client neighbour(running.path);
      for (uint64_t id = 0; id < 20; ++id) {
        protocol::ActAnswer answer;
        if (neighbour.CodeOf(BowlRequest(id), &answer) != "ok") continue;
        same += answer.action.ToArray() == alone[id].ToArray();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 160);
}

TEST(Server, EachClientChoosesItsFraming) {
  Running running;
  Client text(running.path), binary(running.path);
  ASSERT_TRUE(text.Send(protocol::Encode(Framing::kNdjson, protocol::ClientHello{})));
  EXPECT_EQ(std::get<protocol::ServerHello>(*text.Next()).model_name, "bowl");
  EXPECT_EQ(binary.CodeOf(BowlRequest(1)), "ok");
  text.EndInput();
  EXPECT_EQ(text.Next(), std::nullopt);
}

TEST(Server, GarbageAndDeathHarmNobody) {
  Running running;
  Client good(running.path);
  for (int i = 0; i < 20; ++i) {
    Client garbage(running.path), dying(running.path);
    ASSERT_TRUE(garbage.Send(Bytes(300, static_cast<uint8_t>('A' + i))));
    const auto reply = garbage.Next();
    ASSERT_TRUE(reply);
    EXPECT_EQ(std::get<protocol::WireError>(*reply).code, protocol::WireErrorCode::kBadFrame);
    EXPECT_EQ(garbage.Next(), std::nullopt) << "the connection ends";
    Bytes half = protocol::Encode(Framing::kBinary, BowlRequest(1));
    ASSERT_TRUE(dying.Send(half));  // one whole request whose answer nobody takes,
    half.resize(half.size() / 2);
    ASSERT_TRUE(dying.Send(half));  // and half of one
    EXPECT_EQ(good.CodeOf(BowlRequest(5)), "ok");
  }
}

TEST(Server, AClientThatDoesNotReadHoldsUpNobody) {
  Running running;
  Client slow(running.path), good(running.path);
  const Bytes hello = protocol::Encode(Framing::kBinary, protocol::ClientHello{});
  // Until its answers fill the socket and what the server keeps of them, and nothing more is read.
  size_t sent = 0;
  while (::send(slow.fd(), hello.data(), hello.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
             static_cast<ssize_t>(hello.size()) ||
         sent < 10) {
    if (++sent > 200'000) FAIL() << "the server reads on for ever";
    if (sent % 1000 == 0) {
      EXPECT_EQ(good.CodeOf(BowlRequest(sent)), "ok");
    }
  }
  EXPECT_EQ(good.CodeOf(BowlRequest(1)), "ok");
}

TEST(Server, DrainsWhenItStops) {
  Gate gate;
  Running running(GatedModel(gate), {.num_threads = 1});
  Client client(running.path);
  gate.Set(false);
  for (uint64_t id = 1; id <= 3; ++id) {
    ASSERT_TRUE(client.Send(protocol::Encode(Framing::kBinary, BowlRequest(id))));
  }
  gate.AwaitWaiting(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the others are read, too
  std::thread stopping([&] { running.server.reset(); });
  while (running.service->ready()) std::this_thread::yield();
  gate.Set(true);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.Next()) << i;
  EXPECT_EQ(client.Next(), std::nullopt);
  stopping.join();
  EXPECT_FALSE(Client(running.path).connected());
  EXPECT_THAT(running.dir.Names(), testing::IsEmpty()) << "the socket's file is gone";
}

TEST(Server, OneClientTooManyIsTold) {
  Running running(BowlModel(), {}, 1);
  Client first(running.path);
  EXPECT_EQ(first.CodeOf(BowlRequest(1)), "ok");
  Client second(running.path);
  const auto reply = second.Next();
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<protocol::WireError>(*reply).code, protocol::WireErrorCode::kBusy);
  EXPECT_EQ(first.CodeOf(BowlRequest(2)), "ok");
}

TEST(Server, ASocketIsTakenOverFromTheDeadOnly) {
  Running running;
  EXPECT_EQ(SocketClaim::Take(running.path).status().code(), Code::kBusy);
  const std::string file = running.dir.File("file");
  ASSERT_TRUE(WriteWholeFile(file, "x", Overwrite::kNo).ok());
  EXPECT_THAT(SocketClaim::Take(file).status().message(), HasSubstr("not a socket"));
  EXPECT_THAT(SocketClaim::Take(std::string(200, 'x')).status().message(), HasSubstr("at most"));
  EXPECT_FALSE(SocketClaim::Take(running.dir.File("no/where")).ok());
  const std::string left = running.dir.File("left");
  {  // what a killed server leaves
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    left.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
  }
  EXPECT_TRUE(Server::Start(*running.service, At(left)).ok());
}

TEST(Server, APlaceIsClaimedByOneAtATime) {
  const TempDir dir;
  const std::string path = dir.File("s");
  std::atomic<int> num_claims = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        const Result<SocketClaim> claim = SocketClaim::Take(path);
        if (!claim.ok()) {
          EXPECT_EQ(claim.status().code(), Code::kBusy);
          continue;
        }
        EXPECT_EQ(++num_claims, 1);
        std::this_thread::yield();
        --num_claims;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(SocketClaim::Take(path).ok());
  EXPECT_THAT(dir.Names(), testing::IsEmpty()) << "the lock goes with who has it";
}

TEST(Server, TheSocketHasTheRightsThatAreWanted) {
  Running running;
  const std::string path = running.dir.File("other");
  for (const mode_t mode : {mode_t{0660}, mode_t{0600}, mode_t{0666}}) {
    ServerConfig config = At(path);
    config.settings.socket_mode = FileMode{mode};
    const auto server = Server::Start(*running.service, std::move(config));
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    struct stat info = {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, mode);
  }
}

// What has begun must come to an end; who says nothing may stay.
TEST(Server, AFrameThatHasBegunHasATimeLimit) {
  Running running(BowlModel(), {.num_threads = 1}, 64, 0.3);
  Client idle(running.path), half(running.path), good(running.path), text(running.path);
  EXPECT_EQ(idle.CodeOf(BowlRequest(1)), "ok");
  const Bytes frame = protocol::Encode(Framing::kBinary, BowlRequest(2));
  ASSERT_TRUE(half.Send(frame));
  ASSERT_TRUE(half.Next());
  ASSERT_TRUE(half.Send(ByteSpan(frame).first(2)));
  ASSERT_TRUE(text.Send(AsBytes("{\"type\":")));
  for (Client* client : {&half, &text}) {
    const auto reply = client->Next();
    ASSERT_TRUE(reply);
    EXPECT_EQ(std::get<protocol::WireError>(*reply).code, protocol::WireErrorCode::kBadFrame);
    EXPECT_EQ(client->Next(), std::nullopt) << "the connection ends";
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(idle.CodeOf(BowlRequest(3)), "ok");
  EXPECT_EQ(good.CodeOf(BowlRequest(4)), "ok") << "who has not even begun";
}

// All that the server says to these bytes, which are sent before anything is read.
std::string TalkOverTcp(int port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return "";
  for (size_t sent = 0; sent < request.size();) {
    const ssize_t n = ::send(fd, &request[sent], request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<size_t>(n);
  }
  std::string said;
  char bytes[4096];
  ssize_t n;
  while ((n = ::recv(fd, bytes, sizeof bytes, 0)) > 0) said.append(bytes, static_cast<size_t>(n));
  if (n < 0) said += "RESET";
  ::close(fd);
  return said;
}

// The kernel takes an answer back if a connection is closed with bytes that nobody has read.
TEST(Server, AnAnswerToAnUploadArrives) {
  Running running;
  ServerConfig config;
  config.settings.http_port = 0;
  config.token = "0123456789abcdef";
  const auto server = Server::Start(*running.service, std::move(config));
  ASSERT_TRUE(server.ok()) << server.status().ToString();
  const std::string address = (*server)->addresses().at(0);
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  const std::string body(5'000'000, 'x');
  const std::string length =
      "Host: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string token = "Authorization: Bearer 0123456789abcdef\r\n";
  for (const auto& [head, status] : {std::pair("POST /act HTTP/1.1\r\n" + token, "413"),
                                     {"POST /nope HTTP/1.1\r\n" + token, "404"},
                                     {std::string("POST /act HTTP/1.1\r\n"), "401"}}) {
    for (int i = 0; i < 5; ++i) {
      const std::string said = TalkOverTcp(port, head + length + "\r\n" + body);
      EXPECT_THAT(said, testing::StartsWith(std::string("HTTP/1.1 ") + status));
      EXPECT_THAT(said, testing::Not(HasSubstr("RESET")));
    }
  }
}

TEST(Server, OneHttpClientTooManyIsTold) {
  Running running;
  ServerConfig config;
  config.settings.http_port = 0;
  config.settings.max_clients = 0;
  const auto server = Server::Start(*running.service, std::move(config));
  ASSERT_TRUE(server.ok()) << server.status().ToString();
  const std::string address = (*server)->addresses().at(0);
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  for (int i = 0; i < 20; ++i) {
    const std::string said = TalkOverTcp(port, "GET /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(said, testing::StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(said, testing::Not(HasSubstr("RESET")));
  }
}

}  // namespace
}  // namespace qt::serve

// SPDX-License-Identifier: Apache-2.0
// A soak of qt-serve: 16 robots that ask at a fixed pace, the checkpoint replaced every 20 s (each
// fourth time by a broken one, which must be refused), a client that hardly reads, one that sends
// garbage, and one that dies in the middle of a request. Prints a line of JSON every 20 s, then one
// of the whole; exit status 1 if a valid request failed.
// Usage: bench_serve_soak QT_SERVE MODEL [MINUTES [REQUESTS_PER_S [FLAG...]]]
//   REQUESTS_PER_S of each of the 16, 5 by default; FLAGs are the server's, "--threads 2"
#include <atomic>
#include <cmath>
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/random.h"
#include "serve_client.h"

namespace {

using namespace qt;
using namespace qt::bench;

constexpr int kClients = 16;
constexpr double kPeriod_s = 20;

struct Soak {
  std::string path, model_path, model_bytes;
  Observation observation;
  double requests_per_s = 5;
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> answers = 0, failed = 0, busy = 0, reloads = 0, garbage = 0, deaths = 0;
  std::mutex mutex;
  std::vector<double> latency_ms;      // since the last line
  std::vector<double> all_latency_ms;  // before that
};

void Robot(Soak& soak, int index) {
  SocketClient client(soak.path);
  const auto period = std::chrono::duration<double>(1 / soak.requests_per_s);
  auto next = Clock::now() + index * period / kClients;
  for (uint64_t id = 0; !soak.stop; ++id) {
    std::this_thread::sleep_until(next);
    next += std::chrono::duration_cast<Clock::duration>(period);
    const auto start = Clock::now();
    const auto reply = client.Ask(SampleRequest(soak.observation, id));
    const double latency_ms = Since_ms(start);
    if (reply && std::holds_alternative<protocol::ActAnswer>(*reply)) {
      ++soak.answers;
      const std::lock_guard lock(soak.mutex);
      soak.latency_ms.push_back(latency_ms);
      continue;
    }
    const auto* error = reply ? std::get_if<protocol::WireError>(&*reply) : nullptr;
    ++(error != nullptr && error->code == protocol::WireErrorCode::kBusy ? soak.busy : soak.failed);
    if (!reply) return;
  }
}

void Pause(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// Asks for as much as it can, and takes 20 bytes a second.
void SlowReader(Soak& soak) {
  while (!soak.stop) {
    const SocketClient client(soak.path);
    const Bytes request =
        protocol::Encode(protocol::Framing::kBinary, SampleRequest(soak.observation, 1));
    for (int i = 0; i < 100 && !soak.stop; ++i) {
      static_cast<void>(
          ::send(client.fd(), request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
      uint8_t few[2];
      static_cast<void>(::recv(client.fd(), few, sizeof few, MSG_DONTWAIT));
      Pause(0.1);
    }
  }
}

void Garbage(Soak& soak) {
  RandomStream rng(1, "garbage");
  while (!soak.stop) {
    SocketClient client(soak.path);
    Bytes bytes(1 + rng.Below(5000));
    for (uint8_t& byte : bytes) byte = uint8_t(rng.Next());
    if (soak.garbage % 2 == 0) bytes[0] = '{';
    client.Send(bytes);
    ::shutdown(client.fd(), SHUT_WR);
    while (client.Next()) {
    }
    ++soak.garbage;
    Pause(0.2);
  }
}

void Dying(Soak& soak) {
  const Bytes request =
      protocol::Encode(protocol::Framing::kBinary, SampleRequest(soak.observation, 1));
  for (size_t cut = 1; !soak.stop; cut = (cut * 7 + 1) % request.size()) {
    const SocketClient client(soak.path);
    client.Send(request);
    client.Send(ByteSpan(request).first(cut));
    ++soak.deaths;
    Pause(0.2);
  }
}

// The same policy under another step, so that its digest is another; the header keeps its length.
std::string Variant(const std::string& bytes, uint64_t number) {
  std::string variant = bytes;
  const std::string key = "\"step\":\"";
  const size_t end = variant.find('"', variant.find(key) + key.size());
  variant[end - 1] = char('0' + number % 10);
  return variant;
}

void Replace(Soak& soak) {
  const uint64_t number = ++soak.reloads;
  std::string bytes = Variant(soak.model_bytes, number);
  if (number % 4 == 0) bytes.resize(bytes.size() / 2);
  const std::string temporary = soak.model_path + ".new";
  if (WriteWholeFile(temporary, bytes, Overwrite::kYes).ok()) {
    std::filesystem::rename(temporary, soak.model_path);
  }
}

double UnloadedMedian_ms(const Soak& soak) {
  SocketClient client(soak.path);
  std::vector<double> times_ms;
  for (uint64_t id = 0; id < 500; ++id) {
    const auto start = Clock::now();
    if (!client.Ask(SampleRequest(soak.observation, id))) return 0;
    times_ms.push_back(Since_ms(start));
  }
  return Quantile(times_ms, 0.5);
}

struct Line {
  double rss_mb = 0, p50_ms = 0, p99_ms = 0, max_ms = 0;
};

Line Report(Soak& soak, const ServerProcess& server, double time_s) {
  std::vector<double> latency_ms;
  {
    const std::lock_guard lock(soak.mutex);
    latency_ms.swap(soak.latency_ms);
  }
  soak.all_latency_ms.insert(soak.all_latency_ms.end(), latency_ms.begin(), latency_ms.end());
  const Line line{server.rss_mb(), Quantile(latency_ms, 0.5), Quantile(latency_ms, 0.99),
                  Quantile(latency_ms, 1)};
  std::printf(
      "{\"time_s\": %.0f, \"answers\": %llu, \"failed\": %llu, \"busy\": %llu, \"rss_mb\": %.1f, "
      "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f}\n",
      time_s, static_cast<unsigned long long>(soak.answers),
      static_cast<unsigned long long>(soak.failed), static_cast<unsigned long long>(soak.busy),
      line.rss_mb, line.p50_ms, line.p99_ms, line.max_ms);
  std::fflush(stdout);
  return line;
}

void Summarise(Soak& soak, const std::vector<Line>& lines, double unloaded_ms) {
  const double p99 = Quantile(soak.all_latency_ms, 0.99);
  std::printf(
      "{\"answers\": %llu, \"failed\": %llu, \"busy\": %llu, \"reloads\": %llu, \"garbage\": %llu, "
      "\"deaths\": %llu, \"rss_first_mb\": %.1f, \"rss_last_mb\": %.1f, \"unloaded_p50_ms\": %.2f, "
      "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"p999_ms\": %.2f, \"max_ms\": %.2f, "
      "\"p99_over_unloaded_p50\": %.2f}\n",
      static_cast<unsigned long long>(soak.answers), static_cast<unsigned long long>(soak.failed),
      static_cast<unsigned long long>(soak.busy), static_cast<unsigned long long>(soak.reloads),
      static_cast<unsigned long long>(soak.garbage), static_cast<unsigned long long>(soak.deaths),
      lines.front().rss_mb, lines.back().rss_mb, unloaded_ms, Quantile(soak.all_latency_ms, 0.5),
      p99, Quantile(soak.all_latency_ms, 0.999), Quantile(soak.all_latency_ms, 1),
      p99 / unloaded_ms);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const double minutes = argc > 3 ? std::atof(argv[3]) : 30;
  Soak soak;
  if (argc > 4) soak.requests_per_s = std::atof(argv[4]);
  const std::string folder = "/tmp/qt-serve-soak." + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  soak.path = folder + "/socket";
  soak.model_path = folder + "/policy.safetensors";
  soak.model_bytes = ReadWholeFile(argv[2]).value();
  if (!WriteWholeFile(soak.model_path, soak.model_bytes, Overwrite::kNo).ok()) return 1;
  std::vector<std::string> command = {argv[1], soak.model_path, "--socket", soak.path, "-q"};
  for (int i = 5; i < argc; ++i) command.emplace_back(argv[i]);
  ServerProcess server(command, soak.path);
  const auto hello = server.AwaitHello();
  if (!hello) return 1;
  soak.observation = SampleObservation(*hello);
  const double unloaded_ms = UnloadedMedian_ms(soak);
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) threads.emplace_back([&soak, i] { Robot(soak, i); });
  for (const auto work : {SlowReader, Garbage, Dying}) {
    threads.emplace_back([&soak, work] { work(soak); });
  }
  std::vector<Line> lines;
  const auto begin = Clock::now();
  while (Since_ms(begin) < 60e3 * minutes || lines.empty()) {
    Replace(soak);
    Pause(kPeriod_s);
    lines.push_back(Report(soak, server, Since_ms(begin) / 1e3));
  }
  soak.stop = true;
  for (std::thread& thread : threads) thread.join();
  Summarise(soak, lines, unloaded_ms);
  const int status = server.Stop();
  std::filesystem::remove_all(folder);
  return soak.failed == 0 && soak.busy == 0 && status == 0 ? 0 : 1;
}

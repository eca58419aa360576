// SPDX-License-Identifier: Apache-2.0
// Action latency of qt-serve over its Unix socket, closed loop, with 1, 4 and 16 clients: as a
// ratio to the policy's bare time for an action, measured in the same run, in this process, on one
// thread, from the same compressed picture (with one client, in turn with the served ones). Also
// what the server adds to its own computing and waiting for a thread, request by request. Prints
// one line of JSON for each number of clients.
// Usage: bench_serve_latency QT_SERVE MODEL [SECONDS [THREADS]]
#include <memory>

#include "policy/greedy.h"
#include "qnet/model.h"
#include "serve_client.h"

namespace {

using namespace qt;
using namespace qt::bench;

struct Figures {
  std::vector<double> latency_ms, added_ms, bare_ms;
  uint64_t failed = 0;
};

// Asks the policy itself.
void ActBare(policy::GreedyPolicy& policy, const Observation& observation, uint64_t seed,
             Figures* figures) {
  const auto start = Clock::now();
  policy.StartEpisode(seed);
  if (policy.Act(observation).ok()) figures->bare_ms.push_back(Since_ms(start));
}

// With a policy, that is asked in turn.
Figures AskFor(const std::string& path, const Observation& observation, double seconds,
               policy::GreedyPolicy* policy) {
  Figures figures;
  SocketClient client(path);
  const auto begin = Clock::now();
  for (uint64_t id = 0; Since_ms(begin) < 1e3 * seconds; ++id) {
    const auto start = Clock::now();
    const auto reply = client.Ask(SampleRequest(observation, id));
    const double latency_ms = Since_ms(start);
    const auto* answer = reply ? std::get_if<protocol::ActAnswer>(&*reply) : nullptr;
    if (answer != nullptr) {
      figures.latency_ms.push_back(latency_ms);
      figures.added_ms.push_back(latency_ms - answer->compute_ms - answer->wait_ms.value_or(0));
    } else if (++figures.failed > 1000) {
      break;
    }
    if (policy != nullptr) ActBare(*policy, observation, id, &figures);
  }
  return figures;
}

Figures AskTogether(const std::string& path, const Observation& observation, int num_clients,
                    double seconds, policy::GreedyPolicy& policy) {
  std::vector<Figures> parts(static_cast<size_t>(num_clients));
  std::vector<std::thread> threads;
  for (Figures& part : parts) {
    threads.emplace_back([&, out = &part] {
      *out = AskFor(path, observation, seconds, num_clients == 1 ? &policy : nullptr);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Figures all = std::move(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    const Figures& part = parts[i];
    all.latency_ms.insert(all.latency_ms.end(), part.latency_ms.begin(), part.latency_ms.end());
    all.added_ms.insert(all.added_ms.end(), part.added_ms.begin(), part.added_ms.end());
    all.failed += part.failed;
  }
  return all;
}

// The queue's share is not the server's doing: clients / threads requests are computed in turn.
void Print(int num_clients, int num_threads, Figures& figures, double bare_ms, double seconds) {
  const double p50 = Quantile(figures.latency_ms, 0.5);
  const double turn = std::max(1.0, double(num_clients) / num_threads);
  std::printf(
      "{\"clients\": %d, \"threads\": %d, \"bare_ms\": %.3f, \"p50_ms\": %.3f, \"p95_ms\": %.3f, "
      "\"p99_ms\": %.3f, \"p999_ms\": %.3f, \"p50_over_bare\": %.3f, "
      "\"p50_over_bare_and_turn\": %.3f, \"added_p50_ms\": %.3f, \"added_p99_ms\": %.3f, "
      "\"answers_per_s\": %.1f, \"failed\": %llu}\n",
      num_clients, num_threads, bare_ms, p50, Quantile(figures.latency_ms, 0.95),
      Quantile(figures.latency_ms, 0.99), Quantile(figures.latency_ms, 0.999), p50 / bare_ms,
      p50 / bare_ms / turn, Quantile(figures.added_ms, 0.5), Quantile(figures.added_ms, 0.99),
      double(figures.latency_ms.size()) / seconds, static_cast<unsigned long long>(figures.failed));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 5;
  const std::string threads = argc > 4 ? argv[4] : "1";
  const std::string path = "/tmp/qt-serve-latency." + std::to_string(::getpid());
  qnet::SetComputeThreads(1);
  Result<qnet::Model> model = qnet::LoadModel(argv[2]);
  if (!model.ok()) return 1;
  policy::GreedyPolicy policy(std::move(model->q_function), model->info.cem, model->info.task, "",
                              "");
  const ServerProcess server({argv[1], argv[2], "--socket", path, "--threads", threads, "-q"},
                             path);
  const auto hello = server.AwaitHello();
  if (!hello) return 1;
  const Observation observation = SampleObservation(*hello);
  double bare_ms = 0;
  for (int num_clients : {1, 4, 16}) {
    Figures figures = AskTogether(path, observation, num_clients, seconds, policy);
    if (num_clients == 1) bare_ms = Quantile(figures.bare_ms, 0.5);
    Print(num_clients, std::atoi(threads.c_str()), figures, bare_ms, seconds);
  }
}

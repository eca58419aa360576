// SPDX-License-Identifier: Apache-2.0
// Our side of bench/peers/served.py: the latency of an action over the server's Unix socket, with
// one client in closed loop, against the bare time of its multiply-accumulates at the peak of
// products and convolutions of the same run; and what the peer needs to do the same control step
// and to compare: weights, inputs, logits of 64 actions, and the Q that the server gives to them.
// Prints one line of JSON; exit status 1 if the server's Q is not that of the logits.
// Usage: bench_serve_peer QT_SERVE MODEL|grasping44 DIR ROUNDS
//   grasping44: the paper's network at 472 x 472 pixels, with weights as after some training
#include <cmath>

#include "flops.h"
#include "image/image.h"
#include "json/mdp_json.h"
#include "qnet/model.h"
#include "qnet/tensor_io.h"
#include "serve_client.h"
#include "tensors/safetensors.h"

namespace {

using namespace qt;
using namespace qt::bench;
using tensors::Tensor;

constexpr int kActions = 64, kRounds = 2;
constexpr char kCem[] = "64/6/2";
constexpr char kPaper[] = "grasping44";

struct Loaded {
  std::string path;
  qnet::ModelInfo info;
  qnet::NetworkPtr net;
};

// Weights that carry a signal through sixteen layers, and statistics as after some training.
Status WritePaperModel(const std::string& path) {
  qnet::NetworkConfig config;
  config.architecture = *qnet::ArchitectureName::Parse(kPaper);
  config.image_width_px = config.image_height_px = 472;
  torch::manual_seed(6);
  const auto net = qnet::MakeNetwork(config);
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : qnet::TensorsOf(*net)) {
    if (name.ends_with("weight")) tensor.mul_(3);
    if (name.ends_with("moving_variance")) tensor.uniform_(0.5, 1.5);
    if (name.ends_with("moving_mean")) tensor.uniform_(-0.1, 0.1);
  }
  std::vector<Tensor> tensors;
  qnet::AppendParameters("policy", *net, tensors);
  const tensors::TensorMetadata metadata = {{"format", qnet::kModelFormat},
                                            {"network", qnet::ToJson(config).dump()},
                                            {"task", json::ToJson(TaskConfig()).dump()},
                                            {"cem", kCem},
                                            {"step", "0"},
                                            {"training", "{}"}};
  return tensors::SaveSafetensors(path, tensors, metadata, Overwrite::kYes);
}

Result<Loaded> Load(const std::string& model, const std::string& folder) {
  Loaded loaded;
  loaded.path = model == kPaper ? folder + "/paper.safetensors" : model;
  if (model == kPaper) QT_TRY(WritePaperModel(loaded.path));
  QT_ASSIGN(const qnet::Model parsed, qnet::LoadModel(loaded.path));
  loaded.info = parsed.info;
  QT_ASSIGN(const tensors::SafetensorsFile file, tensors::LoadSafetensors(loaded.path));
  QT_ASSIGN(const qnet::NamedTensors tensors, qnet::ToNamed(file.tensors));
  loaded.net = qnet::MakeNetwork(loaded.info.network);
  QT_TRY(qnet::LoadParameters("policy", tensors, *loaded.net));
  loaded.net->eval();
  return loaded;
}

std::vector<Action> SomeActions() {
  std::vector<Action> actions = {Action::Open(), Action::Close()};
  RandomStream rng(3, "actions");
  while (actions.size() < kActions) {
    actions.push_back(Action::Move(rng.Uniform(-0.1, 0.1), rng.Uniform(-0.1, 0.1),
                                   rng.Uniform(-0.15, 0.1), rng.Uniform(-1.5, 1.5)));
  }
  return actions;
}

// Inputs of the network for the observation and the actions, and the logits of `net`.
std::vector<Tensor> InputsAndLogits(const Loaded& loaded, const Observation& observation,
                                    const std::vector<Action>& actions) {
  const qnet::NetworkConfig& config = loaded.info.network;
  const RgbImage image = Decode(observation.image).value();
  const torch::Tensor bytes_HWC =
      torch::from_blob(const_cast<uint8_t*>(image.rgb_HWC.data()),
                       {1, image.height_px, image.width_px, 3}, torch::kUInt8);
  const torch::Tensor image_BCHW =
      (bytes_HWC.to(torch::kFloat32) / 255 - 0.5).permute({0, 3, 1, 2});
  const auto [K, S] = config.architecture->query;
  const torch::Tensor grid = torch::zeros({1, kActions, K, 2}),
                      scalars = torch::zeros({1, kActions, S});
  for (int64_t i = 0; i < kActions; ++i) {
    config.architecture->write_query(observation, actions[size_t(i)], loaded.info.task, config,
                                     qnet::CentreView(config), grid.data_ptr<float>() + i * K * 2,
                                     scalars.data_ptr<float>() + i * S);
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor logits = loaded.net->Head(loaded.net->Tower(image_BCHW), grid, scalars);
  return {qnet::ToRecord("image", image_BCHW), qnet::ToRecord("grid", grid),
          qnet::ToRecord("scalars", scalars), qnet::ToRecord("logits", logits)};
}

// Q of each action, as the server says.
std::vector<float> AskForValues(SocketClient& client, const Observation& observation,
                                const std::vector<Action>& actions) {
  std::vector<float> values;
  for (const Action& action : actions) {
    protocol::ActRequest request = SampleRequest(observation, values.size());
    request.observation.step = 0;
    request.action = action;
    const auto reply = client.Ask(request);
    const auto* answer = reply ? std::get_if<protocol::ActAnswer>(&*reply) : nullptr;
    values.push_back(answer != nullptr ? answer->q_value : NAN);
  }
  return values;
}

double LargestDifference(const std::vector<float>& values, const torch::Tensor& logits) {
  const torch::Tensor q = torch::sigmoid(logits).flatten();
  double largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double difference = std::abs(double(values[i]) - q[int64_t(i)].item<double>());
    largest = difference <= largest ? largest : difference;  // keeps a NaN
  }
  return largest;
}

struct Latency {
  double p50_ms = 0, compute_p50_ms = 0;
};

Latency Measure(SocketClient& client, const Observation& observation, int rounds) {
  std::vector<double> times_ms, compute_ms;
  for (int i = -3; i < rounds; ++i) {
    const auto start = Clock::now();
    const auto reply = client.Ask(SampleRequest(observation, uint64_t(i + 3)));
    const double time_ms = Since_ms(start);
    const auto* answer = reply ? std::get_if<protocol::ActAnswer>(&*reply) : nullptr;
    if (answer == nullptr || i < 0) continue;
    times_ms.push_back(time_ms);
    compute_ms.push_back(answer->compute_ms);
  }
  return {Quantile(times_ms, 0.5), Quantile(compute_ms, 0.5)};
}

double FlopTime_ms(const Loaded& loaded) {
  const bool is_paper = loaded.info.network.architecture.ToString() == kPaper;
  const Macs macs = is_paper ? PaperMacs() : CompactMacs(loaded.info.network);
  const double peak = std::max(GemmPeak_macps(), ConvPeak_macps());
  return 1e3 * (macs.first + macs.tower + kRounds * (macs.per_call + kActions * macs.per_action)) /
         peak;
}

int Run(const std::string& qt_serve, const Loaded& loaded, const std::string& folder, int rounds) {
  const std::string socket = folder + "/socket";
  const ServerProcess server({qt_serve, loaded.path, "--socket", socket, "--cem", kCem, "-q"},
                             socket);
  const auto hello = server.AwaitHello();
  if (!hello) return 1;
  const Observation observation = SampleObservation(*hello);
  SocketClient client(socket);
  const std::vector<Action> actions = SomeActions();
  std::vector<float> values = AskForValues(client, observation, actions);
  std::vector<Tensor> tensors = InputsAndLogits(loaded, observation, actions);
  const double difference = LargestDifference(values, qnet::FromRecord(tensors.back()).value());
  tensors.push_back(qnet::ToRecord("served_q", torch::tensor(values)));
  qnet::AppendParameters("policy", *loaded.net, tensors);
  const std::string architecture = loaded.info.network.architecture.ToString();
  const std::string path = folder + "/" + architecture + ".safetensors";
  if (!tensors::SaveSafetensors(path, tensors, {}, Overwrite::kYes).ok()) return 1;
  const double flop_ms = FlopTime_ms(loaded);
  const Latency latency = Measure(client, observation, rounds);
  std::printf(
      "{\"architecture\": \"%s\", \"flop_ms\": %.3f, \"p50_ms\": %.3f, \"compute_p50_ms\": %.3f, "
      "\"largest_q_difference\": %.2g}\n",
      architecture.c_str(), flop_ms, latency.p50_ms, latency.compute_p50_ms, difference);
  return difference <= 1e-4 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  qnet::SetComputeThreads(1);
  const Result<Loaded> loaded = Load(argv[2], argv[3]);
  if (!loaded.ok()) {
    std::fprintf(stderr, "%s\n", loaded.status().ToString().c_str());
    return 1;
  }
  return Run(argv[1], *loaded, argv[3], std::atoi(argv[4]));
}

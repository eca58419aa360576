// SPDX-License-Identifier: Apache-2.0
// Fuzzes a policy's file, from loading to acting. The input is the header, after a byte that says
// which numbers the tensors get: so a few bytes make a file of any size. What is loaded acts, or
// says in a sentence why not.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "fuzz_input.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "policy/greedy.h"
#include "qnet/model.h"
#include "serve/service.h"

namespace qt::qnet {
namespace {

constexpr uint64_t kMostData_bytes = 256 << 10;
constexpr int kMostPixels = 64 * 64;  // larger networks take seconds, and do nothing else
constexpr int kMostChannels = 16;
constexpr int kWidestHead = 256;

// The end of the last tensor by the header; 0 if it has none.
uint64_t DataBytes(const std::string& header) {
  uint64_t end = 0;
  const Json json = json::ParseObjectOrNone(header);
  if (!json.is_object()) return 0;
  for (const auto& [name, tensor] : json.items()) {
    if (!tensor.is_object() || !tensor.contains("data_offsets")) continue;
    const Json& offsets = tensor["data_offsets"];
    if (offsets.is_array() && offsets.size() == 2 && offsets[1].is_number_unsigned()) {
      end = std::max(end, offsets[1].get<uint64_t>());
    }
  }
  return std::min(end, kMostData_bytes);
}

Bytes FileOf(uint8_t kind, const std::string& header) {
  Bytes file(sizeof(uint64_t));
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, sizeof length);
  file.insert(file.end(), header.begin(), header.end());
  const uint64_t num_bytes = DataBytes(header);
  for (uint64_t i = 0; i < num_bytes; ++i) {
    switch (kind % 4) {
      case 0:
        file.push_back(0);
        break;
      case 1:
        file.push_back(0x3c);
        break;  // 0.0115 as F32
      case 2:
        file.push_back(i % 4 == 3 ? 0xbd : uint8_t(37 * i));
        break;  // about -0.05
      default:
        file.push_back(i + 4 < num_bytes ? 0 : 0xff);  // the last one is NaN
    }
  }
  return file;
}

bool IsSmall(const NetworkConfig& network) {
  return RecordedWidth_px(network) * RecordedHeight_px(network) <= kMostPixels &&
         network.tower_channels <= kMostChannels && network.head_width <= kWidestHead &&
         network.head_width2 <= kWidestHead;
}

void LoadAndAct(uint8_t kind, const std::string& header) {
  const fuzz::InputFile file(FileOf(kind, header));
  Result<Model> model = LoadModel(file.path());
  if (!model.ok()) {
    QT_ASSERT(!model.status().message().empty());
    return;
  }
  const ModelInfo info = model->info;
  if (!IsSmall(info.network) || info.networks > 2) return;
  CemConfig cem = info.cem;
  cem.num_samples = std::min(cem.num_samples, 8);
  cem.num_elites = std::min(cem.num_elites, 2);
  cem.num_iterations = std::min(cem.num_iterations, 2);
  policy::GreedyPolicy policy(std::move(model->q_function), cem, info.task, "fuzz", "digest");
  protocol::ServerHello hello;
  hello.image_width_px = RecordedWidth_px(info.network);
  hello.image_height_px = RecordedHeight_px(info.network);
  policy.StartEpisode(1);
  const auto decision = policy.Act(serve::WarmUpObservation(hello));
  QT_ASSERT(!decision.ok() || std::isfinite(decision->q_value));
}

}  // namespace
}  // namespace qt::qnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  [[maybe_unused]] static const bool once = (qt::qnet::SetComputeThreads(1), true);
  qt::qnet::LoadAndAct(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}

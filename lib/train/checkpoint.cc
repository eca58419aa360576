// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/bounded_json.h"
#include "json/settings.h"
#include "qnet/model.h"
#include "qnet/tensor_io.h"
#include "qnet/torch.h"
#include "tensors/safetensors.h"

namespace qt::train {
namespace {

std::string ToText(const RandomStream& rng) {
  std::ostringstream text;
  for (uint64_t word : rng.Save()) text << word << ' ';
  return text.str();
}

Status FromText(const std::string& text, RandomStream& rng) {
  std::istringstream in(text);
  RandomStream::State state;
  for (uint64_t& word : state) in >> word;
  if (!in) return Corrupt("a random stream's state is malformed");
  rng.Restore(state);
  return Ok();
}

constexpr int64_t kActionRow = kActionNumbers + 1;

// The train buffer as columns: one row a state, and one row an action.
struct BufferColumns {
  std::vector<int64_t> state_N5;  // episode, t, number of actions, target step, padding for growth
  std::vector<float> value_N2;    // value, clipped gap
  std::vector<float> action_RA1;  // the action's numbers and the target
  std::vector<std::string> episodes;
};

BufferColumns ToColumns(const TrainBuffer& buffer) {
  BufferColumns columns;
  std::unordered_map<const replay::ReplayEpisode*, int64_t> indices;
  for (const TargetedState& state : buffer.OldestFirst()) {
    const auto [entry, is_new] =
        indices.try_emplace(state.sample.episode.get(), static_cast<int64_t>(indices.size()));
    if (is_new) columns.episodes.push_back(state.sample.episode->id);
    columns.state_N5.insert(columns.state_N5.end(),
                            {entry->second, state.sample.t,
                             static_cast<int64_t>(state.actions.size()), state.target_step, 0});
    columns.value_N2.insert(columns.value_N2.end(), {state.value, state.clipped_gap});
    for (const TargetedAction& targeted : state.actions) {
      const auto numbers = targeted.action.ToArray();
      columns.action_RA1.insert(columns.action_RA1.end(), numbers.begin(), numbers.end());
      columns.action_RA1.push_back(targeted.target);
    }
  }
  return columns;
}

void AppendBuffer(const TrainBuffer& buffer, std::vector<tensors::Tensor>& out,
                  tensors::TensorMetadata& metadata) {
  BufferColumns columns = ToColumns(buffer);
  const auto add = [&out](const char* name, auto& values, int64_t width, torch::Dtype type) {
    const auto rows = static_cast<int64_t>(values.size()) / width;
    out.push_back(qnet::ToRecord(name, torch::from_blob(values.data(), {rows, width}, type)));
  };
  add("buffer.state", columns.state_N5, 5, torch::kInt64);
  add("buffer.value", columns.value_N2, 2, torch::kFloat32);
  add("buffer.action", columns.action_RA1, kActionRow, torch::kFloat32);
  metadata["buffer_episodes"] = json::Dump(columns.episodes);
}

// Reads the rows of one state; *row moves on.
TargetedState ReadState(const int64_t* numbers, const float* values, const float* actions,
                        int64_t* row) {
  TargetedState state;
  state.sample.t = static_cast<uint32_t>(numbers[1]);
  state.target_step = numbers[3];
  state.value = values[0];
  state.clipped_gap = values[1];
  for (int64_t i = 0; i < numbers[2]; ++i, ++*row) {
    const float* values_A1 = actions + *row * kActionRow;
    ActionNumbers action;
    std::copy_n(values_A1, kActionNumbers, action.begin());
    state.actions.push_back({Action::FromArray(action), values_A1[kActionNumbers]});
  }
  return state;
}

Status RestoreBuffer(const qnet::NamedTensors& tensors, const std::vector<std::string>& ids,
                     const replay::ReplayBuffer& replay, TrainBuffer& buffer, size_t* num_dropped) {
  // By the text that stands for the id in a file: ids of others may not be valid UTF-8.
  std::unordered_map<std::string, replay::EpisodePtr> by_id;
  for (const replay::EpisodePtr& episode : replay.Episodes()) {
    by_id[json::Dump(episode->id)] = episode;
  }
  const auto column = [&tensors](const char* name, int64_t width) {
    const auto found = tensors.find(name);
    const bool fits =
        found != tensors.end() && found->second.dim() == 2 && found->second.size(1) == width;
    return fits ? found->second : torch::Tensor();
  };
  const torch::Tensor states = column("buffer.state", 5), values = column("buffer.value", 2);
  const torch::Tensor actions = column("buffer.action", kActionRow);
  const Status malformed = Corrupt("the checkpoint's train buffer is malformed");
  if (!states.defined() || !values.defined() || !actions.defined()) return malformed;
  if (values.size(0) != states.size(0)) return malformed;
  const auto* numbers = states.data_ptr<int64_t>();
  int64_t row = 0;
  for (int64_t n = 0; n < states.size(0); ++n, numbers += 5) {
    const bool sane = numbers[0] >= 0 && numbers[0] < static_cast<int64_t>(ids.size()) &&
                      numbers[2] > 0 && numbers[2] <= actions.size(0) - row;
    if (!sane) return malformed;
    TargetedState state =
        ReadState(numbers, values.data_ptr<float>() + 2 * n, actions.data_ptr<float>(), &row);
    const auto found = by_id.find(json::Dump(ids[static_cast<size_t>(numbers[0])]));
    if (found == by_id.end() || state.sample.t >= found->second->actions.size()) {
      ++*num_dropped;
      continue;
    }
    state.sample.episode = found->second;
    buffer.Push(std::move(state));
  }
  return Ok();
}

Status Load(const std::string& path, const replay::ReplayBuffer& replay, TrainState& state,
            size_t* num_dropped) {
  QT_ASSIGN(const tensors::SafetensorsFile file,
            tensors::LoadSafetensors(path, kMaxCheckpointBytes));
  const auto key = [&file](const char* name) {
    const auto found = file.metadata.find(name);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (key("format") != kCheckpointFormat) {
    return Corrupt(std::string("this is not a training checkpoint: its metadata lack format = ") +
                   kCheckpointFormat);
  }
  QT_ASSIGN(const qnet::NamedTensors tensors, qnet::ToNamed(file.tensors));
  QT_TRY(state.learner.Restore(tensors, file.metadata));
  QT_TRY(FromText(key("label_rng"), state.target_rng));
  QT_TRY(FromText(key("batch_rng"), state.batch_rng));
  const std::string online_since = key("online_since");  // older checkpoints have none
  if (online_since.empty() || online_since == "-1") {
    state.online_since = -1;
  } else {
    QT_ASSIGN(state.online_since, tensors::NumberIn(file.metadata, "online_since"));
  }
  const Result<Json> ids = json::Parse(key("buffer_episodes"));
  if (!ids.ok() || !ids->is_array())
    return Corrupt("the checkpoint's buffer_episodes is malformed");
  return RestoreBuffer(tensors, ids->get<std::vector<std::string>>(), replay, state.buffer,
                       num_dropped);
}

}  // namespace

TrainState::TrainState(const TrainConfig& config)
    : learner(config),
      buffer(static_cast<size_t>(config.train_buffer_size)),
      target_rng(config.seed, "label"),
      batch_rng(config.seed, "batch") {}

Status SaveCheckpoint(const std::string& path, const TrainConfig& config, const TrainState& state) {
  std::vector<tensors::Tensor> tensors;
  tensors::TensorMetadata metadata = {{"format", kCheckpointFormat},
                                      {"config", json::Dump(json::Write(config))},
                                      {"label_rng", ToText(state.target_rng)},
                                      {"batch_rng", ToText(state.batch_rng)},
                                      {"online_since", std::to_string(state.online_since)}};
  state.learner.Append(tensors, metadata);
  AppendBuffer(state.buffer, tensors, metadata);
  return tensors::SaveSafetensors(path, tensors, metadata, Overwrite::kYes);
}

Status LoadCheckpoint(const std::string& path, const replay::ReplayBuffer& replay,
                      TrainState& state, size_t* num_dropped) {
  *num_dropped = 0;
  Status status = Load(path, replay, state, num_dropped);
  return status.ok() ? std::move(status) : std::move(status).At(path);
}

Status SavePolicy(const std::string& path, const TrainConfig& config, const Learner& learner,
                  const Json& training) {
  std::vector<tensors::Tensor> tensors;
  qnet::AppendParameters("policy", *learner.polyak(), tensors);
  const tensors::TensorMetadata metadata = {{"format", qnet::kModelFormat},
                                            {"network", json::Dump(json::Write(config.network))},
                                            {"task", json::Dump(json::Write(config.task))},
                                            {"cem", config.act_cem.ToString()},
                                            {"step", std::to_string(learner.total_steps())},
                                            {"training", json::Dump(training)}};
  return tensors::SaveSafetensors(path, tensors, metadata, Overwrite::kYes);
}

}  // namespace qt::train

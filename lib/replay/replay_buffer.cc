// SPDX-License-Identifier: Apache-2.0
#include "replay/replay_buffer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "image/image.h"

namespace qt::replay {
namespace {

// Within these the gripper went where it was told, so that displacements may be added up.
constexpr double kReachedPosition_m = 0.006;
constexpr double kReachedYaw_rad = 0.1;

// Beside the pixels: the structs, a reward and a return, and what the allocator adds.
constexpr uint64_t kStepOverhead_bytes =
    sizeof(RgbImage) + sizeof(ObservedState) + sizeof(Action) + 8 + 24;
constexpr uint64_t kEpisodeOverhead_bytes = 200;  // pointers of the queues, heads of allocations

bool ReachedTarget(const GripperState& from, const Action& action, const GripperState& to,
                   const TaskConfig& task) {
  const GripperTarget target = TargetOf(from, action, task);
  return std::abs(target.x_m - to.x_m) < kReachedPosition_m &&
         std::abs(target.y_m - to.y_m) < kReachedPosition_m &&
         std::abs(target.height_m - to.height_m) < kReachedPosition_m &&
         std::abs(WrapAngle(target.yaw_rad - to.yaw_rad)) < kReachedYaw_rad;
}

bool WithinBounds(const Action& action, const TaskConfig& task) {
  constexpr double kSlack = 1.001;
  return std::abs(action.dx_m) <= task.max_dxy_m * kSlack &&
         std::abs(action.dy_m) <= task.max_dxy_m * kSlack &&
         std::abs(action.dz_m) <= task.max_dz_m * kSlack &&
         std::abs(action.dyaw_rad()) <= task.max_dyaw_rad * kSlack;
}

Action MotionBetween(const GripperState& from, const GripperState& to) {
  return Action::Move(to.x_m - from.x_m, to.y_m - from.y_m, to.height_m - from.height_m,
                      WrapAngle(to.yaw_rad - from.yaw_rad));
}

// At the weight 1 the draw of someone who knows of no people.
uint32_t DrawStep(const ReplayEpisode& episode, double weight, RandomStream& rng) {
  const size_t people = episode.human_steps.size(), others = episode.actions.size() - people;
  if (weight == 1 || people == 0 || others == 0) {
    return static_cast<uint32_t>(rng.Below(episode.actions.size()));
  }
  const double of_people = weight * static_cast<double>(people);
  if (rng.Chance(of_people / (of_people + static_cast<double>(others)))) {
    return episode.human_steps[rng.Below(people)];
  }
  auto t = static_cast<uint32_t>(rng.Below(others));
  for (const uint32_t human : episode.human_steps) t += human <= t;
  return t;
}

}  // namespace

Result<EpisodePtr> MakeReplayEpisode(const Episode& episode, const std::string& label_source,
                                     const TaskConfig& task, std::optional<double> step_reward) {
  const Label* label = ChooseLabel(episode, label_source);
  if (label == nullptr) return Failed("episode " + episode.id + " has no such label");
  if (episode.steps.empty()) return Failed("episode " + episode.id + " has no steps");
  if (label->reward.size() != episode.steps.size()) {
    return Failed("episode " + episode.id + " has " + std::to_string(episode.steps.size()) +
                  " steps, but its label has " + std::to_string(label->reward.size()) + " rewards");
  }
  auto replay = std::make_shared<ReplayEpisode>();
  replay->id = episode.id;
  replay->success = label->success;
  replay->rewards = label->reward;
  if (step_reward) {
    std::fill(replay->rewards.begin(), replay->rewards.end() - 1, static_cast<float>(*step_reward));
  }
  replay->returns.resize(episode.steps.size());
  double value = 0;
  for (size_t i = episode.steps.size(); i-- > 0;) {
    value = replay->rewards[i] + task.discount * value;
    replay->returns[i] = static_cast<float>(value);
  }
  replay->bytes = sizeof(ReplayEpisode) + replay->id.size() + kEpisodeOverhead_bytes;
  replay->images.reserve(episode.steps.size());
  replay->states.reserve(episode.steps.size());
  replay->actions.reserve(episode.steps.size());
  float fruitless = 0;
  for (size_t t = 0; t < episode.steps.size(); ++t) {
    const Step& step = episode.steps[t];
    ObservedState state = step.observation;
    if (t > 0) {
      const Step& last = episode.steps[t - 1];
      fruitless =
          NextFruitless(fruitless, last.action, last.observation.gripper, state.gripper, task);
    }
    QT_ASSIGN(
        RgbImage image,
        Decode(step.observation.image).In("step " + std::to_string(t)).In("episode " + episode.id));
    state.fruitless = fruitless;
    replay->bytes += image.rgb_HWC.size() + kStepOverhead_bytes;
    replay->images.push_back(std::move(image));
    replay->states.push_back(state);
    replay->actions.push_back(ClipAction(step.action, task));
    if (step.source == ActionSource::kHuman) replay->human_steps.push_back(uint32_t(t));
  }
  return EpisodePtr(std::move(replay));
}

std::vector<Transition> TransitionsAt(const ReplayEpisode& episode, uint32_t t,
                                      const TaskConfig& task, bool compose,
                                      size_t max_transitions) {
  const auto num_steps = static_cast<uint32_t>(episode.actions.size());
  QT_CHECK(t < num_steps, t, num_steps);
  std::vector<Transition> transitions = {{episode.actions[t], episode.rewards[t], t + 1}};
  if (!compose) return transitions;
  const GripperState& start = episode.states[t].gripper;
  for (uint32_t i = t; i + 1 < num_steps && transitions.size() < max_transitions; ++i) {
    const GripperState& to = episode.states[i + 1].gripper;
    if (episode.actions[i].Kind() != ActionKind::kMove ||
        !ReachedTarget(episode.states[i].gripper, episode.actions[i], to, task)) {
      break;
    }
    if (i == t) continue;  // the recorded one
    const Action action = MotionBetween(start, to);
    if (!WithinBounds(action, task)) continue;
    transitions.push_back({action, episode.rewards[i], i + 1});
  }
  return transitions;
}

void ReplayBuffer::Add(EpisodePtr episode, Origin origin) {
  const std::lock_guard lock(mutex_);
  Pool& pool = pools_[static_cast<size_t>(origin)];
  pool.bytes += episode->bytes;
  pool.steps += episode->actions.size();
  (episode->success ? pool.successes : pool.failures).push_back(episode);
  pool.all.push_back(std::move(episode));
  while (TotalBytes() > max_bytes_ && NumEpisodes() > 1) EvictFrom(PoolToShrink());
}

uint64_t ReplayBuffer::TotalBytes() const { return pools_[0].bytes + pools_[1].bytes; }
size_t ReplayBuffer::NumEpisodes() const { return pools_[0].all.size() + pools_[1].all.size(); }

ReplayBuffer::Pool& ReplayBuffer::PoolToShrink() {
  Pool& offline = pools_[0];
  Pool& online = pools_[1];
  if (online.all.empty() || offline.all.empty()) return online.all.empty() ? offline : online;
  const double online_due = due_.online_share * static_cast<double>(max_bytes_);
  return static_cast<double>(online.bytes) > online_due && due_.online_share > 0 ? online : offline;
}

void ReplayBuffer::EvictFrom(Pool& pool) {
  const bool by_outcome = due_.balance > 0 && !pool.successes.empty() && !pool.failures.empty();
  EpisodePtr gone = pool.all.front();
  if (by_outcome && pool.successes.size() != pool.failures.size()) {
    gone = (pool.successes.size() > pool.failures.size() ? pool.successes : pool.failures).front();
  }
  pool.all.erase(std::find(pool.all.begin(), pool.all.end(), gone));
  (gone->success ? pool.successes : pool.failures).pop_front();
  pool.bytes -= gone->bytes;
  pool.steps -= gone->actions.size();
  ++num_evicted_;
  gone->evicted = true;
}

// REQUIRES: mutex_ is held.
double ReplayBuffer::ShareOf(const DrawRule& rule) const {
  const size_t online = pools_[1].all.size();
  if (online == 0 || pools_[0].all.empty()) return online > 0 ? 1 : 0;
  if (rule.online_share > 0) return rule.online_share;
  return static_cast<double>(online) / static_cast<double>(NumEpisodes());
}

double ReplayBuffer::OnlineShare(const DrawRule& rule) const {
  const std::lock_guard lock(mutex_);
  return ShareOf(rule);
}

Sample ReplayBuffer::Draw(const DrawRule& rule, RandomStream& rng) const {
  const std::lock_guard lock(mutex_);
  const double online = ShareOf(rule);
  const bool draws = online > 0 && online < 1;  // no draw where there is nothing to choose
  const Pool& pool = pools_[(draws ? rng.Chance(online) : online > 0) ? 1 : 0];
  QT_CHECK(!pool.all.empty());
  const std::deque<EpisodePtr>* from = &pool.all;
  if (rng.Chance(rule.balance) && !pool.successes.empty() && !pool.failures.empty()) {
    from = rng.Chance(0.5) ? &pool.successes : &pool.failures;
  }
  const EpisodePtr& episode = (*from)[rng.Below(from->size())];
  return {episode, DrawStep(*episode, rule.intervention_weight, rng)};
}

std::vector<EpisodePtr> ReplayBuffer::Episodes() const {
  const std::lock_guard lock(mutex_);
  std::vector<EpisodePtr> all;
  for (const Pool& pool : pools_) all.insert(all.end(), pool.all.begin(), pool.all.end());
  return all;
}

BufferCounts ReplayBuffer::counts(Origin origin) const {
  const std::lock_guard lock(mutex_);
  const Pool& pool = pools_[static_cast<size_t>(origin)];
  return {pool.all.size(), pool.steps, pool.successes.size(), pool.bytes};
}

BufferCounts ReplayBuffer::counts() const {
  const BufferCounts a = counts(Origin::kOffline), b = counts(Origin::kOnline);
  return {a.episodes + b.episodes, a.steps + b.steps, a.successes + b.successes, a.bytes + b.bytes};
}

size_t ReplayBuffer::num_evicted() const {
  const std::lock_guard lock(mutex_);
  return num_evicted_;
}

}  // namespace qt::replay

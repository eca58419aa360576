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
  float fruitless = 0;
  for (size_t t = 0; t < episode.steps.size(); ++t) {
    const Step& step = episode.steps[t];
    Observation observation = step.observation;
    if (t > 0) {
      const Step& last = episode.steps[t - 1];
      fruitless = NextFruitless(fruitless, last.action, last.observation.gripper,
                                observation.gripper, task);
    }
    QT_ASSIGN(RgbImage image, Decode(step.observation.image));
    observation.image = EncodeRaw(std::move(image));
    observation.fruitless = fruitless;
    replay->bytes += observation.image.bytes.size() + sizeof(Observation) + sizeof(Action) + 8;
    replay->observations.push_back(std::move(observation));
    replay->actions.push_back(ClipAction(step.action, task));
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
  const GripperState& start = episode.observations[t].gripper;
  for (uint32_t i = t; i + 1 < num_steps && transitions.size() < max_transitions; ++i) {
    const GripperState& to = episode.observations[i + 1].gripper;
    if (episode.actions[i].Kind() != ActionKind::kMove ||
        !ReachedTarget(episode.observations[i].gripper, episode.actions[i], to, task)) {
      break;
    }
    if (i == t) continue;  // the recorded one
    const Action action = MotionBetween(start, to);
    if (!WithinBounds(action, task)) continue;
    transitions.push_back({action, episode.rewards[i], i + 1});
  }
  return transitions;
}

void ReplayBuffer::Add(EpisodePtr episode) {
  const std::lock_guard lock(mutex_);
  bytes_ += episode->bytes;
  num_steps_ += episode->actions.size();
  (episode->success ? successes_ : failures_).push_back(episode);
  all_.push_back(std::move(episode));
  while (bytes_ > max_bytes_ && all_.size() > 1) EvictOldest();
}

void ReplayBuffer::EvictOldest() {
  const EpisodePtr oldest = all_.front();
  all_.pop_front();
  (oldest->success ? successes_ : failures_).pop_front();
  bytes_ -= oldest->bytes;
  num_steps_ -= oldest->actions.size();
  ++num_evicted_;
}

Sample ReplayBuffer::Draw(double balance, RandomStream& rng) const {
  const std::lock_guard lock(mutex_);
  QT_CHECK(!all_.empty());
  const std::deque<EpisodePtr>* from = &all_;
  if (rng.Chance(balance) && !successes_.empty() && !failures_.empty()) {
    from = rng.Chance(0.5) ? &successes_ : &failures_;
  }
  const EpisodePtr& episode = (*from)[rng.Below(from->size())];
  return {episode, static_cast<uint32_t>(rng.Below(episode->actions.size()))};
}

std::vector<EpisodePtr> ReplayBuffer::Episodes() const {
  const std::lock_guard lock(mutex_);
  return {all_.begin(), all_.end()};
}

size_t ReplayBuffer::size() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}
size_t ReplayBuffer::num_steps() const {
  const std::lock_guard lock(mutex_);
  return num_steps_;
}
size_t ReplayBuffer::num_successes() const {
  const std::lock_guard lock(mutex_);
  return successes_.size();
}
uint64_t ReplayBuffer::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}
size_t ReplayBuffer::num_evicted() const {
  const std::lock_guard lock(mutex_);
  return num_evicted_;
}

}  // namespace qt::replay

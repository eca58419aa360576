// SPDX-License-Identifier: Apache-2.0
#include "qnet/mean_q_function.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace qt::qnet {
namespace {

struct MeanState : EmbeddedState {
  std::vector<std::unique_ptr<EmbeddedState>> of_members;
};

}  // namespace

MeanQFunction::MeanQFunction(std::vector<std::unique_ptr<QFunction>> members)
    : members_(std::move(members)) {
  QT_CHECK(!members_.empty(), members_.size());
}

Result<std::unique_ptr<EmbeddedState>> MeanQFunction::EmbedImage(
    const RgbView& image, const ObservedState& observed) const {
  auto state = std::make_unique<MeanState>();
  for (const auto& member : members_) {
    QT_ASSIGN(std::unique_ptr<EmbeddedState> own, member->EmbedImage(image, observed));
    state->of_members.push_back(std::move(own));
  }
  return std::unique_ptr<EmbeddedState>(std::move(state));
}

void MeanQFunction::Score(const EmbeddedState& state, std::span<const Action> actions,
                          std::span<float> q) const {
  const auto& of_members = dynamic_cast<const MeanState&>(state).of_members;
  std::vector<float> own(q.size());
  std::ranges::fill(q, 0.0f);
  for (size_t i = 0; i < members_.size(); ++i) {
    members_[i]->Score(*of_members[i], actions, own);
    for (size_t a = 0; a < q.size(); ++a) q[a] += own[a] / static_cast<float>(members_.size());
  }
}

}  // namespace qt::qnet

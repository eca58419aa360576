#include "arms.h"

#include <tuple>

namespace qt::eval {
namespace {

// The settings of the protocol, in the order of the rows.
Result<std::vector<Varied>> RowsOf(const Options& options) {
  if (options.protocol != "disturb") return SettingsOf(options);
  std::vector<Varied> rows;
  for (int kind = 0; kind < int(sim::Disturbance::kAny); ++kind) {
    rows.push_back({"", options});
    rows.back().options.scene.disturb = sim::Disturbance(kind);
  }
  return rows;
}

// Each folder once.
Status ReadObjects(std::vector<Varied>& rows) {
  std::map<std::tuple<std::string, double, bool>, std::shared_ptr<const sim::ObjectLibrary>> read;
  for (Varied& varied : rows) {
    sim::SceneConfig& scene = varied.options.scene;
    const auto key = std::tuple(scene.objects, scene.object_scale, scene.fit_objects);
    if (!read.contains(key)) {
      QT_TRY(sim::OpenObjects(scene));
      read[key] = scene.library;
    }
    scene.library = read[key];
  }
  return Ok();
}

}  // namespace

Result<Arms> Arms::Open(const Options& options) {
  Arms arms;
  QT_ASSIGN(arms.rows_, RowsOf(options));
  QT_TRY(ReadObjects(arms.rows_));
  arms.specs_ = options.policy;
  if (!options.against.empty()) arms.specs_.push_back(options.against);
  return arms;
}

Result<const OpenedPolicy*> Arms::Opened(const std::string& spec, const std::string& cem) {
  std::unique_ptr<OpenedPolicy>& policy = opened_[{spec, cem}];
  if (policy == nullptr) {
    QT_ASSIGN(OpenedPolicy opened, OpenedPolicy::Open(spec, cem));
    policy = std::make_unique<OpenedPolicy>(std::move(opened));
  }
  return policy.get();
}

Result<std::vector<Arm>> Arms::Start() {
  std::vector<Arm> arms;
  for (const std::string& spec : specs_) {
    for (const Varied& varied : rows_) {
      QT_ASSIGN(const OpenedPolicy* policy, Opened(spec, varied.options.cem));
      arms.push_back({policy, WorldOf(varied.options), varied.setting});
    }
  }
  return arms;
}

}  // namespace qt::eval

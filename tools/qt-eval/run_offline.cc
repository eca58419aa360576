// The protocol offline: reads the log once, asking every policy as it goes.
#include <utility>

#include "base/log.h"
#include "episodes/episode_reader.h"
#include "eval/offline.h"
#include "eval/opened_policy.h"
#include "json/json.h"
#include "run.h"

namespace qt::eval {
namespace {

// At most --num-episodes labelled episodes, if that is given. Damage is told, and costs status 3.
Status ScoreLog(const Options& options, cli::Io& io, OfflineScorer& scorer, uint64_t* unlabelled) {
  episodes::EpisodeStream stream(options.logged);
  const auto progress = io.StartProgress("episodes", options.num_episodes);
  while (options.num_episodes == 0 || scorer.num_episodes() < options.num_episodes) {
    if (io.stop()) return io.Interrupted();
    QT_ASSIGN(std::optional<episodes::StoredEpisode> stored, stream.Next());
    if (!stored) break;
    const Label* label = ChooseLabel(stored->episode, options.label);
    *unlabelled += label == nullptr;
    if (label == nullptr) continue;
    const bool success = label->success;
    QT_TRY(scorer.Add(std::move(stored->episode), success));
    progress->Update(scorer.num_episodes());
  }
  QT_TRY(scorer.Flush());
  for (const episodes::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  if (stream.damage().empty()) return Ok();
  return Partial(std::to_string(stream.damage().size()) +
                 " damaged part(s) of the log were skipped");
}

}  // namespace

Status RunOffline(const Options& options, cli::Io& io) {
  if (io.dry_run()) {
    io.Report(Json::object(), "would ask " + std::to_string(options.policy.size()) + " policies");
    return Ok();
  }
  OfflineConfig config{options.num_envs, options.confidence, options.seed, {}};
  if (!options.measured.empty()) {
    QT_ASSIGN(config.measured, ParseMeasured(options.measured, options.policy.size()));
  }
  std::vector<OpenedPolicy> opened;
  std::vector<OfflinePolicy> policies;
  for (const std::string& spec : options.policy) {
    QT_ASSIGN(OpenedPolicy p, OpenedPolicy::Open(spec));
    opened.push_back(std::move(p));
    const OpenedPolicy& policy = opened.back();
    policies.push_back({spec, policy.name(), policy.digest(), policy.task(), policy.factory()});
  }
  OfflineScorer scorer(std::move(config), std::move(policies));
  uint64_t unlabelled = 0;
  const Status status = ScoreLog(options, io, scorer, &unlabelled);
  if (!status.ok() && status.code() != Code::kPartial) return status;
  if (scorer.num_episodes() == 0) return Failed("there is no labelled episode in the log");
  Json json = scorer.ToJson();
  json["unlabelled"] = unlabelled;
  io.Report(json, scorer.ToText(), true);
  return status;
}

}  // namespace qt::eval

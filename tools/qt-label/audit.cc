// SPDX-License-Identifier: Apache-2.0
#include "label/audit.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "base/log.h"
#include "episodes/episode_source.h"
#include "label/calibrate.h"
#include "options.h"

namespace qt::label {
namespace {

using episodes::EpisodeStream;
using episodes::StoredEpisode;

// kPartial if something was damaged, which is said.
Status ForEach(EpisodeStream& stream, cli::Io& io,
               const std::function<void(const Episode&)>& visit) {
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", 0);
  uint64_t done = 0;
  for (;;) {
    QT_ASSIGN(const std::optional<StoredEpisode> stored, stream.Next());
    if (!stored) break;
    visit(stored->episode);
    progress->Update(++done);
    if (io.stop()) return io.Interrupted();
  }
  for (const episodes::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  if (stream.damage().empty()) return Ok();
  return Partial(std::to_string(stream.damage().size()) +
                 " damaged part(s) of the input were skipped");
}

bool HasResult(const Status& status) { return status.ok() || status.code() == Code::kPartial; }

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string Text(const Calibration& calibration) {
  const Json& evidence = calibration.evidence;
  std::string text;
  for (auto [setting, edge] : calibration.edges) {
    std::ranges::replace(setting, '_', '-');  // as the flag is written
    text += (text.empty() ? "" : ", ") + setting + " " + Short(edge);
  }
  return text + ", from " + json::Dump(evidence["empty_grips"]) + " empty and " +
         json::Dump(evidence["other_grips"]) + " other grips";
}

}  // namespace

Status RunAudit(const Options& options, std::vector<std::string> inputs, cli::Io& io) {
  EpisodeStream stream(std::move(inputs));
  Audit audit(options.audited, options.audit);
  const Status status = ForEach(stream, io, [&](const Episode& episode) { audit.Add(episode); });
  if (!HasResult(status)) return status;
  if (audit.agreement().total() == 0) {
    return Failed("none of the " + std::to_string(audit.episodes()) + " episodes has both a label" +
                  (options.audited.empty() ? "" : " by " + options.audited) + " and one by " +
                  options.audit);
  }
  io.Report(audit.ToJson(), audit.ToText(), /*text_is_data=*/true);
  return status;
}

Status RunCalibrate(const Options& options, std::vector<std::string> inputs, cli::Io& io) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.output, /*binary=*/false, "calibration", "label", ".json"));
  EpisodeStream stream(std::move(inputs));
  QT_ASSIGN(const LabelOptions judging, JudgingOf(options));
  Calibrator calibrator(judging.labellers);
  const Status status = ForEach(stream, io, [&](const Episode& episode) {
    const Status added = calibrator.Add(episode);
    if (!added.ok()) LogWarning(added.ToString() + "; left out");
  });
  if (!HasResult(status)) return status;
  QT_ASSIGN(const Calibration calibration, calibrator.Finish());
  QT_TRY(sink->Write(AsBytes(json::Dump(ToJson(calibration), 2) + "\n")));
  QT_TRY(sink->Commit());
  io.Report(ToJson(calibration), Text(calibration));
  return status;
}

}  // namespace qt::label

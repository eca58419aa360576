// SPDX-License-Identifier: Apache-2.0
#include "outputs.h"

#include <sys/utsname.h>

#include <cstdio>
#include <ctime>
#include <thread>
#include <utility>

#include "base/log.h"
#include "data/film.h"
#include "image/png.h"
#include "json/json.h"

namespace qt::eval {
namespace {

constexpr int kSheetSide_px = 160, kSheetColumns = 10, kVideoSide_px = 384;
constexpr size_t kMostSheetRows = 40;
constexpr double kFramesPerSecond = 4;

std::string TimeText() {
  const std::time_t now = std::time(nullptr);
  std::tm utc = {};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
  return text;
}

std::string MachineText() {
  utsname about = {};
  if (::uname(&about) != 0) return "";
  return std::string(about.nodename) + " (" + about.sysname + " " + about.machine + ", " +
         std::to_string(std::thread::hardware_concurrency()) + " cores)";
}

}  // namespace

Result<Outputs> Outputs::Open(const OutputFiles& files, const std::string& run_id, cli::Io& io) {
  Outputs outputs;
  outputs.files_ = files;
  outputs.origin_ = {io.tool_version(), io.command_line(), TimeText(),
                     MachineText(),     files.run,         {}};
  outputs.overwrite_ = io.force() ? Overwrite::kYes : Overwrite::kNo;
  if (!files.run.empty()) {
    QT_ASSIGN(outputs.curve_, ReadLearningCurve(files.run));
  }
  if (!files.report.empty()) {
    QT_ASSIGN(outputs.page_, io.OpenOutput(files.report, false, "eval", run_id, ".html"));
  }
  if (!files.sheet.empty()) {
    QT_ASSIGN(outputs.sheet_file_, io.OpenOutput(files.sheet, true, "eval", run_id, ".png"));
    outputs.sheet_.emplace(kSheetSide_px, kSheetColumns);
  }
  if (!files.video.empty() && !io.dry_run()) QT_TRY(MakeFolder(files.video));
  if (!files.episodes.empty()) {
    QT_ASSIGN(outputs.lines_, io.OpenOutput(files.episodes, false, "eval", run_id, ".ndjson"));
  }
  if (!files.record.empty()) {
    const auto open = [&](const std::string& file_id) {
      return io.OpenOutput(files.record, true, "eval", file_id, ".mcap");
    };
    episodes::Lineage lineage;
    lineage.run_id = run_id;
    lineage.tool = io.tool_version();
    lineage.command_line = io.command_line();
    QT_ASSIGN(outputs.episodes_,
              episodes::OpenSink(files.record,
                                 {.open = open, .file_id = run_id, .lineage = std::move(lineage)}));
  }
  return outputs;
}

Status Outputs::Write(size_t row, const PolicyReport& policy, const Outcome& outcome,
                      const Episode& episode) {
  if (row == 0) {
    if (episodes_) QT_TRY(episodes_->Write(episode));
    const data::ViewedEpisode viewed = {episode, outcome.index, ChooseLabel(episode, "")};
    const bool has_room = sheet_ && sheet_->num_rows() < kMostSheetRows;
    if (has_room && !outcome.success) QT_TRY(sheet_->Add(viewed));
    if (!files_.video.empty()) QT_TRY(Film(outcome, viewed));
  }
  if (!lines_) return Ok();
  QT_TRY(lines_->Write(AsBytes(json::Dump(ToJson(policy, outcome)) + "\n")));
  return lines_->Flush();
}

Status Outputs::Film(const Outcome& outcome, const data::ViewedEpisode& viewed) const {
  char name[48];
  std::snprintf(name, sizeof name, "/attempt-%06llu-%s.mp4",
                static_cast<unsigned long long>(outcome.index),
                outcome.success ? "success" : "failure");
  data::Film film({files_.video + name, kVideoSide_px, kFramesPerSecond, overwrite_});
  QT_TRY(film.Add(viewed));
  return film.Finish();
}

Status Outputs::FinishSheet() {
  if (!sheet_) return Ok();
  if (sheet_->num_rows() > 0) {
    const RgbImage sheet = sheet_->Draw();
    if (page_) origin_.sheet_png = EncodePng(sheet);
    return WritePng(*sheet_file_, sheet);
  }
  LogInfo("no attempt failed: there is no " + files_.sheet);
  return Ok();
}

Status Outputs::Finish(const Report* report) {
  if (episodes_) QT_TRY(episodes_->Finish());
  QT_TRY(FinishSheet());
  if (page_ && report != nullptr) {
    QT_TRY(page_->Write(AsBytes(ToHtml(*report, curve_, origin_))));
    QT_TRY(page_->Commit());
  }
  return lines_ ? lines_->Commit() : Ok();
}

}  // namespace qt::eval

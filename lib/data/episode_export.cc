// SPDX-License-Identifier: Apache-2.0
#include "data/episode_export.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "data/episode_numbers.h"
#include "data/tar_writer.h"
#include "episodes/episode_json.h"
#include "json/json.h"

namespace qt::data {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kNsPerS = 1'000'000'000;

std::string Dump(const Json& json) { return json::Dump(json); }

// An episode as JSON: what is said of it as a whole, and one object for each step.
struct ExportedEpisode {
  Json episode;
  std::vector<Json> steps;
  std::vector<episodes::NamedImage> images;
};

ExportedEpisode Convert(const Episode& episode, const Label* label, uint64_t number,
                        const std::string& folder) {
  ExportedEpisode exported;
  exported.images = episodes::NameImages(episode, number);
  for (episodes::NamedImage& image : exported.images) image.file = folder + image.file;
  Json json = episodes::EpisodeToJson(episode, exported.images);
  const Json steps = std::move(json["steps"]);
  json["steps"] = steps.size();
  json["success"] = label == nullptr ? Json(nullptr) : Json(label->success);
  json["label_source"] = label == nullptr ? Json(nullptr) : Json(label->source);
  json["return"] = label == nullptr ? Json(nullptr) : Json(ReturnOf(*label));
  exported.episode = {{"number", number}};
  exported.episode.update(json);
  // The same text as in the dump: the shortest decimals.
  Json rewards(steps.size(), nullptr);
  if (label != nullptr) {
    rewards = json["labels"][size_t(label - episode.labels.data())]["reward"];
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    Json step = {{"episode", number}, {"episode_id", episode.id}};
    step.update(steps[i]);
    step["is_first"] = i == 0;
    step["is_last"] = i + 1 == steps.size();
    step["reward"] = rewards[i];
    step["success"] = json["success"];
    exported.steps.push_back(std::move(step));
  }
  return exported;
}

class FolderExporter : public EpisodeExporter {
 public:
  FolderExporter(std::string folder, std::unique_ptr<ByteSink> episodes,
                 std::unique_ptr<ByteSink> steps, Overwrite overwrite)
      : folder_(std::move(folder)),
        episodes_(std::move(episodes)),
        steps_(std::move(steps)),
        overwrite_(overwrite) {}

  Status Add(const Episode& episode, const Label* label) override {
    const ExportedEpisode exported = Convert(episode, label, number_++, "images/");
    for (const episodes::NamedImage& image : exported.images) {
      const Bytes contents = episodes::ImageFileContents(*image.image);
      const std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
      QT_TRY(WriteWholeFile(folder_ + "/" + image.file, text, overwrite_));
    }
    QT_TRY(episodes_->Write(AsBytes(Dump(exported.episode) + "\n")));
    for (const Json& step : exported.steps) QT_TRY(steps_->Write(AsBytes(Dump(step) + "\n")));
    return Ok();
  }

  Status Finish(const std::vector<episodes::Program>& programs) override {
    const std::string lineage = Dump({{"programs", programs}}) + "\n";
    QT_TRY(WriteWholeFile(folder_ + "/lineage.json", lineage, overwrite_));
    QT_TRY(steps_->Commit());
    return episodes_->Commit();
  }

 private:
  std::string folder_;
  std::unique_ptr<ByteSink> episodes_, steps_;
  Overwrite overwrite_;
  uint64_t number_ = 0;
};

// Key 000012-003 is step 3 of episode 12: its picture and its JSON stand side by side.
class WebDatasetExporter : public EpisodeExporter {
 public:
  explicit WebDatasetExporter(std::unique_ptr<ByteSink> sink)
      : sink_(std::move(sink)), tar_(sink_.get()) {}

  Status Add(const Episode& episode, const Label* label) override {
    const ExportedEpisode exported = Convert(episode, label, number_++, "");
    for (size_t i = 0; i < exported.steps.size(); ++i) {
      const episodes::NamedImage& image = exported.images[i];
      const int64_t stamp_s = episode.steps[i].stamp_ns / kNsPerS;
      const std::string key = image.file.substr(0, image.file.find('.'));
      Json json = exported.steps[i];
      json["episode_info"] = exported.episode;
      QT_TRY(tar_.Add(image.file, episodes::ImageFileContents(*image.image), stamp_s));
      QT_TRY(tar_.Add(key + ".json", AsBytes(Dump(json)), stamp_s));
    }
    return sink_->Flush();
  }

  // WebDataset's readers pass over names in double underscores.
  Status Finish(const std::vector<episodes::Program>& programs) override {
    QT_TRY(tar_.Add("__lineage__/lineage.json", AsBytes(Dump({{"programs", programs}})), 0));
    QT_TRY(tar_.Finish());
    return sink_->Commit();
  }

 private:
  std::unique_ptr<ByteSink> sink_;
  TarWriter tar_;
  uint64_t number_ = 0;
};

}  // namespace

Result<std::unique_ptr<EpisodeExporter>> ExportToFolder(const std::string& folder,
                                                        Overwrite overwrite) {
  std::error_code error;
  const bool taken = fs::exists(folder, error) && !fs::is_empty(folder, error);
  if (taken && overwrite == Overwrite::kNo) {
    return Failed("exists already and is not empty; --force writes into it").At(folder);
  }
  QT_TRY(MakeFolder(fs::path(folder) / "images"));
  QT_ASSIGN(auto episodes, CreateFile(folder + "/episodes.jsonl", overwrite));
  QT_ASSIGN(auto steps, CreateFile(folder + "/steps.jsonl", overwrite));
  return std::unique_ptr<EpisodeExporter>(
      new FolderExporter(folder, std::move(episodes), std::move(steps), overwrite));
}

std::unique_ptr<EpisodeExporter> ExportToWebDataset(std::unique_ptr<ByteSink> sink) {
  return std::make_unique<WebDatasetExporter>(std::move(sink));
}

}  // namespace qt::data

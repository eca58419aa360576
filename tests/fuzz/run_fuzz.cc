// SPDX-License-Identifier: Apache-2.0
// Fuzzes the run folder of a stranger that qt-train --resume is given. The first byte says which of
// its files the rest is: whatever it holds, the folder is refused in a sentence or goes on.
#include <filesystem>

#include "base/check.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "support/temp_dir.h"
#include "train/checkpoint.h"
#include "train/run_config.h"
#include "train/run_folder.h"

namespace qt::train {
namespace {

constexpr const char* kFiles[] = {"config.json", "metrics.jsonl", "policies.jsonl", "best.json",
                                  "checkpoints/step-00000007.safetensors"};

TrainConfig TinyConfig() {
  TrainConfig config;
  config.network.image_width_px = config.network.image_height_px = 16;
  config.network.tower_channels = 4;
  config.network.head_width = config.network.head_width2 = 4;
  config.train_buffer_size = 16;
  return config;
}

void ReadConfig(const std::string& path) {
  const Result<Json> json = RunFolder::ReadConfig(path);
  if (!json.ok()) return;
  const Result<RunConfig> config = RunConfigFromJson(*json);
  if (!config.ok()) return;
  const Json again = ConfigWithHistory(*json, *config, 8, "fuzz", "fuzz", 1);
  const Result<RunConfig> reread = RunConfigFromJson(*json::Parse(json::Dump(again)));
  QT_ASSERT(reread.ok());
  QT_ASSERT(ChangesOf(*config, *reread).empty());
}

void Resume(const std::string& path) {
  const auto folder = RunFolder::Resume(path);
  if (!folder.ok()) return;
  (void)(*folder)->PolicyDigests().ok();
  (void)(*folder)->Best();
  if (const auto checkpoint = (*folder)->NewestCheckpoint()) {
    TrainState state(TinyConfig());
    size_t num_dropped = 0;
    (void)LoadCheckpoint(checkpoint->path, replay::ReplayBuffer(1 << 20), state, &num_dropped).ok();
  }
  if ((*folder)->OpenLogs(7).ok()) QT_ASSERT((*folder)->Log(8, {}).ok());
}

void OpenRun(uint8_t which, std::string_view text) {
  const TempDir dir;
  std::filesystem::create_directory(dir.File("checkpoints"));
  const char* const file = kFiles[which % std::size(kFiles)];
  QT_ASSERT(WriteWholeFile(dir.File("config.json"), "{}", Overwrite::kNo).ok());
  QT_ASSERT(WriteWholeFile(dir.File(file), text, Overwrite::kYes).ok());
  ReadConfig(dir.path());
  Resume(dir.path());
}

}  // namespace
}  // namespace qt::train

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) qt::train::OpenRun(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}

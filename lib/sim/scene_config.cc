// SPDX-License-Identifier: Apache-2.0
#include "sim/scene_config.h"

#include <charconv>
#include <filesystem>

#include "base/log.h"
#include "sim/families.h"
#include "sim/object_folder.h"

namespace qt::sim {
namespace {

constexpr int kMaxObjects = 32;

bool ParsePercent(std::string_view text, int* value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && *value >= 1 &&
         *value <= 100;
}

Status CheckObjects(const SceneConfig& config) {
  std::error_code ignored;
  if (config.library || IsObjectSet(config.objects) ||
      std::filesystem::is_directory(config.objects, ignored)) {
    return Ok();
  }
  return Usage("--objects '" + config.objects +
               "' is neither train, test, h1, h2 or h3 nor a folder of OBJ, STL and URDF files");
}

}  // namespace

Result<JpegQuality> JpegQuality::Parse(std::string_view text) {
  JpegQuality quality;
  const size_t dash = text.find('-');
  const bool one = dash == std::string_view::npos;
  if (ParsePercent(text.substr(0, dash), &quality.low) &&
      ParsePercent(one ? text : text.substr(dash + 1), &quality.high) &&
      quality.low <= quality.high) {
    return quality;
  }
  return Usage("wants N or LOW-HIGH, from 1 to 100, not '" + std::string(text) + "'");
}

std::string JpegQuality::ToString() const {
  return std::to_string(low) + (high > low ? "-" + std::to_string(high) : "");
}

ImageSize ImageSizeOf(const SceneConfig& config) {
  if (config.image_size) return *config.image_size;
  return config.profile == Profile::kPaper ? ImageSize{640, 512} : ImageSize{64, 64};
}

bool HasShadows(const SceneConfig& config) {
  if (config.shadows != When::kAuto) return config.shadows == When::kOn;
  return config.profile == Profile::kPaper;
}

Status CheckScene(const SceneConfig& config) {
  QT_TRY(CheckObjects(config));
  if (config.min_objects > config.max_objects) {
    return Usage("--min-objects is greater than --max-objects");
  }
  if (config.min_objects < 1 || config.max_objects > kMaxObjects) {
    return Usage("a bin holds 1 to 32 objects");
  }
  if (const auto size = ImageSize::Parse(ImageSizeOf(config).ToString()); !size.ok()) {
    return Usage("--image-size " + size.status().message());
  }
  if (config.remove_held && config.drop_test) {
    return Usage("an object that is dropped into the bin cannot be taken out of it");
  }
  return Ok();
}

Status OpenObjects(SceneConfig& config) {
  if (IsObjectSet(config.objects)) return Ok();
  QT_ASSIGN(config.library,
            LoadObjectFolder(config.objects, {config.object_scale, config.fit_objects}));
  for (const RefusedObject& refused : config.library->refused) {
    LogWarning((std::filesystem::path(config.objects) / refused.name).string() + ": " +
               refused.reason + "; left out");
  }
  for (const RefusedObject& rough : config.library->rough) {
    LogWarning((std::filesystem::path(config.objects) / rough.name).string() + ": " + rough.reason);
  }
  return Ok();
}

}  // namespace qt::sim

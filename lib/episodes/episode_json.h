// SPDX-License-Identifier: Apache-2.0
// Episodes as JSON (formats/episode/SPEC.md, "The dump").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "episodes/episode_reader.h"
#include "json/json_fwd.h"
#include "mdp/episode.h"

namespace qt::episodes {

// The pictures of an episode with the file names under which `qt-data dump --images` saves them:
// NUMBER-STEP.jpg and NUMBER-NAME.jpg (.ppm for raw pictures). `number` counts the dumped episodes.
struct NamedImage {
  std::string file;
  const EncodedImage* image;
};
std::vector<NamedImage> NameImages(const Episode& episode, uint64_t number);
// What is written to such a file: the JPEG as it is, or a PPM.
Bytes ImageFileContents(const EncodedImage& image);

// Numbers that JSON cannot hold (NaN, infinities) become null; 64-bit identifiers become strings.
// If `images` (from NameImages) are given, every picture names its file.
Json EpisodeToJson(const Episode& episode, std::span<const NamedImage> images = {});

}  // namespace qt::episodes

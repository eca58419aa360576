// Episodes as JSON (formats/episode/SPEC.md, "The dump"), and a summary of many. Used by qt-data.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "mdp/episode.h"
#include "record/episode_reader.h"
#include "record/json.h"

namespace qt::record {

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
// With `images` (of NameImages) every picture names its file.
Json EpisodeToJson(const Episode& episode, std::span<const NamedImage> images = {});

// What a set of episode files holds.
class EpisodeInfo {
 public:
  void Add(const StoredEpisode& stored);
  // After the last episode.
  Json ToJson(const EpisodeStream& stream) const;
  std::string ToText(const EpisodeStream& stream) const;

 private:
  struct Count {
    uint64_t labelled = 0, success = 0;
  };
  uint64_t episodes_ = 0, steps_ = 0, unlabelled_ = 0, decoded_bytes_ = 0;
  std::map<std::string, Count> sources_;
  std::map<std::string, uint64_t> policies_, end_reasons_, images_, tasks_;
  std::set<std::string> runs_;
};

}  // namespace qt::record

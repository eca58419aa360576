// SPDX-License-Identifier: Apache-2.0
#include "label/pair_labeller.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "image/ops.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::label {
namespace {

const EvidenceFrame* FindFrame(const Episode& episode, std::string_view name) {
  const auto found = std::find_if(episode.evidence.begin(), episode.evidence.end(),
                                  [&](const EvidenceFrame& frame) { return frame.name == name; });
  return found == episode.evidence.end() ? nullptr : &*found;
}

// 0.5 at the edge, towards 1 away from it on either side, as the score's power `steepness`.
float ConfidenceOf(double score, double steepness) {
  const double ratio = std::clamp(score, 1e-3, 1e3);
  const double odds = std::pow(std::max(ratio, 1 / ratio), steepness);
  return float(odds / (1 + odds));
}

// The later picture in grey, with what counts in colour.
RgbImage ChangePicture(const RgbImage& after, const std::vector<Mark>& mark_HW) {
  RgbImage picture = after;
  for (size_t i = 0; i < mark_HW.size(); ++i) {
    uint8_t* rgb = &picture.rgb_HWC[kRgbChannels * i];
    const auto grey = uint8_t((rgb[0] + rgb[1] + rgb[2]) / 6);
    std::fill(rgb, rgb + kRgbChannels, grey);
    if (mark_HW[i] == Mark::kAppeared) rgb[1] = 255;
    if (mark_HW[i] == Mark::kVanished) rgb[0] = 255;
  }
  return picture;
}

}  // namespace

// nullopt unless both are there.
Result<std::optional<PairLabeller::Pair>> PairLabeller::PairOf(const Episode& episode) const {
  const EvidenceFrame* before = FindFrame(episode, traits_.before);
  const EvidenceFrame* after = FindFrame(episode, traits_.after);
  if (before == nullptr || after == nullptr) return std::optional<Pair>();
  const int most_px = traits_.max_side_px;
  RgbImage decoded_before, decoded_after;
  QT_ASSIGN(const RgbView from,
            ViewShrunk(before->image, most_px, &decoded_before).In(before->name));
  QT_ASSIGN(const RgbView to, ViewShrunk(after->image, most_px, &decoded_after).In(after->name));
  if (from.width_px != to.width_px || from.height_px != to.height_px) {
    return Corrupt(std::string(traits_.before) + " and " + traits_.after + " differ in size");
  }
  return std::optional<Pair>({ShrinkToSide(from, most_px, std::move(decoded_before)),
                              ShrinkToSide(to, most_px, std::move(decoded_after))});
}

Result<std::optional<Verdict>> PairLabeller::Judge(const Episode& episode) const {
  QT_ASSIGN(const std::optional<Pair> pair, PairOf(episode).In("episode " + episode.id));
  if (!pair) return std::optional<Verdict>();
  Comparison compared = Compare(pair->before, pair->after, episode.camera);
  const double confidence = ConfidenceOf(compared.score, traits_.steepness);
  return std::optional<Verdict>(
      {.source = std::string(source()),
       .success_probability = compared.score >= 1 ? confidence : 1 - confidence,
       .worth = traits_.worth,
       .details = std::move(compared.details),
       .change = compared.change});
}

Result<std::optional<Explanation>> PairLabeller::Explain(const Episode& episode) const {
  QT_ASSIGN(std::optional<Pair> pair, PairOf(episode).In("episode " + episode.id));
  if (!pair) return std::optional<Explanation>();
  Comparison compared = Compare(pair->before, pair->after, episode.camera);
  RgbImage change = ChangePicture(pair->after, compared.mark_HW);
  Explanation explanation{{}, WordsOf(json::ParseObjectOrNone(compared.details))};
  for (RgbImage* picture : {&pair->before, &pair->after, &change}) {
    explanation.pictures.push_back(std::move(*picture));
  }
  return std::optional<Explanation>(std::move(explanation));
}

}  // namespace qt::label

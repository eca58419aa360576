#include "label/explain.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "image/draw.h"
#include "label/audit.h"

namespace qt::label {
namespace {

constexpr int kSide_px = 320, kGap_px = 8, kLine_px = 20, kText_px = 9;

int HeightOf(const RgbImage& picture) {
  return std::max(1, picture.height_px * kSide_px / picture.width_px);
}

// The later frame in grey, with what counts in colour.
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

using PictureRow = std::vector<RgbImage>;

// A row for each labeller that compares two pictures and has them.
Result<std::vector<PictureRow>> Rows(const Episode& episode, const LabelOptions& options) {
  std::vector<PictureRow> rows;
  QT_ASSIGN(const auto bin, AnalyseEvidence(episode, options.image_diff));
  if (bin) rows.push_back({bin->before, bin->after, ChangePicture(bin->after, bin->mark_HW)});
  QT_ASSIGN(const auto view, AnalyseGripperView(episode, options.gripper_view));
  if (view) rows.push_back({view->before, view->after, ChangePicture(view->after, view->mark_HW)});
  return rows;
}

std::string Verdicts(const Verdict& verdict) {
  char text[200];
  const Json& d = verdict.details;
  int length = std::snprintf(text, sizeof text, "%s: p(success) %.3f", verdict.source.c_str(),
                             verdict.success_probability);
  if (d.contains("appeared")) {
    std::snprintf(text + length, sizeof text - size_t(length),
                  "  appeared %.2f %% vanished %.2f %% (edge %.2f)  new colours %.2f gone %.2f  "
                  "noise %.1f  moved %.1f %.1f px",
                  d["appeared"].get<double>(), d["vanished"].get<double>(),
                  d["min_change"].get<double>(), d["appeared_colours"].get<double>(),
                  d["vanished_colours"].get<double>(), d["noise"].get<double>(),
                  d["shift"][0].get<double>(), d["shift"][1].get<double>());
  } else if (d.contains("change")) {
    std::snprintf(text + length, sizeof text - size_t(length),
                  "  changed %.2f %% of the middle (edge %.2f)", d["change"].get<double>(),
                  d["min_change"].get<double>());
  } else if (d.contains("opening_m")) {
    std::snprintf(text + length, sizeof text - size_t(length), "  %s, %.1f mm apart, %.0f mm up",
                  d["closed"].get<bool>() ? "closed" : "open", 1000 * d["opening_m"].get<double>(),
                  1000 * d["height_m"].get<double>());
  }
  return text;
}

std::string Decision(const LabelResult& result) {
  char text[96];
  std::snprintf(text, sizeof text, "%s%s, confidence %.3f",
                result.outcome == Outcome::kAbstained ? "no label; else " : "",
                result.label.success ? "SUCCESS" : "FAILURE", double(result.confidence));
  return text;
}

std::vector<std::string> Lines(const Episode& episode, const LabelResult& result) {
  std::vector<std::string> lines = {"episode " + episode.id, Decision(result)};
  for (const Verdict& verdict : result.verdicts) lines.push_back(Verdicts(verdict));
  if (const Label* truth = ChooseLabel(episode, kTruthSource)) {
    lines.push_back(std::string("the simulator says: ") + (truth->success ? "success" : "failure"));
  }
  return lines;
}

}  // namespace

Result<RgbImage> Explain(const Episode& episode, const LabelOptions& options,
                         const LabelResult& result) {
  QT_ASSIGN(const std::vector<PictureRow> rows, Rows(episode, options));
  int text_v_px = kGap_px;
  for (const PictureRow& row : rows) text_v_px += HeightOf(row[0]) + kGap_px;
  const std::vector<std::string> lines = Lines(episode, result);
  RgbImage sheet = Canvas(4 * kGap_px + 3 * kSide_px,
                          text_v_px + kGap_px + kLine_px * int(lines.size()), kWhite);
  int v_px = kGap_px;
  for (const PictureRow& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      Paste(sheet, Resized(row[i], kSide_px, HeightOf(row[i])),
            kGap_px + int(i) * (kSide_px + kGap_px), v_px);
    }
    v_px += HeightOf(row[0]) + kGap_px;
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const Rgb colour = i == 1 ? (result.label.success ? kGreen : kRed) : kBlack;
    DrawText(sheet, lines[i], kGap_px, text_v_px + kLine_px * int(i + 1) - 4, kText_px, colour);
  }
  return sheet;
}

}  // namespace qt::label

#include "report.h"

#include <cstdio>

#include "train/memory_use.h"

namespace qt::train {
namespace {

std::string SuccessText(const HeldOutResult& result) {
  char text[80];
  std::snprintf(text, sizeof text, "success %.0f %% [%.0f, %.0f] at step %lld",
                100 * result.success, 100 * result.low, 100 * result.high,
                static_cast<long long>(result.step));
  return text;
}

}  // namespace

Json Summary(const LoopSummary& loop, const replay::ReplayBuffer& replay, const LoadSummary& loaded,
             const std::string& policy) {
  const replay::BufferCounts counts = replay.counts();
  Json summary = {{"steps", loop.last_step},
                  {"first_step", loop.first_step},
                  {"loss", loop.loss},
                  {"td_error", loop.td_error},
                  {"episodes", counts.episodes},
                  {"episodes_online", replay.counts(replay::Origin::kOnline).episodes},
                  {"successes", counts.successes},
                  {"episodes_evicted", replay.num_evicted()},
                  {"episodes_unlabelled", loaded.unlabelled},
                  {"episodes_repeated", loaded.repeated},
                  {"episodes_damaged", loaded.damaged},
                  {"targets", loop.targets},
                  {"labels", loop.targets},  // its older name
                  {"seconds", loop.seconds},
                  {"target_seconds", loop.target_seconds},
                  {"label_seconds", loop.target_seconds},  // its older name
                  {"batch_seconds", loop.batch_seconds},
                  {"gradient_seconds", loop.gradient_seconds},
                  {"announced_bytes", loop.announced_bytes},
                  {"peak_bytes", loop.peak_bytes},
                  {"policy", policy}};
  if (loop.held_out) summary["held_out"] = ToJson(*loop.held_out);
  return summary;
}

std::string SummaryText(const LoopSummary& loop, const std::string& policy) {
  char text[200];
  std::snprintf(text, sizeof text, "%lld steps in %.1f s, loss %.4f, TD error %.4f",
                static_cast<long long>(loop.last_step), loop.seconds, loop.loss, loop.td_error);
  std::string summary = text;
  if (loop.held_out) summary += ", " + SuccessText(*loop.held_out);
  return summary + ": " + policy + "\nmemory: " + MebibytesText(loop.peak_bytes) +
         " at the peak, " + MebibytesText(loop.announced_bytes) + " announced";
}

std::string ProgressNote(const LoopProgress& progress) {
  char text[80];
  std::snprintf(text, sizeof text, "loss %.4f, TD error %.4f", progress.loss, progress.td_error);
  return progress.held_out ? SuccessText(*progress.held_out) + ", " + text : text;
}

}  // namespace qt::train

// SPDX-License-Identifier: Apache-2.0
// Fuzzes `--where`: the first line is the condition, the rest the settings of the episode that it
// is held against. What is parsed must answer.
#include "base/check.h"
#include "data/condition.h"
#include "support/sample_episode.h"

namespace qt::data {
namespace {

void Check(const std::string& condition, const std::string& settings) {
  const Result<Condition> parsed = Condition::Parse(condition);
  if (!parsed.ok()) {
    QT_ASSERT(!parsed.status().message().empty());
    return;
  }
  Episode episode = SampleEpisode(0, 2);
  episode.env_config = settings;
  const Label label = SampleLabel(episode, "sim", true);
  const bool holds = parsed->Holds(episode, &label);
  QT_ASSERT(parsed->Holds(episode, &label) == holds);
  (void)parsed->Holds(episode, nullptr);
}

}  // namespace
}  // namespace qt::data

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  qt::data::Check(text.substr(0, line), text.substr(std::min(line + 1, text.size())));
  return 0;
}

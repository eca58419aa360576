// SPDX-License-Identifier: Apache-2.0
// Fuzzes the parsing of strangers' JSON, and what is read of it: the description of a published
// data set. What is accepted is what the library accepts, and its dump is valid UTF-8 that can be
// parsed and shown.
#include "base/check.h"
#include "base/text.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "rlds/rlds_features.h"

namespace qt::json {
namespace {

void CheckParsing(const std::string& text) {
  const Result<Json> json = Parse(text);
  const Json expected = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.ok()) {
    const bool too_deep = !json.status().offset_bytes().has_value();
    QT_ASSERT(too_deep || expected.is_discarded());
    return;
  }
  QT_ASSERT(json->dump() == expected.dump());
  const std::string dumped = Dump(*json);
  QT_ASSERT(Parse(dumped).ok());
  QT_ASSERT(IsValidUtf8(dumped));
}

void CheckText(const std::string& text) {
  QT_ASSERT(IsValidUtf8(ValidUtf8(text)));
  const std::string shown = Printable(text);
  QT_ASSERT(IsValidUtf8(shown) && Printable(shown) == shown);
  QT_ASSERT(PrintableLines(shown) == shown);
  QT_ASSERT(!IsValidUtf8(text) || ValidUtf8(text) == text);
}

}  // namespace
}  // namespace qt::json

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  qt::json::CheckParsing(text);
  qt::json::CheckText(text);
  (void)qt::rlds::ParseRldsFeatures(text).ok();
  (void)qt::rlds::ParseRldsInfo(text).ok();
  return 0;
}

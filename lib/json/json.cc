// SPDX-License-Identifier: Apache-2.0
#include "json/json.h"

#include <cstdint>
#include <cstdio>

namespace qt::json {
namespace {

// DEL and the C1 control characters, which stand in strings only, escaped as the library escapes
// the other control characters: a terminal takes U+009B for ESC [.
std::string WithControlsEscaped(const std::string& text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t next = i + 1 < text.size() ? static_cast<uint8_t>(text[i + 1]) : 0;
    const bool c1 = text[i] == '\xc2' && next >= 0x80 && next <= 0x9F;
    if (!c1 && text[i] != '\x7f') {
      out += text[i];
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", c1 ? next : 0x7Fu);
    out += escape;
    i += c1;
  }
  return out;
}

}  // namespace

std::string Dump(const Json& value, int indent) {
  std::string text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  const auto has = [&text](char c) { return text.find(c) != std::string::npos; };
  return has('\xc2') || has('\x7f') ? WithControlsEscaped(text) : text;
}

}  // namespace qt::json

// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace qt {
namespace {

// What stands at the beginning of a text.
struct Sequence {
  size_t bytes = 1;   // of a broken one: those that could have begun a valid one, at least 1
  char32_t code = 0;  // if it is valid
  bool valid = false;
};

// REQUIRES: `text` is not empty.
Sequence FirstSequence(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {1, lead, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  char32_t code = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    // The second byte alone tells overlong forms, surrogates and what is above U+10FFFF.
    uint8_t low = 0x80, high = 0xBF;
    if (i == 1 && lead == 0xE0) low = 0xA0;
    if (i == 1 && lead == 0xED) high = 0x9F;
    if (i == 1 && lead == 0xF0) low = 0x90;
    if (i == 1 && lead == 0xF4) high = 0x8F;
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, 0, false};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return {length, code, true};
}

bool IsPlainAscii(char c) { return c >= ' ' && c <= '~'; }

// Control characters, and those that turn the direction of what follows or end a line.
bool IsHarmful(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x61C || code == 0x200E ||
         code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string Escape(const char* format, unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string EscapedCode(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  return Escape(code < 0x80 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(code));
}

std::string WithoutHarm(std::string_view text, std::string_view keep) {
  const auto stays = [keep](char c) {
    return IsPlainAscii(c) || keep.find(c) != std::string_view::npos;
  };
  if (std::ranges::all_of(text, stays)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const Sequence sequence = FirstSequence(text);
    const std::string_view bytes = text.substr(0, sequence.bytes);
    if (!sequence.valid) {
      for (char c : bytes) out += Escape("\\x%02x", static_cast<uint8_t>(c));
    } else if (IsHarmful(sequence.code) && !stays(text.front())) {
      out += EscapedCode(sequence.code);
    } else {
      out += bytes;
    }
    text.remove_prefix(sequence.bytes);
  }
  return out;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const Sequence sequence = FirstSequence(text);
    if (!sequence.valid) return false;
    text.remove_prefix(sequence.bytes);
  }
  return true;
}

std::string ValidUtf8(std::string_view text) {
  if (IsValidUtf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const Sequence sequence = FirstSequence(text);
    if (sequence.valid) {
      out += text.substr(0, sequence.bytes);
    } else {
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(sequence.bytes);
  }
  return out;
}

std::string Printable(std::string_view text) { return WithoutHarm(text, ""); }

std::string PrintableLines(std::string_view text) { return WithoutHarm(text, "\n\t"); }

}  // namespace qt

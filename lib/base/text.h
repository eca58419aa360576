// SPDX-License-Identifier: Apache-2.0
// Text of strangers: made valid UTF-8 where it enters a format, and harmless where it leaves for a
// person. A file, a peer or a command line may hold any bytes.
#pragma once

#include <string>
#include <string_view>

namespace qt {

// As Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// `text` as valid UTF-8: what is not becomes U+FFFD, one for each broken sequence. Valid text stays
// as it is, control characters too.
std::string ValidUtf8(std::string_view text);

// `text` as part of one line on a terminal, log or page: nothing in it moves the cursor, ends the
// line, changes the direction of writing or sets the terminal's title. Control characters become
// escapes as in C ("\n", "\x1b", "\u009b"), bytes that are no UTF-8 too ("\xe9"). Doing it twice
// changes nothing more.
std::string Printable(std::string_view text);

// The same for text of several lines: line feeds and tabs stay.
std::string PrintableLines(std::string_view text);

}  // namespace qt

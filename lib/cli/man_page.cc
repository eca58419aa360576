// SPDX-License-Identifier: Apache-2.0
// The man page (roff with the man macros): NAME, SYNOPSIS, OPTIONS (or COMMANDS), EXAMPLES and EXIT
// STATUS out of the flag table, and the prose of <page>.1.md. Of Markdown it knows headings (##),
// paragraphs, lists (* or -), fenced code, `code`, **bold** and *italic*; a line that is an HTML
// comment is left out.

#include <algorithm>
#include <cctype>
#include <sstream>

#include "base/build_info.h"
#include "cli/help.h"
#include "cli/values.h"

namespace qt::cli {
namespace {

// Plain text as roff: backslashes and hyphens literal, no line that looks like a request.
// `starts_line`: the text stands at the beginning of a line.
std::string Escape(const std::string& text, bool starts_line = true) {
  std::string roff;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_start = i == 0 ? starts_line : text[i - 1] == '\n';
    if (line_start && (c == '.' || c == '\'')) roff += "\\&";
    if (c == '\\') {
      roff += "\\e";
    } else if (c == '-') {
      roff += "\\-";
    } else if (c == '~') {
      roff += "\\(ti";
    } else if (c == '^') {
      roff += "\\(ha";
    } else if (c == '\'' || c == '`') {
      roff += c == '\'' ? "\\(aq" : "\\(ga";
    } else {
      roff += c;
    }
  }
  return roff;
}

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string Bold(const std::string& text) { return "\\fB" + Escape(text) + "\\fR"; }
std::string Italic(const std::string& text) { return "\\fI" + Escape(text) + "\\fR"; }

// `code`, **bold** and *italic* within a paragraph. A mark without its end is plain text.
std::string Inline(const std::string& text) {
  std::string roff, plain;
  const auto flush = [&] {
    roff += Escape(plain, roff.empty());
    plain.clear();
  };
  for (size_t i = 0; i < text.size();) {
    const std::string mark = text[i] == '`'                  ? "`"
                             : text.compare(i, 2, "**") == 0 ? "**"
                             : text[i] == '*'                ? "*"
                                                             : "";
    const size_t end = mark.empty() ? std::string::npos : text.find(mark, i + mark.size());
    if (end == std::string::npos) {
      plain += text[i++];
      continue;
    }
    flush();
    const std::string inside = text.substr(i + mark.size(), end - i - mark.size());
    roff += mark == "*" ? Italic(inside) : Bold(inside);
    i = end + mark.size();
  }
  flush();
  return roff;
}

std::string CodeBlock(const std::string& code) { return ".PP\n.RS 4\n.nf\n" + code + ".fi\n.RE\n"; }

// Line by line; `paragraph_` is open text that the next blank line ends.
class MarkdownToRoff {
 public:
  std::string Convert(const std::string& markdown) {
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);) TakeLine(line);
    EndParagraph();
    return out_;
  }

 private:
  void TakeLine(const std::string& line) {
    if (line.starts_with("```")) return ToggleCode();
    if (!in_code_ && line.starts_with("<!--") && line.ends_with("-->")) return;
    if (in_code_) {
      code_ += Escape(line) + "\n";
    } else if (line.starts_with("#")) {
      Heading(line);
    } else if (line.starts_with("* ") || line.starts_with("- ")) {
      EndParagraph();
      list_item_ = true;
      paragraph_ = line.substr(2);
    } else if (line.find_first_not_of(' ') == std::string::npos) {
      EndParagraph();
    } else {
      const std::string text = line.substr(line.find_first_not_of(' '));
      paragraph_ += (paragraph_.empty() ? "" : " ") + text;
    }
  }
  void Heading(const std::string& line) {
    EndParagraph();
    const size_t level = line.find_first_not_of('#');
    if (level == std::string::npos || level == 1) return;  // the title is in .TH
    const std::string text = line.substr(line.find_first_not_of(' ', level));
    out_ += level == 2 ? ".SH " + Escape(Upper(text)) + "\n" : ".SS " + Escape(text) + "\n";
  }
  void ToggleCode() {
    EndParagraph();
    if (in_code_) out_ += CodeBlock(code_);
    code_.clear();
    in_code_ = !in_code_;
  }
  void EndParagraph() {
    if (!paragraph_.empty()) {
      out_ += (list_item_ ? ".IP \\(bu 2\n" : ".PP\n") + Inline(paragraph_) + "\n";
    }
    paragraph_.clear();
    list_item_ = false;
  }

  std::string out_, paragraph_, code_;
  bool list_item_ = false;
  bool in_code_ = false;
};

std::string FlagTerm(const Flag& flag) {
  if (flag.positional) return Italic(flag.metavar);
  std::string term = flag.short_name ? Bold("-" + std::string(1, flag.short_name)) + ", " : "";
  term += Bold("--" + flag.name);
  if (HasTwoForms(flag)) term += ", " + Bold("--no-" + flag.name);
  return IsBool(flag) ? term : term + " " + Italic(flag.metavar);
}

std::string FlagEntry(const Flag& flag) {
  std::string help = flag.help;
  if (!help.empty()) help[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(help[0])));
  const std::string notes = FlagNotes(flag);
  return ".TP\n" + FlagTerm(flag) + "\n" + Escape(help + ".") +
         (notes.empty() ? "" : "\n" + Escape("(" + notes + ")")) + "\n";
}

std::string Options(const FlagTable& table) {
  std::string roff;
  for (const std::string& group : Groups(table)) {
    roff += ".SS " + Escape(group) + "\n";
    for (const Flag& flag : table.flags()) {
      if (!flag.hidden && flag.group == group) roff += FlagEntry(flag);
    }
  }
  return roff;
}

std::string Synopsis(const Described& described) {
  std::string roff = ".SH SYNOPSIS\n";
  for (size_t i = 0; i < described.tables.size(); ++i) {
    if (i > 0) roff += ".br\n";
    const std::string line = UsageLine(described.tables[i]);
    const std::string& tool = described.tables[i].tool();
    roff += Bold(tool) + Escape(line.substr(tool.size())) + "\n";
  }
  return roff;
}

std::string Reference(const std::string& page) { return Bold(page) + "(1)"; }

std::string Commands(const Described& described) {
  std::string roff = ".SH COMMANDS\n";
  for (size_t i = 0; i < described.tables.size(); ++i) {
    roff += ".TP\n" + Reference(PageName(described.tables[i].tool())) + "\n" +
            Escape(described.command_summaries[i] + ".") + "\n";
  }
  return roff;
}

std::string ExamplesSection(const FlagTable& table) {
  std::string roff;
  for (const FlagTable::Example& example : table.examples()) {
    roff += ".PP\n" + Escape(example.what) + ":\n" + CodeBlock(Escape(example.command) + "\n");
  }
  return roff.empty() ? roff : ".SH EXAMPLES\n" + roff;
}

// A command's page names the page of its tool.
std::string SeeAlso(const std::string& tool) {
  const size_t blank = tool.find(' ');
  if (blank == std::string::npos) return "";
  return ".SH SEE ALSO\n" + Reference(tool.substr(0, blank)) + "\n";
}

std::string ExitStatusSection() {
  std::string roff = ".SH EXIT STATUS\n";
  for (const ExitLine& line : ExitLines()) {
    roff += ".TP\n" + Bold(std::to_string(line.status)) + "\n" + Escape(line.meaning) + ".\n";
  }
  return roff;
}

}  // namespace

std::string PageName(std::string tool) {
  std::ranges::replace(tool, ' ', '-');
  return tool;
}

std::string ManPage(const Described& described, const std::string& prose_markdown) {
  const std::string page = PageName(described.tool);
  std::string roff = ".TH " + Upper(page) + " 1 \"\" \"qt-tools " + Version() +
                     "\" \"User Commands\"\n.nh\n.ad l\n";
  roff += ".SH NAME\n" + Escape(page) + " \\- " + Escape(described.summary) + "\n";
  roff += Synopsis(described);
  roff += MarkdownToRoff().Convert(prose_markdown);
  if (described.has_commands) {
    roff += Commands(described);
  } else {
    const FlagTable& table = described.tables.at(0);
    roff += ".SH OPTIONS\n" + Options(table) + ExamplesSection(table);
  }
  return roff + ExitStatusSection() + SeeAlso(described.tool);
}

}  // namespace qt::cli

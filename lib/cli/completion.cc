// SPDX-License-Identifier: Apache-2.0
// Shell completions out of the flag table.

#include "cli/help.h"
#include "cli/values.h"

namespace qt::cli {
namespace {

std::string Join(const std::vector<std::string>& words, const std::string& separator) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : separator) + word;
  return all;
}

// What stands for a value: words to choose from, a file, a folder, or nothing known.
enum class ValueKind { kWords, kFile, kFolder, kUnknown };

ValueKind KindOf(const Flag& flag) {
  if (!flag.choices.empty()) return ValueKind::kWords;
  const auto has = [&flag](const char* word) {
    return flag.metavar.find(word) != std::string::npos;
  };
  if (has("FILE") || has("INPUT") || has("OUTPUT") || has("MODEL") || has("POLICY") ||
      has("CHECKPOINT") || has("PATH")) {
    return ValueKind::kFile;
  }
  return has("DIR") || has("FOLDER") || has("RUN") ? ValueKind::kFolder : ValueKind::kUnknown;
}

std::vector<std::string> Spellings(const Flag& flag) {
  std::vector<std::string> all = {"--" + flag.name};
  if (HasTwoForms(flag)) all.push_back("--no-" + flag.name);
  if (flag.short_name) all.push_back("-" + std::string(1, flag.short_name));
  return all;
}

std::vector<const Flag*> Shown(const FlagTable& table) {
  std::vector<const Flag*> flags;
  for (const Flag& flag : table.flags()) {
    if (!flag.hidden && !flag.positional) flags.push_back(&flag);
  }
  return flags;
}

std::string FunctionName(const std::string& tool) {
  std::string name = "_";
  for (const char c : tool) name += c == '-' || c == ' ' ? '_' : c;
  return name;
}

// The body of one `case "$previous"` of bash: what to offer after a flag that takes a value.
std::string BashValues(const FlagTable& table) {
  std::string cases;
  for (const Flag* flag : Shown(table)) {
    if (IsBool(*flag)) continue;
    std::string action = "return";
    const ValueKind kind = KindOf(*flag);
    if (kind == ValueKind::kWords) {
      action = "COMPREPLY=($(compgen -W '" + Join(flag->choices, " ") + "' -- \"$word\")); return";
    } else if (!flag->words.empty()) {
      action = "COMPREPLY=($(compgen -f -W '" + Join(flag->words, " ") + "' -- \"$word\")); return";
    } else if (kind == ValueKind::kFile) {
      action = "COMPREPLY=($(compgen -f -- \"$word\")); return";
    } else if (kind == ValueKind::kFolder) {
      action = "COMPREPLY=($(compgen -d -- \"$word\")); return";
    }
    cases += "    " + Join(Spellings(*flag), "|") + ") " + action + " ;;\n";
  }
  return cases.empty() ? "" : "  case \"$previous\" in\n" + cases + "  esac\n";
}

std::string BashFunction(const FlagTable& table) {
  std::vector<std::string> flags;
  for (const Flag* flag : Shown(table)) {
    for (const std::string& spelling : Spellings(*flag)) flags.push_back(spelling);
  }
  return FunctionName(table.tool()) + "() {\n" +
         "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         // --flag=value comes as three words.
         "  if [[ $word == = ]]; then word=\n"
         "  elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n" +
         BashValues(table) + "  if [[ $word == -* ]]; then\n    COMPREPLY=($(compgen -W '" +
         Join(flags, " ") +
         "' -- \"$word\"))\n  else\n    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\n";
}

std::string Bash(const Described& described) {
  std::string text = "# bash completion for " + described.tool + "\n";
  for (const FlagTable& table : described.tables) text += BashFunction(table);
  const std::string name = FunctionName(described.tool);
  if (described.has_commands) {
    text += name +
            "() {\n  local at=1\n  while [[ ${COMP_WORDS[at]} == -* ]]; do ((at++)); done\n"
            "  case ${COMP_WORDS[at]} in\n";
    for (size_t i = 0; i < described.tables.size(); ++i) {
      text += "    " + described.command_names[i] + ") " +
              FunctionName(described.tables[i].tool()) + "; return ;;\n";
    }
    text += "  esac\n  COMPREPLY=($(compgen -W '" + Join(described.command_names, " ") +
            " --help --version' -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n";
  }
  return text + "complete -o filenames -F " + name + " " + described.tool + "\n";
}

// Inside '...' and [...] of a zsh _arguments specification.
std::string ZshText(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string ZshWordsOrFiles(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += " " + ZshText(word);
  return "{compadd --" + list + "; _files}";
}

std::string ZshValue(const Flag& flag) {
  if (IsBool(flag)) return "";
  const std::string head = ":" + ZshText(flag.metavar.empty() ? "VALUE" : flag.metavar) + ":";
  switch (KindOf(flag)) {
    case ValueKind::kWords:
      return head + "(" + Join(flag.choices, " ") + ")";
    case ValueKind::kFile:
      return head + (flag.words.empty() ? "_files" : ZshWordsOrFiles(flag.words));
    case ValueKind::kFolder:
      return head + "_files -/";
    case ValueKind::kUnknown:
      return head + (flag.words.empty() ? "" : ZshWordsOrFiles(flag.words));
  }
  return head;
}

std::string ZshArguments(const FlagTable& table, const std::string& indent) {
  std::string text = indent + "_arguments -s";
  for (const Flag* flag : Shown(table)) {
    const std::string star = IsList(*flag) ? "*" : "";
    for (std::string spelling : Spellings(*flag)) {
      if (!IsBool(*flag) && spelling.starts_with("--")) spelling += "=";  // or a word of its own
      text += " \\\n" + indent + "  '" + star + spelling + "[" + ZshText(flag->help) + "]" +
              ZshValue(*flag) + "'";
    }
  }
  return text + " \\\n" + indent + "  '*:file:_files'\n";
}

std::string Zsh(const Described& described) {
  const std::string name = FunctionName(described.tool);
  std::string text = "#compdef " + described.tool + "\n" + name + "() {\n";
  if (!described.has_commands) {
    text += ZshArguments(described.tables.at(0), "  ");
  } else {
    text += "  if (( CURRENT == 2 )); then\n    local -a commands=(\n";
    for (size_t i = 0; i < described.command_names.size(); ++i) {
      text += "      '" + described.command_names[i] + ":" +
              ZshText(described.command_summaries[i]) + "'\n";
    }
    text +=
        "    )\n    _describe command commands\n    return\n  fi\n"
        "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
    for (size_t i = 0; i < described.tables.size(); ++i) {
      text += "    " + described.command_names[i] + ")\n" +
              ZshArguments(described.tables[i], "      ") + "      ;;\n";
    }
    text += "  esac\n";
  }
  return text + "}\n" + name + " \"$@\"\n";
}

std::string FishText(const std::string& text) {
  std::string escaped = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped + "'";
}

std::string FishFlag(const std::string& head, const Flag& flag) {
  std::string line = head + " -l " + flag.name;
  if (flag.short_name) line += " -s " + std::string(1, flag.short_name);
  const ValueKind kind = KindOf(flag);
  if (!IsBool(flag)) {
    if (kind == ValueKind::kWords) line += " -x -a '" + Join(flag.choices, " ") + "'";
    if (!flag.words.empty()) {
      line += " -r -F -a '" + Join(flag.words, " ") + "'";
    } else if (kind == ValueKind::kFile) {
      line += " -r -F";
    } else if (kind == ValueKind::kFolder) {
      line += " -x -a '(__fish_complete_directories)'";
    } else if (kind == ValueKind::kUnknown) {
      line += " -x";
    }
  }
  line += " -d " + FishText(flag.help) + "\n";
  if (HasTwoForms(flag)) line += head + " -l no-" + flag.name + " -d " + FishText(flag.help) + "\n";
  return line;
}

std::string Fish(const Described& described) {
  const std::string head = "complete -c " + described.tool;
  std::string text = "# fish completion for " + described.tool + "\n";
  for (size_t i = 0; i < described.tables.size(); ++i) {
    std::string condition;
    if (described.has_commands) {
      const std::string& command = described.command_names[i];
      text += head + " -n __fish_use_subcommand -f -a " + command + " -d " +
              FishText(described.command_summaries[i]) + "\n";
      condition = " -n '__fish_seen_subcommand_from " + command + "'";
    }
    for (const Flag* flag : Shown(described.tables[i])) text += FishFlag(head + condition, *flag);
  }
  return text;
}

}  // namespace

std::string Completion(const Described& described, Shell shell) {
  if (shell == Shell::kZsh) return Zsh(described);
  if (shell == Shell::kFish) return Fish(described);
  return Bash(described);
}

}  // namespace qt::cli

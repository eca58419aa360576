# SPDX-License-Identifier: Apache-2.0
"""The simple commands of a shell script, as far as finding a tool and its flags needs: comments, quotes, here
documents, line continuations, pipes, groups, `$( )` and backquotes are understood; nothing is expanded or run."""

import re

OPERATORS = ("&&", "||", ";;", "|&", "<<<", "<<-", "<<", ">>", "<&", ">&", "&>", ">|", "<>", "<(", ">(", ";", "|", "&",
             "(", ")", "<", ">", "\n")
# After these a command begins; a word before one ends it.
ENDS = {"&&", "||", ";;", "|&", ";", "|", "&", "(", ")", "<(", ">(", "\n"}
RESERVED = {"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time"}


class Tokens:
    """Splits text into words and operators; what `$( )` and backquotes hold is kept apart, as scripts of its own."""

    def __init__(self, text):
        self.text, self.at = text, 0
        self.nested = []  # scripts inside of words
        self.found = []   # (is an operator, token)
        self.here_ends = []
        while self.at < len(text):
            self.step()

    def step(self):
        text, at = self.text, self.at
        if text.startswith("\\\n", at):
            self.at += 2
        elif text[at] in " \t\r":
            self.at += 1
        elif text[at] == "#":
            self.at = self.end_of_line()
        else:
            operator = next((o for o in OPERATORS if text.startswith(o, at)), None)
            if operator:
                self.operator(operator)
            else:
                self.found.append((False, self.word()))

    def end_of_line(self):
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def operator(self, operator):
        self.at += len(operator)
        if operator in ("<<", "<<-"):
            while self.at < len(self.text) and self.text[self.at] in " \t":
                self.at += 1
            self.here_ends.append(self.word())
            return
        self.found.append((True, operator))
        if operator == "\n":
            for end in self.here_ends:
                match = re.compile(rf"^\t*{re.escape(end)}$", re.M).search(self.text, self.at)
                self.at = match.end() if match else len(self.text)
            self.here_ends = []

    def word(self):
        word = ""
        while self.at < len(self.text):
            c = self.text[self.at]
            if c in " \t\r\n" or c in "|&;()<>":
                break
            if c == "'":
                end = self.text.find("'", self.at + 1)
                end = len(self.text) if end < 0 else end
                word += self.text[self.at + 1:end]
                self.at = end + 1
            elif c == '"':
                self.at += 1
                while self.at < len(self.text) and self.text[self.at] != '"':
                    word += self.piece()
                self.at += 1
            else:
                word += self.piece()
        return word

    def piece(self):
        """One character, or all of an expansion, in or out of double quotes."""
        text, at = self.text, self.at
        if text[at] == "\\":
            self.at += 2
            return "" if text[at + 1:at + 2] == "\n" else text[at + 1:at + 2]
        if text.startswith("$(", at):
            end = self.closing(at + 1)
            if not text.startswith("$((", at):
                self.nested.append(text[at + 2:end])
            self.at = end + 1
            return "$()"
        if text[at] == "`":
            end = text.find("`", at + 1)
            end = len(text) if end < 0 else end
            self.nested.append(text[at + 1:end])
            self.at = end + 1
            return "$()"
        if text.startswith("${", at):
            end = text.find("}", at)
            self.at = len(text) if end < 0 else end + 1
            return text[at:self.at]
        self.at += 1
        return text[at]

    def closing(self, at):
        """The place of the parenthesis that closes the one at `at`."""
        depth, quote = 0, ""
        while at < len(self.text):
            c = self.text[at]
            if quote:
                if c == "\\" and quote == '"':
                    at += 1
                elif c == quote:
                    quote = ""
            elif c in "'\"":
                quote = c
            elif c == "\\":
                at += 1
            elif c in "()":
                depth += 1 if c == "(" else -1
                if depth == 0:
                    return at
            at += 1
        return len(self.text)


def commands(text):
    """[[word, ...], ...]: each simple command of `text`, those in `$( )` and backquotes too. A `for` list and an
    assignment are commands of their own; redirections are left out."""
    tokens = Tokens(text)
    found, current, skip = [], [], False
    for is_operator, token in tokens.found:
        if is_operator:
            if token in ENDS:
                found.append(current)
                current, skip = [], False
            else:
                skip = True  # what follows is a file's name
                if current and current[-1].isdigit():
                    current.pop()
        elif skip:
            skip = False
        elif not current and token in RESERVED:
            continue
        else:
            current.append(token)
    found.append(current)
    for script in tokens.nested:
        found += commands(script)
    return [command for command in found if command]


def arguments_of(tool, text, anywhere=True):
    """The arguments of every call of `tool`, by name or by path; with `anywhere` also behind `exec`, `timeout 5`,
    `ExecStart=` and such."""
    for command in commands(text):
        for at, word in enumerate(command):
            if re.sub(r"^\w+=", "", word).rsplit("/", 1)[-1] == tool and not (at and command[at - 1].startswith("--")):
                yield command[at + 1:]
            elif anywhere:
                continue
            break

// SPDX-License-Identifier: Apache-2.0
// What the name of an output means, decided before the work begins.
//
// A link is followed: the file is written beside what the link points to, and the link stays.
// Names of open descriptors (/dev/stdout, /dev/fd/N, links to them) mean the descriptor. A device
// or a FIFO is written in place.
#pragma once

#include <string>

#include "base/status.h"

namespace qt {

struct OutputPlace {
  enum class Kind {
    kFile,        // a regular file, or nothing yet
    kDescriptor,  // one that is open in this process
    kInPlace,     // a device, a FIFO, a socket
  };
  Kind kind = Kind::kFile;
  std::string path;     // behind all links
  bool exists = false;  // kFile: there is a file
  int descriptor = -1;  // kDescriptor
};

// Errors name `path`: a folder, an empty name, a name that is too long, a loop of links, a link
// into a folder that is not there. A link of somebody else is refused, unless the folder that it
// lies in is theirs, too: where all may write, it could lead to a file of ours.
Result<OutputPlace> PlaceOf(const std::string& path);

// "-", or another name of descriptor 1.
bool NamesStdout(const std::string& output);

// The part up to the last slash, "." without one.
std::string FolderOf(const std::string& path);

// A hidden name beside `path` that nobody else uses: ".NAME.<pid>-<n>.tmp", with a digest instead
// of NAME where that would be too long for a file system.
std::string TemporaryBeside(const std::string& path);

}  // namespace qt

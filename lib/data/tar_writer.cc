// SPDX-License-Identifier: Apache-2.0
#include "data/tar_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "base/check.h"

namespace qt::data {
namespace {

constexpr size_t kBlockBytes = 512, kMaxNameBytes = 100;
constexpr uint64_t kMaxFileBytes = (uint64_t{1} << 33) - 1;  // eleven octal digits
using Block = std::array<uint8_t, kBlockBytes>;

void PutText(Block* block, size_t at, const std::string& text) {
  std::memcpy(block->data() + at, text.data(), text.size());
}

// `digits` octal digits and a NUL.
void PutOctal(Block* block, size_t at, int digits, uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
  PutText(block, at, text);
}

// Offsets: POSIX.1-2017, pax, "ustar Interchange Format".
Block Header(const std::string& name, uint64_t bytes, uint64_t changed_s) {
  Block block = {};
  PutText(&block, 0, name);
  PutOctal(&block, 100, 7, 0644);
  PutOctal(&block, 108, 7, 0);  // user
  PutOctal(&block, 116, 7, 0);  // group
  PutOctal(&block, 124, 11, bytes);
  PutOctal(&block, 136, 11, changed_s);
  PutText(&block, 148, "        ");  // the checksum counts as spaces
  block[156] = '0';                  // a regular file
  PutText(&block, 257,
          std::string("ustar\0"
                      "00",
                      8));
  const unsigned sum = std::accumulate(block.begin(), block.end(), 0u);
  PutOctal(&block, 148, 6, sum);
  block[154] = 0;
  block[155] = ' ';
  return block;
}

}  // namespace

Status TarWriter::Add(const std::string& name, ByteSpan contents, int64_t changed_s) {
  QT_CHECK(!name.empty() && name.size() <= kMaxNameBytes, name);
  QT_CHECK(contents.size() <= kMaxFileBytes, contents.size());
  const auto changed = std::clamp<int64_t>(changed_s, 0, int64_t(kMaxFileBytes));
  QT_TRY(sink_->Write(Header(name, contents.size(), uint64_t(changed))));
  QT_TRY(sink_->Write(contents));
  const Block zeros = {};
  const size_t rest = contents.size() % kBlockBytes;
  return rest == 0 ? Ok() : sink_->Write(ByteSpan(zeros).first(kBlockBytes - rest));
}

Status TarWriter::Finish() {
  const Block zeros = {};
  QT_TRY(sink_->Write(zeros));
  return sink_->Write(zeros);
}

}  // namespace qt::data

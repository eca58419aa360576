// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <libdeflate.h>
#include <openssl/evp.h>
#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // takes the widest vectors that the processor has
#endif

#include <array>

#include "base/check.h"

namespace qt {

uint32_t Crc32(uint32_t crc, ByteSpan bytes) {
  if (bytes.empty()) return crc;  // libdeflate starts anew where there is no address
  return libdeflate_crc32(crc, bytes.data(), bytes.size());
}

std::string Sha256Hex(ByteSpan bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Hex();
}

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  QT_ASSERT(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(state_), EVP_sha256(), nullptr));
}
Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(state_)); }
void Sha256::Update(ByteSpan bytes) {
  QT_ASSERT(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(state_), bytes.data(), bytes.size()));
}
std::string Sha256::Hex() {
  std::array<unsigned char, 32> digest;
  unsigned int length = 0;
  QT_ASSERT(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(state_), digest.data(), &length));
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

ContentHash::ContentHash() : state_(XXH3_createState()) {
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_));
}
ContentHash::~ContentHash() { XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }
void ContentHash::Update(ByteSpan bytes) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}
uint64_t ContentHash::Value() const {
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_));
}

}  // namespace qt

// SPDX-License-Identifier: Apache-2.0
#include "serve/http_head.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace qt::serve {
namespace {

constexpr std::string_view kBlanksOfHeaders = " \t";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) return std::nullopt;
    decoded += static_cast<char>(16 * high + low);
    i += 2;
  }
  return decoded;
}

// uri-host [":" port], by its characters.
bool IsHost(std::string_view text) {
  constexpr std::string_view kOther = "-._~!$&'()*+;=:%[]";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           kOther.find(c) != std::string_view::npos;
  });
}

// Of "name:port" or "[address]:port", in lower case.
std::string HostName(std::string_view host) {
  if (host.starts_with('[')) return LowerCase(host.substr(1, host.find(']') - 1));
  return LowerCase(host.substr(0, host.find(':')));
}

// A proxy that reads the length of a request otherwise than we do would let somebody hide another
// request in it, so whatever is not plain is refused.
std::optional<HttpRefusal> TransferRefusal(const HttpHead& head) {
  if (head.Count("Transfer-Encoding") == 0) return std::nullopt;
  const std::vector<std::string> codings = TokensOf(head.Value("Transfer-Encoding"));
  for (const std::string& coding : codings) {
    if (coding != "chunked") {
      return HttpRefusal{501, "the transfer coding '" + coding + "' is not understood"};
    }
  }
  if (codings.size() != 1) return HttpRefusal{400, "Transfer-Encoding must be chunked, once"};
  if (head.version < 11) return HttpRefusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (head.Count("Content-Length") == 0) return std::nullopt;
  return HttpRefusal{400, "a body has a Content-Length or comes in chunks, not both"};
}

}  // namespace

size_t HttpHead::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(fields.begin(), fields.end(), [name](const auto& field) {
    return EqualsIgnoringCase(field.first, name);
  }));
}

std::string HttpHead::Value(std::string_view name) const {
  std::string value;
  bool is_first = true;
  for (const auto& [key, text] : fields) {
    if (!EqualsIgnoringCase(key, name)) continue;
    if (!std::exchange(is_first, false)) value += ", ";
    value += text;
  }
  return value;
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanksOfHeaders);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanksOfHeaders) - begin + 1);
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::vector<std::string> TokensOf(std::string_view list) {
  std::vector<std::string> tokens;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    const std::string_view token = Trimmed(list.substr(at, end - at));
    if (!token.empty()) tokens.push_back(LowerCase(token));
    at = end + 1;
  }
  return tokens;
}

std::string BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer";
  if (!EqualsIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) return "";
  const std::string_view rest = authorization.substr(kScheme.size());
  if (rest.empty() || kBlanksOfHeaders.find(rest[0]) == std::string_view::npos) return "";
  return std::string(Trimmed(rest));
}

std::optional<std::string> PathOf(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoringCase(target.substr(0, scheme.size()), scheme)) continue;
    const size_t slash = target.find_first_of("/?", scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  target = target.substr(0, target.find_first_of("?#"));
  if (target.empty()) target = "/";  // "http://host?query"
  if (target[0] != '/') return std::nullopt;
  std::optional<std::string> path = PercentDecoded(target);
  if (path && path->size() > 1 && path->back() == '/') path->pop_back();
  return path;
}

bool IsLoopbackHost(std::string_view host) {
  const std::string name = HostName(host);
  in_addr address = {};
  if (name.empty() || name == "localhost" || name.ends_with(".localhost") || name == "::1") {
    return true;
  }
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 && name.starts_with("127.");
}

bool IsLoopbackOrAddress(std::string_view host) {
  in6_addr address = {};
  const std::string name = HostName(host);
  return IsLoopbackHost(host) || ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

std::string_view HostOfOrigin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (EqualsIgnoringCase(origin.substr(0, scheme.size()), scheme)) {
      return origin.substr(scheme.size());
    }
  }
  return {};
}

std::optional<HttpRefusal> RefusalOf(const HttpHead& head) {
  if (auto refusal = TransferRefusal(head)) return refusal;
  const size_t num_hosts = head.Count("Host");
  if (num_hosts > 1 || (num_hosts == 0 && head.version >= 11)) {
    return HttpRefusal{400, "a request has one Host"};
  }
  if (!IsHost(head.Value("Host"))) return HttpRefusal{400, "this is not a Host"};
  for (const std::string& expectation : TokensOf(head.Value("Expect"))) {
    if (expectation == "100-continue") continue;
    return HttpRefusal{417, "the expectation '" + expectation + "' cannot be met"};
  }
  if (!PathOf(head.target)) return HttpRefusal{400, "the target is not a path"};
  return std::nullopt;
}

HttpCoding CodingOf(const HttpHead& head) {
  std::vector<std::string> codings = TokensOf(head.Value("Content-Encoding"));
  std::erase(codings, "identity");
  if (codings.empty()) return HttpCoding::kIdentity;
  if (codings.size() > 1) return HttpCoding::kUnknown;
  if (codings[0] == "gzip" || codings[0] == "x-gzip") return HttpCoding::kGzip;
  return codings[0] == "deflate" ? HttpCoding::kDeflate : HttpCoding::kUnknown;
}

const char* ReasonOf(int status) {
  struct Reason {
    int status;
    const char* text;
  };
  static constexpr std::array kReasons = {Reason{200, "OK"},
                                          Reason{400, "Bad Request"},
                                          Reason{401, "Unauthorized"},
                                          Reason{403, "Forbidden"},
                                          Reason{404, "Not Found"},
                                          Reason{405, "Method Not Allowed"},
                                          Reason{408, "Request Timeout"},
                                          Reason{413, "Content Too Large"},
                                          Reason{414, "URI Too Long"},
                                          Reason{415, "Unsupported Media Type"},
                                          Reason{417, "Expectation Failed"},
                                          Reason{421, "Misdirected Request"},
                                          Reason{431, "Request Header Fields Too Large"},
                                          Reason{500, "Internal Server Error"},
                                          Reason{501, "Not Implemented"},
                                          Reason{503, "Service Unavailable"},
                                          Reason{504, "Gateway Timeout"},
                                          Reason{505, "HTTP Version Not Supported"}};
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.text;
  }
  return "Unknown";
}

}  // namespace qt::serve

// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP request, and what RFC 9110 and 9112 make of it: which heads are refused with
// which status, where a target leads, what a list of tokens holds. Knows no sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qt::serve {

struct HttpHead {
  std::string method, target;
  int version = 11;  // 10 for HTTP/1.0
  std::vector<std::pair<std::string, std::string>> fields;

  size_t Count(std::string_view name) const;  // names are compared without their case
  // Of all lines with this name, in their order, as one list; "" if there is none.
  std::string Value(std::string_view name) const;
};

// Without blanks and tabs around it.
std::string_view Trimmed(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// The elements of a comma-separated list, in lower case, without blanks and empty ones.
std::vector<std::string> TokensOf(std::string_view list);

// The token of "Authorization: Bearer TOKEN"; "" of anything else.
std::string BearerOf(std::string_view authorization);

// The path of a target: without the query, percent-decoded, of "http://host/path" what is behind
// the authority, without a slash at its end. nullopt: it is not a path.
std::optional<std::string> PathOf(std::string_view target);

// Whether "name:port" is this machine by a name that nobody else can give it: localhost, a name
// below it, or an address of the loopback; "" too.
bool IsLoopbackHost(std::string_view host);
// Or an address, which no name server can make lead elsewhere.
bool IsLoopbackOrAddress(std::string_view host);
// "host:port" of "http://host:port"; "" of anything else.
std::string_view HostOfOrigin(std::string_view origin);

struct HttpRefusal {
  int status = 400;
  std::string sentence;
};
// What is wrong with the head of a request whose framing could be read.
std::optional<HttpRefusal> RefusalOf(const HttpHead& head);

// How a body is coded, as its Content-Encoding says.
enum class HttpCoding { kIdentity, kGzip, kDeflate, kUnknown };
HttpCoding CodingOf(const HttpHead& head);
inline constexpr char kKnownCodings[] = "gzip, deflate, identity";

const char* ReasonOf(int status);  // "Not Found"

}  // namespace qt::serve

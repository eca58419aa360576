// SPDX-License-Identifier: Apache-2.0
#include "serve/http_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qt::serve {
namespace {

using testing::ElementsAre;

using Fields = std::vector<std::pair<std::string, std::string>>;

HttpHead Post(Fields fields, int version = 11) {
  fields.emplace_back("host", "x");
  return {"POST", "/act", version, std::move(fields)};
}

int StatusOf(const HttpHead& head) {
  const auto refusal = RefusalOf(head);
  return refusal ? refusal->status : 200;
}

TEST(HttpHead, NamesAreComparedWithoutTheirCase) {
  const HttpHead head = Post({{"ACCEPT", "a"}, {"x", "1"}, {"accept", "b"}, {"Accept", ""}});
  EXPECT_EQ(head.Value("Accept"), "a, b, ");
  EXPECT_EQ(head.Count("aCCept"), 3u);
  EXPECT_EQ(head.Value("Missing"), "");
}

TEST(HttpHead, TokensOfAList) {
  EXPECT_THAT(TokensOf(" GZip ,\tchunked,, x "), ElementsAre("gzip", "chunked", "x"));
  EXPECT_THAT(TokensOf(""), ElementsAre());
  EXPECT_THAT(TokensOf(","), ElementsAre());
}

TEST(HttpHead, WhereATargetLeads) {
  const auto path = [](const char* target) { return PathOf(target).value_or("none"); };
  EXPECT_EQ(path("/act?x=/y"), "/act");
  EXPECT_EQ(path("/v2/"), "/v2");
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("http://host:80/act?x"), "/act");
  EXPECT_EQ(path("HTTPS://host"), "/");
  EXPECT_EQ(path("http://host?x"), "/");
  EXPECT_EQ(path("/%61ct%2F%5a"), "/act/Z");
  for (const char* wrong : {"*", "host:80", "act", "ftp://host/act", "/%", "/%4", "/%4g", "/%g4"}) {
    EXPECT_EQ(path(wrong), "none") << wrong;
  }
}

TEST(HttpHead, OneHost) {
  EXPECT_EQ(StatusOf(Post({})), 200);
  EXPECT_EQ(StatusOf({"GET", "/", 11, {}}), 400);
  EXPECT_EQ(StatusOf({"GET", "/", 10, {}}), 200);
  EXPECT_EQ(StatusOf({"GET", "/", 11, {{"Host", ""}}}), 200) << "of a target without authority";
  EXPECT_EQ(StatusOf({"GET", "/", 11, {{"Host", "[::1]:8000"}}}), 200);
  EXPECT_EQ(StatusOf(Post({{"HOST", "x"}})), 400) << "twice";
  for (const char* wrong : {"a b", "a, b", "a/b", "u@h"}) {
    EXPECT_EQ(StatusOf({"GET", "/", 11, {{"Host", wrong}}}), 400) << wrong;
  }
}

TEST(HttpHead, WhichNamesAreThisMachines) {
  for (const char* own : {"", "localhost", "LocalHost:8000", "a.localhost", "127.0.0.1:8000",
                          "127.3.2.1", "[::1]", "[::1]:8000"}) {
    EXPECT_TRUE(IsLoopbackHost(own)) << own;
    EXPECT_TRUE(IsLoopbackOrAddress(own)) << own;
  }
  for (const char* other : {"192.168.1.5:8000", "[fe80::1]:8000"}) {
    EXPECT_FALSE(IsLoopbackHost(other)) << other;
    EXPECT_TRUE(IsLoopbackOrAddress(other)) << other;
  }
  for (const char* name : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "xlocalhost", "127.evil", "[evil]", "null"}) {
    EXPECT_FALSE(IsLoopbackOrAddress(name)) << name;
  }
  EXPECT_EQ(HostOfOrigin("HTTP://a:1"), "a:1");
  EXPECT_EQ(HostOfOrigin("https://a"), "a");
  for (const char* opaque : {"null", "", "file://", "http:/a"}) EXPECT_EQ(HostOfOrigin(opaque), "");
}

TEST(HttpHead, WhatATransferCodingMayBe) {
  const auto status = [](const char* value, int version = 11) {
    return StatusOf(Post({{"Transfer-Encoding", value}}, version));
  };
  EXPECT_EQ(status("chunked"), 200);
  EXPECT_EQ(status("CHUNKED"), 200);
  EXPECT_EQ(status("gzip, chunked"), 501);
  EXPECT_EQ(status("chunked, gzip"), 501);
  EXPECT_EQ(status("identity"), 501);
  EXPECT_EQ(status("chunked, chunked"), 400);
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("chunked", 10), 400);
  EXPECT_EQ(StatusOf(Post({{"transfer-encoding", "chunked"}, {"Transfer-Encoding", "x"}})), 501);
  EXPECT_EQ(StatusOf(Post({{"transfer-encoding", "chunked"}, {"content-length", "3"}})), 400);
}

TEST(HttpHead, WhatMayBeExpected) {
  EXPECT_EQ(StatusOf(Post({{"Expect", "100-Continue"}})), 200);
  EXPECT_EQ(StatusOf(Post({{"Expect", "100-continue, more"}})), 417);
}

TEST(HttpHead, ContentCodings) {
  const auto coding = [](const char* value) {
    return CodingOf(Post({{"Content-Encoding", value}}));
  };
  EXPECT_EQ(CodingOf(Post({})), HttpCoding::kIdentity);
  EXPECT_EQ(coding("Identity"), HttpCoding::kIdentity);
  EXPECT_EQ(coding("GZIP"), HttpCoding::kGzip);
  EXPECT_EQ(coding("x-gzip"), HttpCoding::kGzip);
  EXPECT_EQ(coding("deflate, identity"), HttpCoding::kDeflate);
  EXPECT_EQ(coding("br"), HttpCoding::kUnknown);
  EXPECT_EQ(coding("gzip, gzip"), HttpCoding::kUnknown);
}

}  // namespace
}  // namespace qt::serve

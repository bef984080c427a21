/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/range.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tests/lib/tap.h"

/* "a-b a- -n" of all ranges of a value, or the error's name. */
static const char *specs_text(const char *value)
{
	static char text[20000];
	struct range_set set = { .count = 4711 };
	struct range_spec spec;
	unsigned int taken = 0;
	size_t used = 0;
	int ret = range_parse(value, &set);

	if (ret < 0)
		return set.count == 4711 ? strerrorname_np(-ret) : "result touched";
	while (range_next(&set, &spec)) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, taken ? " " : "");
		if (spec.form != RANGE_SUFFIX)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%" PRIu64,
						 spec.first);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "-");
		if (spec.form != RANGE_OPEN)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%" PRIu64,
						 spec.last);
		taken++;
	}
	return taken == set.count ? text : "wrong count";
}

static void test_parse(void)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "bytes=0-0", "0-0" },
		{ "bytes=0-499", "0-499" },
		{ "bytes=500-", "500-" },
		{ "bytes=-500", "-500" },
		{ "bytes=-0", "-0" },
		{ "Bytes=0-1", "0-1" },
		{ "BYTES=0-1", "0-1" },
		{ "bytes=00001-0002", "1-2" },
		{ "bytes=0-1,5-,-3", "0-1 5- -3" },
		{ "bytes=0-1, 5-\t ,\t-3", "0-1 5- -3" },
		{ "bytes=,,0-1, ,,2-3,", "0-1 2-3" },
		{ "bytes= 0-1 ", "0-1" },
		{ "bytes=5-6,0-1,5-6", "5-6 0-1 5-6" },
		{ "bytes=9223372036854775807-", "9223372036854775807-" },
		{ "bytes=9223372036854775808-", "9223372036854775807-" },
		{ "bytes=0-99999999999999999999", "0-9223372036854775807" },
		{ "bytes=0-18446744073709551615", "0-9223372036854775807" },
		{ "bytes=0-18446744073709551616", "0-9223372036854775807" },
		{ "bytes=-99999999999999999999999999", "-9223372036854775807" },
		/* Another unit, whatever follows. */
		{ "items=0-1", "EOPNOTSUPP" },
		{ "byte=0-1", "EOPNOTSUPP" },
		{ "bytess=0-1", "EOPNOTSUPP" },
		{ "none=", "EOPNOTSUPP" },
		{ "x!#$=?", "EOPNOTSUPP" },
		/* Malformed. */
		{ "", "EINVAL" },
		{ "bytes", "EINVAL" },
		{ "bytes 0-1", "EINVAL" },
		{ "bytes =0-1", "EINVAL" },
		{ "bytes = 0-1", "EINVAL" },
		{ " bytes=0-1", "EINVAL" },
		{ "=0-1", "EINVAL" },
		{ "0-1", "EINVAL" },
		{ "bytes=", "EINVAL" },
		{ "bytes=,", "EINVAL" },
		{ "bytes= , ", "EINVAL" },
		{ "bytes=-", "EINVAL" },
		{ "bytes=5", "EINVAL" },
		{ "bytes=5-2", "EINVAL" },
		{ "bytes=abc", "EINVAL" },
		{ "bytes=0-a", "EINVAL" },
		{ "bytes=a-0", "EINVAL" },
		{ "bytes=0x0-0x1", "EINVAL" },
		{ "bytes=--1", "EINVAL" },
		{ "bytes=+0-1", "EINVAL" },
		{ "bytes=0-+1", "EINVAL" },
		{ "bytes=0--1", "EINVAL" },
		{ "bytes=0-1-2", "EINVAL" },
		{ "bytes=0 -1", "EINVAL" },
		{ "bytes=0- 1", "EINVAL" },
		{ "bytes=0-1 2-3", "EINVAL" },
		{ "bytes=0-1;2-3", "EINVAL" },
		{ "bytes=0-1,x", "EINVAL" },
		{ "bytes=0-1,5-2", "EINVAL" },
		{ "bytes=*", "EINVAL" },
		{ "bytes=0-*", "EINVAL" },
		{ "bytes=0-1/2", "EINVAL" },
		{ "bytes==0-1", "EINVAL" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		IS_STR(specs_text(cases[i].value), cases[i].want, "Range: %s", cases[i].value);
}

static void test_many(void)
{
	char value[8 + 4 * (RANGE_MAX + 1)] = "bytes=";
	struct range_set set;

	for (int i = 0; i < RANGE_MAX; i++)
		memcpy(value + 6 + 4 * i, "1-2,", 5);
	IS_INT(range_parse(value, &set), 0, "as many ranges as there may be");
	IS_INT(set.count, RANGE_MAX, "are counted");
	OK(strncmp(specs_text(value), "1-2 1-2 ", 8) == 0, "and taken");
	memcpy(value + 6 + 4 * RANGE_MAX, "1-2", 4);
	IS_INT(range_parse(value, &set), -E2BIG, "one more is too much");
}

static void test_resolve(void)
{
	/* What GET takes, and what an operation that changes bytes takes; "" is 416. */
	static const struct {
		const char *spec;
		uint64_t size;
		const char *clamped, *exact;
	} cases[] = {
		{ "0-0", 1, "0-0", "0-0" },
		{ "0-99", 100, "0-99", "0-99" },
		{ "99-99", 100, "99-99", "99-99" },
		{ "0-100", 100, "0-99", "" },
		{ "99-100", 100, "99-99", "" },
		{ "100-100", 100, "", "" },
		{ "100-200", 100, "", "" },
		{ "0-", 100, "0-99", "0-99" },
		{ "99-", 100, "99-99", "99-99" },
		{ "100-", 100, "", "" },
		{ "-1", 100, "99-99", "99-99" },
		{ "-100", 100, "0-99", "0-99" },
		{ "-101", 100, "0-99", "" },
		{ "-0", 100, "", "" },
		{ "0-0", 0, "", "" },
		{ "0-", 0, "", "" },
		{ "-0", 0, "", "" },
		{ "-1", 0, "", "" },
		{ "0-99999999999999999999", 100, "0-99", "" },
		{ "99999999999999999999-", 100, "", "" },
		{ "99999999999999999999-99999999999999999999", INT64_MAX, "", "" },
		{ "-99999999999999999999", 100, "0-99", "" },
		{ "9223372036854775806-", INT64_MAX, "9223372036854775806-9223372036854775806",
		  "9223372036854775806-9223372036854775806" },
		{ "0-", INT64_MAX, "0-9223372036854775806", "0-9223372036854775806" },
		{ "1099511627776-1099511628287", (uint64_t)2 << 40, "1099511627776-1099511628287",
		  "1099511627776-1099511628287" },
	};

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool exact = i % 2;
		const char *want = exact ? cases[i / 2].exact : cases[i / 2].clamped;
		struct byte_range range = { 7, 7 };
		struct range_spec spec;
		struct range_set set;
		char value[100], got[100] = "";
		int ret;

		snprintf(value, sizeof(value), "bytes=%s", cases[i / 2].spec);
		if (range_parse(value, &set) < 0 || !range_next(&set, &spec)) {
			OK(false, "'%s' is parsed", value);
			continue;
		}
		ret = (exact ? range_resolve_exact : range_resolve)(&spec, cases[i / 2].size,
								    &range);
		if (ret == 0)
			snprintf(got, sizeof(got), "%" PRIu64 "-%" PRIu64, range.first, range.last);
		else
			IS_INT(range.first == 7 && range.last == 7 ? ret : 0, -ERANGE, "error");
		IS_STR(got, want, "%s of %" PRIu64 "%s", cases[i / 2].spec, cases[i / 2].size,
		       exact ? ", exactly" : "");
	}
}

static void test_content_parse(void)
{
	static const struct {
		const char *value;
		struct content_range want;
	} good[] = {
		{ "bytes 0-0/1", { 0, 0, 1, CONTENT_END_GIVEN, CONTENT_TOTAL_GIVEN } },
		{ "bytes 5-9/*", { 5, 9, 0, CONTENT_END_GIVEN, CONTENT_TOTAL_STAR } },
		{ "Bytes 5-9/-1", { 5, 9, 0, CONTENT_END_GIVEN, CONTENT_TOTAL_MINUS_ONE } },
		{ "bytes 8192-12287/4096",
		  { 8192, 12287, 4096, CONTENT_END_GIVEN, CONTENT_TOTAL_GIVEN } },
		{ "bytes 0-4095/0", { 0, 4095, 0, CONTENT_END_GIVEN, CONTENT_TOTAL_GIVEN } },
		{ "bytes 4096-/16384", { 4096, 0, 16384, CONTENT_END_OPEN, CONTENT_TOTAL_GIVEN } },
		{ "bytes 4096-/*", { 4096, 0, 0, CONTENT_END_OPEN, CONTENT_TOTAL_STAR } },
		{ "bytes 4096-/-1", { 4096, 0, 0, CONTENT_END_OPEN, CONTENT_TOTAL_MINUS_ONE } },
		{ "bytes 7-*/*", { 7, 0, 0, CONTENT_END_STAR, CONTENT_TOTAL_STAR } },
		{ "bytes 7-*/9", { 7, 0, 9, CONTENT_END_STAR, CONTENT_TOTAL_GIVEN } },
		{ "bytes 0-99999999999999999999/99999999999999999999",
		  { 0, INT64_MAX, INT64_MAX, CONTENT_END_GIVEN, CONTENT_TOTAL_GIVEN } },
	};
	static const char *const bad[] = { "",
					   "bytes",
					   "bytes ",
					   "bytes */100",
					   "bytes */*",
					   "bytes=0-1/2",
					   "bytes:0-1/2",
					   "bytes\t0-1/2",
					   "bytes  0-1/2",
					   " bytes 0-1/2",
					   "items 0-1/2",
					   "0-1/2",
					   "bytes 0-1",
					   "bytes 0-1/",
					   "bytes 0-1/x",
					   "bytes 0-1/-2",
					   "bytes 0-1/-",
					   "bytes 0-1/**",
					   "bytes 0-1/2x",
					   "bytes 0-1/2 ",
					   "bytes 1-0/2",
					   "bytes 1-0/*",
					   "bytes -1/2",
					   "bytes --1/2",
					   "bytes -/2",
					   "bytes 0/2",
					   "bytes 0-1-2/",
					   "bytes 0 -1/2",
					   "bytes 0-1 /2",
					   "bytes 0-1/ 2",
					   "bytes x-1/2",
					   "bytes 0-x/2",
					   "bytes 0-**/2",
					   "bytes 0x0-1/2",
					   "bytes 0-1,2-3/4",
					   "bytes 0-1/-1x" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct content_range *want = &good[i].want;
		struct content_range got;
		const char *why = "untouched";

		IS_INT(content_range_parse(good[i].value, &got, &why), 0, "%s", good[i].value);
		IS_STR(why, "untouched", "no reason");
		IS_INT(got.first, want->first, "first");
		IS_INT(got.end_kind, want->end_kind, "kind of end");
		IS_INT(got.total_kind, want->total_kind, "kind of total");
		OK(want->end_kind != CONTENT_END_GIVEN || got.last == want->last, "last");
		OK(want->total_kind != CONTENT_TOTAL_GIVEN || got.total == want->total, "total");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct content_range got = { .first = 4711 };
		const char *why = "";

		IS_INT(content_range_parse(bad[i], &got, &why), -EINVAL, "refused: '%s'", bad[i]);
		OK(strstr(why, "bytes FIRST-LAST/*"), "the reason names what is expected");
		IS_INT(got.first, 4711, "the result is untouched");
	}
}

static void test_content_check(void)
{
	/* With an image of 16384 bytes; body -1 is chunked; the reason of 0 is NULL. */
	static const struct {
		const char *value;
		int64_t body;
		int ret;
		uint64_t first, length;
		const char *word;
	} cases[] = {
		{ "bytes 0-4095/*", 4096, 0, 0, 4096, NULL },
		{ "bytes 0-16383/*", 16384, 0, 0, 16384, NULL },
		{ "bytes 16383-16383/*", 1, 0, 16383, 1, NULL },
		{ "bytes 8192-12287/16384", 4096, 0, 8192, 4096, NULL },
		/* curl -T f -r 8192-12287: the total is the length of f. */
		{ "bytes 8192-12287/4096", 4096, 0, 8192, 4096, NULL },
		/* The same with an f of 16384 bytes: curl sends all of it. */
		{ "bytes 0-4095/16384", 16384, -EINVAL, 0, 0, "Content-Length" },
		/* curl -T f -r 4096- */
		{ "bytes 4096-/12288", 12288, 0, 4096, 12288, NULL },
		{ "bytes 4096-/16384", 12288, 0, 4096, 12288, NULL },
		{ "bytes 4096-/*", 100, 0, 4096, 100, NULL },
		{ "bytes 4096-/16384", 16384, -ERANGE, 0, 0, "inside" },
		{ "bytes 4096-/77", 12288, -EINVAL, 0, 0, "slash" },
		/* curl -T f -C 8192 */
		{ "bytes 8192-16383/16384", 8192, 0, 8192, 8192, NULL },
		/* curl -T - -r 0-4095: chunked. */
		{ "bytes 0-4095/-1", -1, 0, 0, 4096, NULL },
		{ "bytes 0-4095/*", -1, 0, 0, 4096, NULL },
		{ "bytes 0-4095/4096", -1, 0, 0, 4096, NULL },
		{ "bytes 0-4095/16384", -1, 0, 0, 4096, NULL },
		{ "bytes 0-4095/-1", 4096, -EINVAL, 0, 0, "slash" },
		{ "bytes 4096-/-1", -1, -EINVAL, 0, 0, "Content-Length" },
		{ "bytes 4096-/*", -1, -EINVAL, 0, 0, "bytes FIRST-LAST/*" },
		{ "bytes 4096-/-1", 100, -EINVAL, 0, 0, "slash" },
		/* curl -X POST -d '' -r 0-4095 */
		{ "bytes 0-4095/0", 0, -EINVAL, 0, 0, "Content-Length" },
		/* nbdkit-curl: the end is one too large. */
		{ "bytes 512-1024/-1", 512, -EINVAL, 0, 0, "Content-Length" },
		/* Only where imageio is spoken. */
		{ "bytes 0-*/*", 4096, -EINVAL, 0, 0, "bytes FIRST-LAST/*" },
		/* Empty bodies. */
		{ "bytes 0-/0", 0, 0, 0, 0, NULL },
		{ "bytes 0-/*", 0, 0, 0, 0, NULL },
		{ "bytes 4096-/16384", 0, 0, 4096, 0, NULL },
		{ "bytes 16384-/*", 0, 0, 16384, 0, NULL },
		{ "bytes 16385-/*", 0, -ERANGE, 0, 0, "inside" },
		{ "bytes 0-0/*", 0, -EINVAL, 0, 0, "Content-Length" },
		/* Lengths and totals that fit to nothing. */
		{ "bytes 0-4095/*", 4095, -EINVAL, 0, 0, "Content-Length" },
		{ "bytes 0-4095/*", 4097, -EINVAL, 0, 0, "Content-Length" },
		{ "bytes 0-4095/4097", 4096, -EINVAL, 0, 0, "slash" },
		{ "bytes 0-4095/0", 4096, -EINVAL, 0, 0, "slash" },
		{ "bytes 0-4095/16383", -1, -EINVAL, 0, 0, "slash" },
		/* Past the end. */
		{ "bytes 16383-16384/*", 2, -ERANGE, 0, 0, "inside" },
		{ "bytes 16384-16384/*", 1, -ERANGE, 0, 0, "inside" },
		{ "bytes 0-16384/*", 16385, -ERANGE, 0, 0, "inside" },
		{ "bytes 0-16384/-1", -1, -ERANGE, 0, 0, "inside" },
		{ "bytes 16384-20479/20480", 4096, -ERANGE, 0, 0, "inside" },
		{ "bytes 16384-/1", 1, -ERANGE, 0, 0, "inside" },
		{ "bytes 99999999999999999999-99999999999999999999/*", 1, -ERANGE, 0, 0, "inside" },
		{ "bytes 99999999999999999999-/*", INT64_MAX, -ERANGE, 0, 0, "inside" },
		{ "bytes 0-99999999999999999999/*", INT64_MAX, -EINVAL, 0, 0, "Content-Length" },
		{ "bytes 0-99999999999999999999/*", 0, -EINVAL, 0, 0, "Content-Length" },
		{ "bytes 0-99999999999999999999/-1", -1, -ERANGE, 0, 0, "inside" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct byte_range got = { 7, 7 };
		struct content_range range;
		const char *why = "";
		int ret = content_range_parse(cases[i].value, &range, &why);

		OK(ret == 0, "%s", cases[i].value);
		if (ret < 0)
			continue;
		ret = content_range_check(&range, cases[i].body, 16384, &got, &why);
		IS_INT(ret, cases[i].ret, "with a body of %" PRId64, cases[i].body);
		if (ret == 0) {
			IS_INT(got.first, cases[i].first, "first");
			IS_INT(byte_range_length(&got), cases[i].length, "length");
			IS_STR(why, "", "no reason");
		} else {
			OK(got.first == 7 && got.last == 7, "the result is untouched");
			OK(strstr(why, cases[i].word ? cases[i].word : "none"),
			   "the reason '%s' has '%s'", why, cases[i].word);
		}
	}
}

static void test_content_empty_image(void)
{
	struct content_range range;
	struct byte_range got;
	const char *why = "";

	content_range_parse("bytes 0-0/*", &range, &why);
	IS_INT(content_range_check(&range, 1, 0, &got, &why), -ERANGE,
	       "a byte into an empty image");
	content_range_parse("bytes 0-/*", &range, &why);
	IS_INT(content_range_check(&range, 0, 0, &got, &why), 0, "nothing into an empty image");
	IS_INT(byte_range_length(&got), 0, "is nothing");
}

int main(void)
{
	test_parse();
	test_many();
	test_resolve();
	test_content_parse();
	test_content_check();
	test_content_empty_image();
	return tap_end();
}

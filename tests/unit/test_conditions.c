/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/conditions.h"

#include "tests/lib/tap.h"

#define DAY    "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER  "Sun, 06 Nov 1994 08:49:38 GMT"

#define DAY_SECONDS 784111777

#define PASS   CONDITION_PASS
#define SAME   CONDITION_NOT_MODIFIED
#define FAILED CONDITION_FAILED

static const struct validator strong = { "\"abc\"", DAY_SECONDS };
static const struct validator weak = { "W/\"abc\"", DAY_SECONDS };
static const struct validator untagged = { NULL, DAY_SECONDS };

struct one_case {
	const char *value;
	enum condition strong, weak, untagged, missing; /* by what the resource has */
};

typedef void fill_fn(struct conditions *conditions, const char *value);

static void run(const char *name, fill_fn *fill, bool safe, const struct one_case *c, size_t n)
{
	for (; n > 0; n--, c++) {
		struct conditions conditions = { NULL, NULL, NULL, NULL, NULL };

		fill(&conditions, c->value);
		IS_INT(conditions_check(&conditions, &strong, safe), c->strong,
		       "%s: %s, %s, strong tag", name, c->value, safe ? "GET" : "PUT");
		IS_INT(conditions_check(&conditions, &weak, safe), c->weak, "weak tag");
		IS_INT(conditions_check(&conditions, &untagged, safe), c->untagged, "no tag");
		IS_INT(conditions_check(&conditions, NULL, safe), c->missing, "nothing there");
	}
}

#define RUN(name, fill, safe, cases) run(name, fill, safe, cases, sizeof(cases) / sizeof(cases[0]))

static void fill_match(struct conditions *conditions, const char *value)
{
	conditions->if_match = value;
}

static void fill_none_match(struct conditions *conditions, const char *value)
{
	conditions->if_none_match = value;
}

static void fill_modified(struct conditions *conditions, const char *value)
{
	conditions->if_modified_since = value;
}

static void fill_unmodified(struct conditions *conditions, const char *value)
{
	conditions->if_unmodified_since = value;
}

static void test_if_match(void)
{
	static const struct one_case cases[] = {
		{ "\"abc\"", PASS, FAILED, FAILED, FAILED },
		{ "W/\"abc\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"xyz\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"ABC\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"abcd\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"x\",\"abc\"", PASS, FAILED, FAILED, FAILED },
		{ "\"x\" , W/\"y\",\t\"abc\" ", PASS, FAILED, FAILED, FAILED },
		{ ", ,\"abc\",,", PASS, FAILED, FAILED, FAILED },
		{ "\"a,b\",\"abc\"", PASS, FAILED, FAILED, FAILED },
		{ "*", PASS, PASS, PASS, FAILED },
		{ " * ", PASS, PASS, PASS, FAILED },
		/* Malformed: matches nothing. */
		{ "", FAILED, FAILED, FAILED, FAILED },
		{ ",", FAILED, FAILED, FAILED, FAILED },
		{ "abc", FAILED, FAILED, FAILED, FAILED },
		{ "\"abc", FAILED, FAILED, FAILED, FAILED },
		{ "abc\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"abc\" \"x\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"abc\"x", FAILED, FAILED, FAILED, FAILED },
		{ "\"abc\",x", FAILED, FAILED, FAILED, FAILED },
		{ "\"a bc\",\"abc\"", FAILED, FAILED, FAILED, FAILED },
		{ "w/\"abc\"", FAILED, FAILED, FAILED, FAILED },
		{ "W/abc", FAILED, FAILED, FAILED, FAILED },
		{ "W/", FAILED, FAILED, FAILED, FAILED },
		{ "*, \"abc\"", FAILED, FAILED, FAILED, FAILED },
		{ "\"abc\", *", FAILED, FAILED, FAILED, FAILED },
		{ "**", FAILED, FAILED, FAILED, FAILED },
	};

	RUN("If-Match", fill_match, true, cases);
	RUN("If-Match", fill_match, false, cases);
}

static void test_if_none_match(void)
{
	static const struct one_case safe[] = {
		{ "\"abc\"", SAME, SAME, PASS, PASS },
		{ "W/\"abc\"", SAME, SAME, PASS, PASS },
		{ "\"xyz\"", PASS, PASS, PASS, PASS },
		{ "\"\"", PASS, PASS, PASS, PASS },
		{ "\"x\", W/\"abc\"", SAME, SAME, PASS, PASS },
		{ "*", SAME, SAME, SAME, PASS },
		/* Malformed: ignored. */
		{ "abc", PASS, PASS, PASS, PASS },
		{ "\"abc\", x", PASS, PASS, PASS, PASS },
		{ "", PASS, PASS, PASS, PASS },
	};
	static const struct one_case unsafe[] = {
		{ "\"abc\"", FAILED, FAILED, PASS, PASS },
		{ "W/\"abc\"", FAILED, FAILED, PASS, PASS },
		{ "\"xyz\"", PASS, PASS, PASS, PASS },
		{ "\"x\", W/\"abc\"", FAILED, FAILED, PASS, PASS },
		{ "*", FAILED, FAILED, FAILED, PASS },
		/* Malformed: nothing may happen. */
		{ "abc", FAILED, FAILED, FAILED, FAILED },
		{ "\"xyz\", x", FAILED, FAILED, FAILED, FAILED },
		{ "*,*", FAILED, FAILED, FAILED, FAILED },
		{ "", FAILED, FAILED, FAILED, FAILED },
	};

	RUN("If-None-Match", fill_none_match, true, safe);
	RUN("If-None-Match", fill_none_match, false, unsafe);
}

static void test_dates(void)
{
	static const struct one_case modified[] = {
		{ DAY, SAME, SAME, SAME, PASS },    { AFTER, SAME, SAME, SAME, PASS },
		{ BEFORE, PASS, PASS, PASS, PASS }, { "yesterday", PASS, PASS, PASS, PASS },
		{ "", PASS, PASS, PASS, PASS },
	};
	static const struct one_case unsafe[] = {
		{ DAY, PASS, PASS, PASS, PASS },
		{ BEFORE, PASS, PASS, PASS, PASS },
	};
	static const struct one_case unmodified[] = {
		{ DAY, PASS, PASS, PASS, PASS },	  { AFTER, PASS, PASS, PASS, PASS },
		{ BEFORE, FAILED, FAILED, FAILED, PASS }, { "yesterday", PASS, PASS, PASS, PASS },
		{ "\"abc\"", PASS, PASS, PASS, PASS },
	};

	RUN("If-Modified-Since", fill_modified, true, modified);
	RUN("If-Modified-Since", fill_modified, false, unsafe);
	RUN("If-Unmodified-Since", fill_unmodified, true, unmodified);
	RUN("If-Unmodified-Since", fill_unmodified, false, unmodified);
}

static void test_order(void)
{
	/* With the resource `strong`: RFC 9110 section 13.2.2. */
	static const struct {
		struct conditions conditions; /* match, none match, modified, unmodified, range */
		enum condition get, put;
		const char *what;
	} cases[] = {
		{ { NULL, NULL, NULL, NULL, NULL }, PASS, PASS, "no condition" },
		{ { "\"abc\"", NULL, NULL, BEFORE, NULL },
		  PASS,
		  PASS,
		  "If-Match that holds hides If-Unmodified-Since that does not" },
		{ { "\"x\"", NULL, NULL, AFTER, NULL },
		  FAILED,
		  FAILED,
		  "If-Match that fails hides If-Unmodified-Since that holds" },
		{ { "bad", NULL, NULL, AFTER, NULL },
		  FAILED,
		  FAILED,
		  "a malformed If-Match hides If-Unmodified-Since, too" },
		{ { NULL, "\"x\"", AFTER, NULL, NULL },
		  PASS,
		  PASS,
		  "If-None-Match that passes hides If-Modified-Since that does not" },
		{ { NULL, "\"abc\"", BEFORE, NULL, NULL },
		  SAME,
		  FAILED,
		  "If-None-Match that matches hides If-Modified-Since" },
		{ { "\"x\"", "\"abc\"", NULL, NULL, NULL },
		  FAILED,
		  FAILED,
		  "If-Match comes before If-None-Match" },
		{ { "\"abc\"", "\"abc\"", NULL, NULL, NULL },
		  SAME,
		  FAILED,
		  "If-None-Match comes after If-Match" },
		{ { NULL, "\"abc\"", NULL, BEFORE, NULL },
		  FAILED,
		  FAILED,
		  "If-Unmodified-Since comes before If-None-Match" },
		{ { "\"abc\"", NULL, DAY, NULL, NULL },
		  SAME,
		  PASS,
		  "If-Modified-Since comes after If-Match" },
		{ { NULL, NULL, DAY, DAY, NULL }, SAME, PASS, "both dates" },
		{ { NULL, NULL, NULL, NULL, "\"x\"" }, PASS, PASS, "If-Range is another question" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		IS_INT(conditions_check(&cases[i].conditions, &strong, true), cases[i].get,
		       "GET: %s", cases[i].what);
		IS_INT(conditions_check(&cases[i].conditions, &strong, false), cases[i].put,
		       "PUT: %s", cases[i].what);
	}
}

static void test_if_range(void)
{
	static const struct {
		const char *value;
		bool strong;
	} cases[] = {
		{ NULL, true },
		{ "\"abc\"", true },
		{ "W/\"abc\"", false },
		{ "\"xyz\"", false },
		{ DAY, false },
		{ AFTER, false },
		{ "", false },
		{ "*", false },
		{ "abc", false },
		{ "\"abc\" ", false },
		{ "\"abc\",\"x\"", false },
		{ "\"x\",\"abc\"", false },
		{ "\"abc\"abc", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conditions conditions = { .if_range = cases[i].value };
		const char *value = cases[i].value ? cases[i].value : "(none)";

		IS_INT(if_range_holds(&conditions, &strong), cases[i].strong, "If-Range: %s",
		       value);
		IS_INT(if_range_holds(&conditions, &weak), !cases[i].value, "with a weak tag");
		IS_INT(if_range_holds(&conditions, &untagged), !cases[i].value, "with no tag");
	}
}

static void test_date_forms(void)
{
	static const struct {
		const char *text;
		long long seconds; /* -1: no date */
	} cases[] = {
		{ DAY, DAY_SECONDS },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", DAY_SECONDS },
		{ "Sun Nov  6 08:49:37 1994", DAY_SECONDS },
		{ "Wed Nov 16 08:49:37 1994", DAY_SECONDS + 10 * 86400 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648 },
		{ "Thu, 29 Feb 2024 12:00:00 GMT", 1709208000 },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
		{ "Tuesday, 19-Jan-38 03:14:08 GMT", 2147483648 },
		{ "Thursday, 01-Jan-70 00:00:00 GMT", 0 },
		{ "Fri, 30 Feb 2024 12:00:00 GMT", -1 },
		{ "Wed, 29 Feb 2023 12:00:00 GMT", -1 },
		{ "Sun, 32 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:60:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 +0000", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
		{ "Sun, 06 Xov 1994 08:49:37 GMT", -1 },
		{ "Sux, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "06 Nov 1994 08:49:37 GMT", -1 },
		{ "1994-11-06T08:49:37Z", -1 },
		{ "784111777", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		time_t seconds = 4711;
		bool ok = http_date_parse(cases[i].text, &seconds);

		IS_INT(ok, cases[i].seconds != -1, "date '%s'", cases[i].text);
		IS_INT(seconds, ok ? cases[i].seconds : 4711, "its seconds");
	}
}

int main(void)
{
	test_if_match();
	test_if_none_match();
	test_dates();
	test_order();
	test_if_range();
	test_date_forms();
	return tap_end();
}

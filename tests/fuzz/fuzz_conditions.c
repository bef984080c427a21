/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "httpd/conditions.h"

#define N_LINES 5

static void require_sane(const struct conditions *conditions, const struct validator *validator)
{
	enum condition safe = conditions_check(conditions, validator, true);
	enum condition unsafe = conditions_check(conditions, validator, false);
	struct conditions alone = { .if_match = conditions->if_match };

	REQUIRE(unsafe == CONDITION_PASS || unsafe == CONDITION_FAILED);
	REQUIRE(safe != CONDITION_FAILED || unsafe == CONDITION_FAILED);
	if (conditions_check(&alone, validator, false) == CONDITION_FAILED)
		REQUIRE(safe == CONDITION_FAILED);
	if (!conditions->if_none_match && !conditions->if_modified_since)
		REQUIRE(safe == unsafe);
	if (!validator)
		REQUIRE(safe != CONDITION_NOT_MODIFIED);
}

static void require_date(const char *text)
{
	time_t seconds, again;
	struct tm tm;
	char normal[60];

	if (!http_date_parse(text, &seconds))
		return;
	REQUIRE(gmtime_r(&seconds, &tm));
	/* strptime() reads no more than four digits of a year. */
	if (tm.tm_year < -900 || tm.tm_year > 8000)
		return;
	strftime(normal, sizeof(normal), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	REQUIRE(http_date_parse(normal, &again) && again == seconds);
}

/* The input: six lines, the values of the five headers (empty: none) and the resource's tag. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text;
	const char *lines[N_LINES] = { NULL };
	struct validator validator = { .mtime = 784111777 };
	struct conditions conditions;

	for (int i = 0; i < N_LINES && rest; i++) {
		char *line = strsep(&rest, "\n");

		lines[i] = *line ? line : NULL;
	}
	validator.etag = rest;
	conditions = (struct conditions){ lines[0], lines[1], lines[2], lines[3], lines[4] };
	require_sane(&conditions, &validator);
	require_sane(&conditions, NULL);
	for (int i = 0; i < N_LINES; i++) {
		if (lines[i])
			require_date(lines[i]);
	}
	/* The resource's own tag is trusted to have nothing behind its second quote. */
	if (if_range_holds(&conditions, &validator) && lines[4])
		REQUIRE(validator.etag && strncmp(lines[4], validator.etag, strlen(lines[4])) == 0);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/conditions.h"

#include <errno.h>
#include <string.h>

/* The bytes between the quotes of an entity-tag. */
struct tag {
	const char *text;
	size_t n;
	bool weak;
};

/* Reads an entity-tag at *@at and moves *@at behind it. */
static bool tag_parse(const char **at, struct tag *ret_tag)
{
	struct tag tag = { .weak = strncmp(*at, "W/", 2) == 0 };
	const char *p = tag.weak ? *at + 2 : *at;

	if (*p++ != '"')
		return false;
	tag.text = p;
	while ((unsigned char)*p > 0x20 && *p != '"' && *p != 0x7f)
		p++;
	if (*p != '"')
		return false;
	tag.n = (size_t)(p - tag.text);
	*at = p + 1;
	*ret_tag = tag;
	return true;
}

/* Compares as RFC 9110 section 8.8.3.2: strong comparison wants two strong tags. */
static bool tag_equal(const struct tag *a, const struct tag *b, bool strong)
{
	return !(strong && (a->weak || b->weak)) && a->n == b->n &&
	       memcmp(a->text, b->text, a->n) == 0;
}

/*
 * Is the resource's tag in the list `value`? `*` holds all resources that exist.
 * Returns 1 or 0, -EINVAL for a malformed list, even if a tag before the fault would match.
 */
static int list_match(const char *value, const struct validator *validator, bool strong)
{
	const char *own = validator && validator->etag ? validator->etag : "";
	struct tag ours, tag;
	bool tagged = tag_parse(&own, &ours);
	bool found = false;
	size_t count = 0;

	if (value[strspn(value, " \t")] == '*') {
		value += strspn(value, " \t") + 1;
		return value[strspn(value, " \t")] ? -EINVAL : validator != NULL;
	}
	for (value += strspn(value, ", \t"); *value; value += strspn(value, ", \t")) {
		if (!tag_parse(&value, &tag))
			return -EINVAL;
		value += strspn(value, " \t");
		if (*value && *value != ',')
			return -EINVAL;
		found = found || (tagged && tag_equal(&ours, &tag, strong));
		count++;
	}
	return count > 0 ? found : -EINVAL;
}

bool http_date_parse(const char *text, time_t *ret_time)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
		"%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850: years 1969 to 2068 */
		"%a %b %d %H:%M:%S %Y",	     /* asctime() */
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);
		int day = tm.tm_mday, seconds = tm.tm_sec;
		time_t minute;

		if (!end || *end)
			continue;
		/* timegm() would turn a 30 February into a March day; a leap second is legal. */
		tm.tm_sec = 0;
		minute = timegm(&tm);
		if (tm.tm_mday != day)
			return false;
		*ret_time = minute + seconds;
		return true;
	}
	return false;
}

/* Steps 1 and 2 of RFC 9110 section 13.2.2. */
static bool is_expected(const struct conditions *conditions, const struct validator *validator)
{
	time_t date;

	if (conditions->if_match)
		return list_match(conditions->if_match, validator, true) > 0;
	if (conditions->if_unmodified_since && validator &&
	    http_date_parse(conditions->if_unmodified_since, &date))
		return validator->mtime <= date;
	return true;
}

/* Steps 3 and 4: does the client have this state already, or must it not be there? */
static bool is_known(const struct conditions *conditions, const struct validator *validator,
		     bool safe_method)
{
	time_t date;

	if (conditions->if_none_match) {
		int match = list_match(conditions->if_none_match, validator, false);

		return match < 0 ? !safe_method : match > 0;
	}
	if (conditions->if_modified_since && safe_method && validator &&
	    http_date_parse(conditions->if_modified_since, &date))
		return validator->mtime <= date;
	return false;
}

enum condition conditions_check(const struct conditions *conditions,
				const struct validator *validator, bool safe_method)
{
	if (!is_expected(conditions, validator))
		return CONDITION_FAILED;
	if (is_known(conditions, validator, safe_method))
		return safe_method ? CONDITION_NOT_MODIFIED : CONDITION_FAILED;
	return CONDITION_PASS;
}

bool if_range_holds(const struct conditions *conditions, const struct validator *validator)
{
	const char *own = validator->etag ? validator->etag : "";
	const char *value = conditions->if_range;
	struct tag ours, tag;

	if (!value)
		return true;
	return tag_parse(&own, &ours) && tag_parse(&value, &tag) && *value == '\0' &&
	       tag_equal(&ours, &tag, true);
}

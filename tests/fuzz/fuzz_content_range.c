/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <inttypes.h>

#include "httpd/range.h"

static void require_round_trip(const struct content_range *range)
{
	struct content_range again;
	char last[24] = "", total[24] = "*", text[100];
	const char *why;

	if (range->end_kind == CONTENT_END_STAR)
		snprintf(last, sizeof(last), "*");
	else if (range->end_kind == CONTENT_END_GIVEN)
		snprintf(last, sizeof(last), "%" PRIu64, range->last);
	if (range->total_kind == CONTENT_TOTAL_MINUS_ONE)
		snprintf(total, sizeof(total), "-1");
	else if (range->total_kind == CONTENT_TOTAL_GIVEN)
		snprintf(total, sizeof(total), "%" PRIu64, range->total);
	snprintf(text, sizeof(text), "bytes %" PRIu64 "-%s/%s", range->first, last, total);

	REQUIRE(content_range_parse(text, &again, &why) == 0);
	REQUIRE(again.first == range->first && again.last == range->last);
	REQUIRE(again.total == range->total && again.end_kind == range->end_kind);
	REQUIRE(again.total_kind == range->total_kind);
}

static void require_check(const struct content_range *range, int64_t body, uint64_t size)
{
	struct byte_range place;
	const char *why = NULL;
	int ret = content_range_check(range, body, size, &place, &why);

	REQUIRE(ret == 0 || ((ret == -EINVAL || ret == -ERANGE) && why));
	if (ret < 0)
		return;
	REQUIRE(place.first == range->first && place.first <= size);
	REQUIRE(byte_range_length(&place) <= size - place.first);
	REQUIRE(body < 0 || byte_range_length(&place) == (uint64_t)body);
	REQUIRE(body >= 0 || place.last == range->last);
}

/* The input: two bytes each that make the size of an image and of a body, a header value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct content_range range;
	const char *why = NULL;
	uint64_t image;
	int64_t body;
	char *value;

	if (size < 4)
		return 0;
	image = (uint64_t)data[0] << (data[1] % 55);
	body = (int64_t)((uint64_t)data[2] << (data[3] % 55));
	value = fuzz_text(data + 4, size - 4);
	if (content_range_parse(value, &range, &why) == 0) {
		require_round_trip(&range);
		require_check(&range, body, image);
		require_check(&range, -1, image);
		require_check(&range, (int64_t)(range.last - range.first + 1), image);
	} else {
		REQUIRE(why);
	}
	free(value);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "httpd/range.h"

static void require_inside(const struct range_spec *spec, uint64_t size)
{
	struct byte_range range, exact;
	int ret = range_resolve(spec, size, &range);
	int ret_exact = range_resolve_exact(spec, size, &exact);

	REQUIRE(spec->form != RANGE_CLOSED || spec->first <= spec->last);
	REQUIRE(ret == 0 || (ret == -ERANGE && ret_exact == -ERANGE));
	if (ret == 0) {
		REQUIRE(range.first <= range.last && range.last < size);
		REQUIRE(spec->form == RANGE_SUFFIX || range.first == spec->first);
	}
	if (ret_exact == 0) {
		REQUIRE(exact.first == range.first && exact.last == range.last);
		REQUIRE(spec->form != RANGE_CLOSED || exact.last == spec->last);
		REQUIRE(spec->form != RANGE_SUFFIX || byte_range_length(&exact) == spec->last);
	}
}

/* The input: two bytes that make the size of an image, a header value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct range_set set;
	struct range_spec spec;
	unsigned int taken = 0;
	uint64_t image;
	char *value;
	int ret;

	if (size < 2)
		return 0;
	image = (uint64_t)data[0] << (data[1] % 55);
	value = fuzz_text(data + 2, size - 2);
	ret = range_parse(value, &set);
	REQUIRE(ret == 0 || ret == -EINVAL || ret == -EOPNOTSUPP || ret == -E2BIG);
	if (ret == 0) {
		REQUIRE(set.count >= 1 && set.count <= RANGE_MAX);
		for (; range_next(&set, &spec); taken++)
			require_inside(&spec, image);
		REQUIRE(taken == set.count);
		REQUIRE(!range_next(&set, &spec));
	}
	free(value);
	return 0;
}

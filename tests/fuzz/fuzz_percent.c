/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "uri/image_name.h"
#include "uri/percent.h"

static void require_round_trip(char *encoded, const char *text)
{
	size_t room = strlen(text) + 1;
	char *decoded = malloc(room);

	REQUIRE(encoded && decoded);
	REQUIRE(percent_decode(encoded, strlen(encoded), decoded, room) == (ssize_t)strlen(text));
	REQUIRE(strcmp(decoded, text) == 0);
	free(decoded);
	free(encoded);
}

static void require_decode(const char *in, size_t n)
{
	char *out = malloc(n + 1);
	ssize_t length;
	const char *why;

	REQUIRE(out);
	length = percent_decode(in, n, out, n + 1);
	REQUIRE(length <= (ssize_t)n && (length >= 0 || length == -EINVAL));
	if (length >= 0) {
		REQUIRE(out[length] == '\0');
		REQUIRE(percent_decode(in, n, out, (size_t)length) == -ENAMETOOLONG);
		REQUIRE(percent_decode(in, n, out, (size_t)length + 1) == length);
		if (image_name_check(out, (size_t)length, &why) == 0)
			REQUIRE(strlen(out) == (size_t)length && utf8_valid(out, (size_t)length));
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	require_round_trip(percent_encode(text), text);
	require_round_trip(percent_encode_path(text), text);
	require_decode(text, size);
	/* Valid text put together is valid. */
	if (utf8_valid(text, size / 2) && utf8_valid(text + size / 2, size - size / 2))
		REQUIRE(utf8_valid(text, size));
	free(text);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/percent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t percent_decode(const char *in, size_t n, char *out, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char c = in[i];

		if (c == '%') {
			int high, low;

			if (n - i <= 2)
				return -EINVAL;
			high = hex_value(in[i + 1]);
			low = hex_value(in[i + 2]);
			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (used == cap)
			return -ENAMETOOLONG;
		out[used++] = c;
	}
	if (used == cap)
		return -ENAMETOOLONG;
	out[used] = '\0';
	return (ssize_t)used;
}

/* Not isalnum(): that one depends on the locale. */
static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static char *encode(const char *in, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = malloc(3 * strlen(in) + 1);
	char *p = out;

	if (!out)
		return NULL;
	for (; *in; in++) {
		unsigned char c = (unsigned char)*in;

		if (is_unreserved(*in) || (keep_slash && *in == '/')) {
			*p++ = *in;
		} else {
			*p++ = '%';
			*p++ = digits[c >> 4];
			*p++ = digits[c & 15];
		}
	}
	*p = '\0';
	return out;
}

char *percent_encode(const char *in)
{
	return encode(in, false);
}

char *percent_encode_path(const char *in)
{
	return encode(in, true);
}

bool utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	const unsigned char *end = p + n;

	while (p < end) {
		unsigned char lead = *p++;
		/* Only the second byte of a sequence may have narrower bounds than these. */
		unsigned char low = 0x80, high = 0xbf;
		int more;

		if (lead < 0x80)
			continue;
		if (lead >= 0xc2 && lead <= 0xdf)
			more = 1;
		else if (lead >= 0xe0 && lead <= 0xef)
			more = 2;
		else if (lead >= 0xf0 && lead <= 0xf4)
			more = 3;
		else
			return false;

		if (lead == 0xe0)
			low = 0xa0;
		else if (lead == 0xed)
			high = 0x9f;
		else if (lead == 0xf0)
			low = 0x90;
		else if (lead == 0xf4)
			high = 0x8f;

		for (; more > 0; more--, p++) {
			if (p == end || *p < low || *p > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/image_name.h"

#include <errno.h>
#include <string.h>

#include "uri/percent.h"

#define VOLUME_NAME_MAX 64

static const char *piece_fault(const char *piece, size_t n)
{
	if (n == 0)
		return "an image name has no empty piece: no leading, trailing or double '/'";
	if (n > IMAGE_PIECE_MAX)
		return "a piece of an image name has at most 255 bytes";
	if (n == 1 && piece[0] == '.')
		return "an image name has no piece '.'";
	if (n == 2 && piece[0] == '.' && piece[1] == '.')
		return "an image name has no piece '..'";
	/* In URLs it separates the name from the operation. */
	if (n == 1 && piece[0] == '-')
		return "an image name has no piece '-'";
	return NULL;
}

static const char *name_fault(const char *name, size_t n)
{
	const char *end = name + n;

	if (n == 0)
		return "the image name is empty";
	if (n > IMAGE_NAME_MAX)
		return "an image name has at most 1024 bytes";
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c < 0x20 || c == 0x7f)
			return "an image name has no control characters";
	}
	if (!utf8_valid(name, n))
		return "an image name is valid UTF-8";
	if (n >= strlen(IMAGE_NAME_RESERVED) &&
	    memcmp(name, IMAGE_NAME_RESERVED, strlen(IMAGE_NAME_RESERVED)) == 0)
		return "names that begin with '" IMAGE_NAME_RESERVED "' are reserved";

	for (;;) {
		const char *slash = memchr(name, '/', (size_t)(end - name));
		const char *why = piece_fault(name, (size_t)((slash ? slash : end) - name));

		if (why || !slash)
			return why;
		name = slash + 1;
	}
}

int image_name_check(const char *name, size_t n, const char **ret_why)
{
	const char *why = name_fault(name, n);

	if (!why)
		return 0;
	*ret_why = why;
	return -EINVAL;
}

bool volume_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_.-";
	size_t n = strlen(name);

	return n >= 1 && n <= VOLUME_NAME_MAX && name[0] != '.' && name[0] != '-' &&
	       strspn(name, allowed) == n;
}

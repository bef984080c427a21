/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef URI_PERCENT_H
#define URI_PERCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * percent_decode() - undo percent coding, exactly once (RFC 3986 section 2.1)
 * @in: text to decode, need not end with NUL
 * @n: its length in bytes
 * @out: gets the decoded bytes and a closing NUL; may be @in itself; undefined after an error
 * @cap: room in @out in bytes, the closing NUL included
 *
 * A '+' stays a '+'. The result may itself contain NUL: compare the returned length with strlen().
 * Any thread.
 *
 * Return: decoded length without the closing NUL, -EINVAL for a '%' not followed by two hex digits,
 * -ENAMETOOLONG when @cap is too small.
 */
ssize_t percent_decode(const char *in, size_t n, char *out, size_t cap);

/**
 * percent_encode() - encode every byte outside the unreserved set of RFC 3986 section 2.3
 * @in: text, borrowed
 *
 * '/' becomes %2F, so that the result is one path segment. Any thread.
 *
 * Return: new text, given to the caller (free), NULL without memory.
 */
char *percent_encode(const char *in);

/**
 * percent_encode_path() - like percent_encode(), but '/' stays a '/'
 * @in: text, borrowed
 *
 * Return: new text, given to the caller (free), NULL without memory.
 */
char *percent_encode_path(const char *in);

/**
 * utf8_valid() - is this well-formed UTF-8 (Unicode table 3-7)?
 * @s: bytes, borrowed; NUL is a character like any other
 * @n: how many
 *
 * Overlong forms, surrogates and code points above U+10FFFF are not. Any thread.
 */
bool utf8_valid(const char *s, size_t n);

#endif

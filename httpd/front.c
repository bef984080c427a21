/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/front.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Headers that mean one thing only once. */
static const char *const singles[] = {
	"Host",
	"Content-Length",
	"Transfer-Encoding",
	"Range",
	"Content-Range",
	"Expect",
	"If-Match",
	"If-None-Match",
	"If-Range",
	"If-Modified-Since",
	"Content-Type",
	"If-Unmodified-Since",
};

#define N_SINGLES (sizeof(singles) / sizeof(singles[0]))

struct check {
	struct front front;
	unsigned seen; /* bit for each of singles[] */
	bool chunked;
	const char *why;
};

/* RFC 9110 section 5.6.2 */
static bool is_token(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("!#$%&'*+-.^_`|~", text[i]))
			return false;
	return length > 0;
}

static bool has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return true;
	return false;
}

/* Whether nothing but optional white space (RFC 9110 section 5.6.3) is left of @text. */
static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t")];
}

/* Digits only: strtoll alone would take blanks, signs and rubbish behind. */
static bool parse_length(const char *text, int64_t *ret_length)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || !is_blank(text + digits))
		return false;
	errno = 0;
	*ret_length = strtoll(text, NULL, 10);
	return errno == 0;
}

static void check_single(struct check *check, const char *name)
{
	for (size_t i = 0; i < N_SINGLES; i++) {
		if (strcasecmp(name, singles[i]) != 0)
			continue;
		if (check->seen & (1u << i))
			check->why = "a header that may be given once is given twice";
		check->seen |= 1u << i;
	}
}

static void check_framing(struct check *check, const char *name, const char *value)
{
	if (!strcasecmp(name, "Content-Length")) {
		if (!parse_length(value, &check->front.content_length))
			check->why = "Content-Length is not a number of bytes";
	} else if (!strcasecmp(name, "Transfer-Encoding")) {
		check->chunked = true;
		if (strncasecmp(value, "chunked", 7) != 0 || !is_blank(value + 7))
			check->why = "Transfer-Encoding is not \"chunked\"";
	} else if (!strcasecmp(name, "Expect")) {
		check->front.expects_continue = !strncasecmp(value, "100-continue", 12) &&
						is_blank(value + 12);
	} else if (!strcasecmp(name, "Host")) {
		if (value[strcspn(value, " \t/?#@\\")])
			check->why = "Host is no host and port";
	} else if (!strcasecmp(name, "X-Request-Id")) {
		check->front.request_id = value;
	}
}

static enum MHD_Result check_header(void *cls, enum MHD_ValueKind kind, const char *name,
				    size_t name_length, const char *value, size_t value_length)
{
	struct check *check = cls;

	(void)kind;
	if (!value)
		value = "";
	if (!is_token(name, name_length))
		check->why = "the name of a header is no token";
	else if (has_control(value, value_length))
		check->why = "the value of a header has a control character";
	else
		check_single(check, name);
	if (!check->why)
		check_framing(check, name, value);
	return check->why ? MHD_NO : MHD_YES;
}

const char *front_check(struct MHD_Connection *connection, struct front *ret_front)
{
	struct check check = { .why = NULL };

	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, check_header, &check);
	if (!check.why && check.chunked && (check.seen & (1u << 1)))
		check.why = "Content-Length and Transfer-Encoding exclude each other";
	if (check.why)
		return check.why;
	if (check.chunked)
		check.front.content_length = -1;
	check.front.has_body = check.front.content_length != 0;
	*ret_front = check.front;
	return NULL;
}

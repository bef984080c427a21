/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All lines go through one buffer under one mutex, and the buffer goes to standard error in one
 * write(2). So lines of different threads never mix, and an error line comes after the access lines
 * that preceded it.
 *
 * A line is rendered straight into the free part of the buffer. When it does not fit, the buffer is
 * written and the line is rendered again into the empty one, which holds the longest possible line:
 * every string is cut at FIELD_MAX.
 */
#include "httpd/log.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "block/lock.h"
#include "uri/percent.h"

#define BUFFER_SIZE (64 * 1024)
#define FIELD_MAX   4096
#define TIME_SIZE   sizeof("2000-01-01T00:00:00.000Z")

/* A bounded piece of text in the making. Once something did not fit, nothing more is added. */
struct text {
	char *at;
	char *end;
	bool full;
};

typedef void render_fn(struct text *out, const void *subject);

struct message {
	enum log_level level;
	const char *text;
};

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },   [LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_NOTICE] = { "notice", 5 }, [LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

/* Constant after log_init(). */
static enum log_format log_format = LOG_FORMAT_TEXT;
static enum log_level log_level = LOG_LEVEL_INFO;
static bool to_journal;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* Under the mutex. */
static char buffer[BUFFER_SIZE];
static size_t used;

/* Children inherit it even with another stderr, so only a match counts (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

void log_init(enum log_format format, enum log_level level)
{
	log_format = format;
	log_level = level;
	to_journal = stderr_is_journal();
}

static void text_add(struct text *out, const char *bytes, size_t length)
{
	if (out->full || length > (size_t)(out->end - out->at)) {
		out->full = true;
		return;
	}
	memcpy(out->at, bytes, length);
	out->at += length;
}

static void text_add_string(struct text *out, const char *string)
{
	text_add(out, string, strlen(string));
}

__attribute__((format(printf, 2, 3))) static void text_printf(struct text *out, const char *format,
							      ...)
{
	char piece[160];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	if (length > 0)
		text_add(out, piece, strnlen(piece, sizeof(piece)));
}

/*
 * The length of the character at s if a log may show it as it is, else 0: control characters (C0,
 * DEL, C1), the Unicode line and paragraph separators, and whatever is not UTF-8 (RFC 3629) could
 * forge lines or drive a terminal.
 */
static size_t shown_length(const unsigned char *s)
{
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (strnlen((const char *)s, length) < length || !utf8_valid((const char *)s, length))
		return 0;
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 0;
	return memcmp(s, "\xe2\x80\xa8", 3) == 0 || memcmp(s, "\xe2\x80\xa9", 3) == 0 ? 0 : length;
}

/* Adds a string, at most FIELD_MAX bytes of it, with everything that is not plain text as \xHH. */
static void text_add_escaped(struct text *out, const char *string, bool escape_quotes)
{
	const unsigned char *s = (const unsigned char *)string;
	size_t budget = FIELD_MAX - strlen("...");
	size_t length, cost;
	char hex[5];

	for (; *s; s += length, budget -= cost) {
		length = shown_length(s);
		if (*s == '\\' || (*s == '"' && escape_quotes))
			length = 0;
		cost = length ? length : 4;
		if (cost > budget) {
			text_add_string(out, "...");
			return;
		}
		if (length) {
			text_add(out, (const char *)s, length);
			continue;
		}
		snprintf(hex, sizeof(hex), "\\x%02x", *s);
		text_add(out, hex, 4);
		length = 1;
	}
}

static void format_time(char time_text[static TIME_SIZE])
{
	struct timespec now;
	struct tm tm;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	length = strftime(time_text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(time_text + length, TIME_SIZE - length, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void text_add_prefix(struct text *out, enum log_level level)
{
	char time_text[TIME_SIZE];

	if (to_journal) {
		text_printf(out, "<%d>", levels[level].priority);
		return;
	}
	format_time(time_text);
	text_printf(out, "%s %s: ", time_text, levels[level].name);
}

static void render_message(struct text *out, const void *subject)
{
	const struct message *message = subject;

	text_add_prefix(out, message->level);
	text_add_escaped(out, message->text, false);
	text_add_string(out, "\n");
}

static void text_add_field(struct text *out, const char *key, const char *value)
{
	if (!value)
		return;
	text_printf(out, " %s=\"", key);
	text_add_escaped(out, value, true);
	text_add_string(out, "\"");
}

static void text_add_ms(struct text *out, const char *key, uint64_t us)
{
	text_printf(out, " %s=%" PRIu64 ".%03u", key, us / 1000, (unsigned int)(us % 1000));
}

static void render_access(struct text *out, const void *subject)
{
	const struct access_record *record = subject;

	text_add_prefix(out, LOG_LEVEL_INFO);
	text_printf(out, "access status=%u", record->status);
	text_add_field(out, "id", record->id);
	text_add_field(out, "operation", record->operation);
	text_add_field(out, "method", record->method);
	text_add_field(out, "target", record->target);
	text_add_field(out, "volume", record->volume);
	text_add_field(out, "image", record->image);
	text_add_field(out, "client", record->client);
	text_add_field(out, "outcome", record->outcome);
	if (record->has_range)
		text_printf(out, " offset=%" PRIu64 " length=%" PRIu64, record->offset,
			    record->length);
	text_printf(out, " bytes_in=%" PRIu64, record->bytes_in);
	text_printf(out, " bytes_out=%" PRIu64, record->bytes_out);
	text_add_ms(out, "queue_ms", record->queue_us);
	text_add_ms(out, "gluster_ms", record->gluster_us);
	text_add_ms(out, "total_ms", record->total_us);
	text_add_string(out, "\n");
}

static json_t *json_line_new(enum log_level level)
{
	char time_text[TIME_SIZE];

	format_time(time_text);
	return json_pack("{s:s, s:s}", "time", time_text, "level", levels[level].name);
}

/* The setters report nothing: for want of memory a member is left out, not the line. */
static void json_set_text(json_t *line, const char *key, const char *value)
{
	char escaped[FIELD_MAX];
	struct text out = { .at = escaped, .end = escaped + sizeof(escaped) };

	if (!value)
		return;
	text_add_escaped(&out, value, false);
	json_object_set_new(line, key, json_stringn(escaped, (size_t)(out.at - escaped)));
}

static void json_set_integer(json_t *line, const char *key, uint64_t value)
{
	json_object_set_new(line, key, json_integer((json_int_t)value));
}

static void json_set_ms(json_t *line, const char *key, uint64_t us)
{
	json_object_set_new(line, key, json_real((double)us / 1000));
}

/* Takes the line. */
static void text_add_json(struct text *out, json_t *line)
{
	/* Twelve digits show microseconds as they are; the default 17 show binary noise. */
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(12);
	size_t space = (size_t)(out->end - out->at);
	size_t length = line ? json_dumpb(line, out->at, space, flags) : 0;

	json_decref(line);
	if (length == 0) {
		text_add_string(out, "{\"level\":\"error\",\"message\":\"out of memory\"}\n");
		return;
	}
	if (length > space) {
		out->full = true;
		return;
	}
	out->at += length;
	text_add_string(out, "\n");
}

static void render_message_json(struct text *out, const void *subject)
{
	const struct message *message = subject;
	json_t *line = json_line_new(message->level);

	json_set_text(line, "message", message->text);
	text_add_json(out, line);
}

static void render_access_json(struct text *out, const void *subject)
{
	const struct access_record *record = subject;
	json_t *line = json_line_new(LOG_LEVEL_INFO);

	json_set_text(line, "message", "access");
	json_set_integer(line, "status", record->status);
	json_set_text(line, "id", record->id);
	json_set_text(line, "operation", record->operation);
	json_set_text(line, "method", record->method);
	json_set_text(line, "target", record->target);
	json_set_text(line, "volume", record->volume);
	json_set_text(line, "image", record->image);
	json_set_text(line, "client", record->client);
	json_set_text(line, "outcome", record->outcome);
	if (record->has_range) {
		json_set_integer(line, "offset", record->offset);
		json_set_integer(line, "length", record->length);
	}
	json_set_integer(line, "bytes_in", record->bytes_in);
	json_set_integer(line, "bytes_out", record->bytes_out);
	json_set_ms(line, "queue_ms", record->queue_us);
	json_set_ms(line, "gluster_ms", record->gluster_us);
	json_set_ms(line, "total_ms", record->total_us);
	text_add_json(out, line);
}

/* A log that cannot be written has nowhere to complain: what is left is dropped. */
static void flush_locked(void)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t done = 0;
	ssize_t n;

	while (done < used) {
		n = write(STDERR_FILENO, buffer + done, used - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN) /* others share the pipe or terminal */
			poll(&pfd, 1, -1);
		else if (n == 0 || errno != EINTR)
			break;
	}
	used = 0;
}

static bool append_locked(render_fn *render, const void *subject)
{
	struct text out = { .at = buffer + used, .end = buffer + sizeof(buffer) };

	render(&out, subject);
	if (!out.full)
		used = (size_t)(out.at - buffer);
	return !out.full;
}

static void emit(render_fn *render, const void *subject, bool at_once)
{
	int saved = errno;
	SCOPED_LOCK(&mutex);

	if (!append_locked(render, subject)) {
		flush_locked();
		append_locked(render, subject);
	}
	if (at_once)
		flush_locked();
	errno = saved;
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[FIELD_MAX + 1];
	struct message message = { .level = level, .text = text };
	va_list args;

	if (level > log_level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit(log_format == LOG_FORMAT_JSON ? render_message_json : render_message, &message, true);
}

void log_access(const struct access_record *record)
{
	if (LOG_LEVEL_INFO > log_level)
		return;
	emit(log_format == LOG_FORMAT_JSON ? render_access_json : render_access, record, false);
}

void log_flush(void)
{
	int saved = errno;
	SCOPED_LOCK(&mutex);

	flush_locked();
	errno = saved;
}

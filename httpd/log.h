/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_LOG_H
#define HTTPD_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The process log and the access log, both on standard error. Any thread may call every function
 * but log_init().
 */

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
};

/*
 * One finished request. All strings are borrowed for the call, may come from a client unchecked,
 * and may be NULL: the member is then left out of the line.
 */
struct access_record {
	const char *id;	       /* X-Request-Id */
	const char *operation; /* operationId */
	const char *method;
	const char *target; /* raw request target */
	const char *volume;
	const char *image;
	const char *client;  /* peer address */
	const char *outcome; /* how it ended: done, aborted, ... */
	unsigned int status;
	bool has_range; /* offset and length apply */
	uint64_t offset, length;
	uint64_t bytes_in, bytes_out;
	uint64_t queue_us;   /* waiting for a buffer, a lock or a worker */
	uint64_t gluster_us; /* inside gluster */
	uint64_t total_us;   /* first byte of the request to last byte of the answer */
};

/*
 * log_init() - choose the form of the log and the least urgent level that is written
 *
 * To be called once, before there is a second thread. Without it: text, info. Text lines begin with
 * `<N>` (sd-daemon(3)) when JOURNAL_STREAM says that standard error is the journal, else with the
 * time.
 */
void log_init(enum log_format format, enum log_level level);

/*
 * log_line() - write one line at once, after what log_access() has buffered
 * @format: as for printf; control bytes, backslashes and invalid UTF-8 in the result come out as
 *          \xHH, a result over 4 KiB is cut and ends in "..."
 *
 * Keeps errno, so that `%m` works in two calls in a row.
 */
__attribute__((format(printf, 2, 3))) void log_line(enum log_level level, const char *format, ...);

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * log_access() - add the line of one request to the log (level info)
 *
 * Buffered until 64 KiB are full, another line is logged, or log_flush(). Strings are escaped as in
 * log_line(), and quotes too in text form. Allocates nothing in text form.
 */
void log_access(const struct access_record *record);

/*
 * log_flush() - write what log_access() has buffered
 */
void log_flush(void);

#endif

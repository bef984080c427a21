/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small producer of TAP (Test Anything Protocol) for test programs of one source file: checks
 * print `ok` or `not ok` lines on stdout, tap_end() prints the plan. Any thread may check.
 */
#ifndef TESTS_LIB_TAP_H
#define TESTS_LIB_TAP_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* All three are true when the check passed; what follows the values is a printf format. */
#define OK(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define IS_INT(got, want, ...)                                                                     \
	tap_is_int((long long)(got), (long long)(want), __FILE__, __LINE__, __VA_ARGS__)
#define IS_STR(got, want, ...) tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)

#define TAP_FN(fmt_index) __attribute__((unused, format(printf, fmt_index, fmt_index + 1)))
#define TAP_VFN		  __attribute__((format(printf, 4, 0)))

static pthread_mutex_t tap_lock = PTHREAD_MUTEX_INITIALIZER;
static int tap_count;
static int tap_failures;

/* Prints one result line, in plain ASCII: '#' would start a directive, a line break end it. */
TAP_VFN static inline void tap_result_locked(bool pass, const char *file, int line, const char *fmt,
					     va_list args)
{
	char text[400];

	vsnprintf(text, sizeof(text), fmt, args);
	for (char *p = text; *p; p++) {
		if (*p < ' ' || *p > '~' || *p == '#' || *p == '\\')
			*p = '?';
	}
	tap_count++;
	printf("%s %d - %s\n", pass ? "ok" : "not ok", tap_count, text);
	if (!pass) {
		tap_failures++;
		printf("#   failed at %s:%d\n", file, line);
	}
}

TAP_FN(4)
static bool tap_ok(bool pass, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	pthread_mutex_lock(&tap_lock);
	tap_result_locked(pass, file, line, fmt, args);
	fflush(stdout);
	pthread_mutex_unlock(&tap_lock);
	va_end(args);
	return pass;
}

TAP_FN(5)
static bool tap_is_int(long long got, long long want, const char *file, int line, const char *fmt,
		       ...)
{
	va_list args;

	va_start(args, fmt);
	pthread_mutex_lock(&tap_lock);
	tap_result_locked(got == want, file, line, fmt, args);
	if (got != want)
		printf("#   got %lld, want %lld\n", got, want);
	fflush(stdout);
	pthread_mutex_unlock(&tap_lock);
	va_end(args);
	return got == want;
}

/* NULL equals NULL only. */
TAP_FN(5)
static bool tap_is_str(const char *got, const char *want, const char *file, int line,
		       const char *fmt, ...)
{
	bool pass = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;

	va_start(args, fmt);
	pthread_mutex_lock(&tap_lock);
	tap_result_locked(pass, file, line, fmt, args);
	if (!pass)
		printf("#   got  [%s]\n#   want [%s]\n", got ? got : "(null)",
		       want ? want : "(null)");
	fflush(stdout);
	pthread_mutex_unlock(&tap_lock);
	va_end(args);
	return pass;
}

/* Prints the plan; returns the exit status: 0 only if at least one check ran and none failed. */
static inline int tap_end(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	return tap_count > 0 && tap_failures == 0 ? 0 : 1;
}

/* For a test that cannot run here: `return tap_skip_all("why");` before any check. Returns 0. */
static inline int tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	fflush(stdout);
	return 0;
}

#endif

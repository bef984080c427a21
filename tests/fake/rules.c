/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault rules and the trace of calls.
 *
 * $GLFS_FAKE_RULES names a file with one rule a line, words KEY=VALUE:
 *   which calls:  op=NAME or op=*   path=NAME   offset=N (the call's range covers byte N)
 *                 nth=N (only the Nth matching call)   count=N (at most N of them)
 *   what happens: errno=NAME   delay_ms=N   short=N (at most N bytes)   submit=1 (the error is
 *                 the submission's)   inline=1   reorder=1   hold=1 (until the rule is gone)
 * All rules that match a call apply. The file is read again, and the counting starts again, when
 * it has changed; write it under another name and rename it. $GLFS_FAKE_TRACE names a file that
 * gets one line per call: op sync|async offset length -|dsync path.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/fake/fake.h"

#define RULES_MAX 64
#define ERRNO_MAX 133

struct rule {
	char op[32];
	char path[256]; /* empty: any */
	off_t offset;	/* -1: any */
	long nth;
	long count; /* -1: no limit */
	long seen;
	struct fake_verdict verdict;
};

static struct {
	pthread_mutex_t lock;
	struct rule rules[RULES_MAX];
	int count;
	struct timespec mtime;
	ino_t ino;
	int trace; /* descriptor; 0: not opened yet, -1: none */
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

void fake_die(const char *format, ...)
{
	va_list args;

	fputs("fake gluster: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

int64_t fake_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

void fake_sleep_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static int errno_by_name(const char *name)
{
	for (int e = 1; e <= ERRNO_MAX; e++) {
		const char *known = strerrorname_np(e);

		if (known && !strcmp(known, name))
			return e;
	}
	fake_die("unknown errno %s in a rule", name);
}

static void rule_set(struct rule *rule, const char *key, const char *value)
{
	struct fake_verdict *verdict = &rule->verdict;
	long number = strtol(value, NULL, 0);

	if (!strcmp(key, "op"))
		snprintf(rule->op, sizeof(rule->op), "%s", value);
	else if (!strcmp(key, "path"))
		snprintf(rule->path, sizeof(rule->path), "%s", value);
	else if (!strcmp(key, "offset"))
		rule->offset = number;
	else if (!strcmp(key, "nth"))
		rule->nth = number;
	else if (!strcmp(key, "count"))
		rule->count = number;
	else if (!strcmp(key, "errno"))
		verdict->error = errno_by_name(value);
	else if (!strcmp(key, "delay_ms"))
		verdict->delay_ms = number;
	else if (!strcmp(key, "short"))
		verdict->limit = number;
	else if (!strcmp(key, "submit"))
		verdict->submit = number;
	else if (!strcmp(key, "inline"))
		verdict->inlined = number;
	else if (!strcmp(key, "reorder"))
		verdict->reorder = number;
	else if (!strcmp(key, "hold"))
		verdict->hold = number;
	else
		fake_die("unknown word %s= in a rule", key);
}

static bool rule_parse(struct rule *rule, char *line)
{
	char *word;

	*rule = (struct rule){ .offset = -1, .count = -1, .verdict.limit = -1 };
	line[strcspn(line, "\n")] = '\0';
	while ((word = strsep(&line, " \t"))) {
		char *value = strchr(word, '=');

		if (!*word)
			continue;
		if (!value)
			fake_die("word %s without = in a rule", word);
		*value++ = '\0';
		rule_set(rule, word, value);
	}
	if (rule->nth && rule->count < 0)
		rule->count = 1;
	return rule->op[0];
}

static void reload_locked(void)
{
	const char *path = getenv("GLFS_FAKE_RULES");
	struct stat st = { 0 };
	char line[512];
	FILE *file;

	if (!path)
		return;
	if (stat(path, &st))
		st = (struct stat){ 0 };
	if (st.st_ino == state.ino && st.st_mtim.tv_sec == state.mtime.tv_sec &&
	    st.st_mtim.tv_nsec == state.mtime.tv_nsec)
		return;
	state.ino = st.st_ino;
	state.mtime = st.st_mtim;
	state.count = 0;
	file = fopen(path, "re");
	if (!file)
		return;
	while (state.count < RULES_MAX && fgets(line, sizeof(line), file))
		state.count += rule_parse(&state.rules[state.count], line);
	fclose(file);
}

static void trace_locked(const struct fake_call *call)
{
	char line[4352];
	int len;

	if (!state.trace) {
		const char *path = getenv("GLFS_FAKE_TRACE");

		state.trace = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) :
				     -1;
	}
	if (state.trace < 0)
		return;
	len = snprintf(line, sizeof(line), "%s %s %lld %lld %s %s\n", call->op,
		       call->async ? "async" : "sync", (long long)call->offset,
		       (long long)call->length, call->dsync ? "dsync" : "-", call->path);
	if (len < 0 || (size_t)len >= sizeof(line) || write(state.trace, line, (size_t)len) != len)
		fake_die("cannot write the trace: %m");
}

static bool rule_matches(const struct rule *rule, const struct fake_call *call)
{
	if (strcmp(rule->op, "*") && strcmp(rule->op, call->op))
		return false;
	if (rule->path[0] && strcmp(rule->path, call->path))
		return false;
	return rule->offset < 0 ||
	       (rule->offset >= call->offset && rule->offset - call->offset < call->length);
}

/* Counting starts with the first match, whether the rule then applies or not. */
static bool rule_applies_locked(struct rule *rule, const struct fake_call *call)
{
	long first = rule->nth ? rule->nth : 1;

	if (!rule_matches(rule, call))
		return false;
	rule->seen++;
	return rule->seen >= first && (rule->count < 0 || rule->seen < first + rule->count);
}

static void verdict_add(struct fake_verdict *sum, const struct fake_verdict *one)
{
	if (one->error)
		sum->error = one->error;
	if (one->limit >= 0)
		sum->limit = one->limit;
	sum->delay_ms += one->delay_ms;
	sum->submit |= one->submit;
	sum->inlined |= one->inlined;
	sum->reorder |= one->reorder;
	sum->hold |= one->hold;
}

struct fake_verdict fake_judge(const struct fake_call *call)
{
	struct fake_verdict sum = { .limit = -1 };

	pthread_mutex_lock(&state.lock);
	reload_locked();
	trace_locked(call);
	for (int i = 0; i < state.count; i++) {
		if (rule_applies_locked(&state.rules[i], call))
			verdict_add(&sum, &state.rules[i].verdict);
	}
	pthread_mutex_unlock(&state.lock);
	return sum;
}

bool fake_held(const struct fake_call *call)
{
	bool held = false;

	pthread_mutex_lock(&state.lock);
	reload_locked();
	for (int i = 0; i < state.count; i++)
		held |= state.rules[i].verdict.hold && rule_matches(&state.rules[i], call);
	pthread_mutex_unlock(&state.lock);
	return held;
}

struct fake_verdict fake_judge_blocking(const struct fake_call *call)
{
	struct fake_verdict verdict;

	if (fake_in_callback())
		fake_die("blocking call %s from a completion callback", call->op);
	verdict = fake_judge(call);
	while (verdict.hold && fake_held(call))
		fake_sleep_ms(2);
	if (verdict.delay_ms)
		fake_sleep_ms(verdict.delay_ms);
	return verdict;
}

bool fake_refused(const struct fake_call *call)
{
	struct fake_verdict verdict = fake_judge_blocking(call);

	errno = verdict.error;
	return verdict.error;
}

struct fake_call fake_call_on(const char *op, const char *path)
{
	return (struct fake_call){ .op = op, .path = path + strspn(path, "/") };
}

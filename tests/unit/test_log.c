/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log as a reader of standard error sees it. Descriptor 2 is a file that each check empties. */
#include "httpd/log.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/tap.h"

#define MIB	   (1024 * 1024)
#define THREADS	   4
#define LINES_EACH 500

static int log_file;
static char seen[4 * MIB];

static void forget(void)
{
	if (ftruncate(log_file, 0) < 0 || lseek(log_file, 0, SEEK_SET) < 0)
		perror("forget");
}

/* What was written since forget(). */
static const char *see(void)
{
	ssize_t n = pread(log_file, seen, sizeof(seen) - 1, 0);

	seen[n > 0 ? n : 0] = '\0';
	return seen;
}

static const struct access_record plain = {
	.id = "r1",
	.operation = "readData",
	.method = "GET",
	.target = "/v1/volumes/vm/images/a/-/data",
	.volume = "vm",
	.image = "a",
	.client = "127.0.0.1:4000",
	.outcome = "done",
	.status = 206,
	.has_range = true,
	.offset = 512,
	.length = 4096,
	.bytes_in = 1,
	.bytes_out = 4096,
	.queue_us = 5,
	.gluster_us = 1234,
	.total_us = 2000000,
};

static void set_journal_stream(ino_t inode)
{
	char text[64];
	struct stat st;

	fstat(log_file, &st);
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)(inode ? inode : st.st_ino));
	setenv("JOURNAL_STREAM", text, 1);
}

static void check_prefix(void)
{
	const char *shape = "dddd-dd-ddTdd:dd:dd.dddZ";
	size_t length = 0;

	forget();
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_warning("volume \"%s\" is %d%% full", "vm", 97);
	see();
	while (shape[length] == (isdigit((unsigned char)seen[length]) ? 'd' : seen[length]))
		length++;
	IS_INT(length, 24, "a text line begins with the UTC time in milliseconds");
	IS_STR(seen + length, " warning: volume \"vm\" is 97% full\n", "then level and message");

	set_journal_stream(1);
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	log_error("x");
	OK(see()[0] == '2', "another JOURNAL_STREAM changes nothing");

	set_journal_stream(0);
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG);
	forget();
	log_error("a");
	log_warning("b");
	log_notice("c");
	log_info("d");
	log_debug("e");
	IS_STR(see(), "<3>a\n<4>b\n<5>c\n<6>d\n<7>e\n", "to the journal: priorities, no time");
}

static void check_levels(void)
{
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_NOTICE);
	forget();
	log_info("no");
	log_debug("no");
	log_access(&plain);
	log_notice("yes");
	IS_STR(see(), "<5>yes\n", "less urgent lines and access lines are left out");
}

static void check_escapes(void)
{
	static const struct {
		const char *text, *shown, *what;
	} rows[] = {
		{ "a\nb\r\t\x1b[0m\x7f", "a\\x0ab\\x0d\\x09\\x1b[0m\\x7f", "control bytes" },
		{ "a\\n", "a\\x5cn", "backslash" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe",
		  "UTF-8 stays" },
		{ "\xff\xfe", "\\xff\\xfe", "never UTF-8" },
		{ "\xc3", "\\xc3", "cut sequence" },
		{ "\xc0\xaf", "\\xc0\\xaf", "overlong" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "overlong, three bytes" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "surrogate" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "past U+10FFFF" },
		{ "\xc2\x9b", "\\xc2\\x9b", "C1 control" },
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8", "line separator" },
	};
	char want[200];

	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forget();
		log_notice("%s", rows[i].text);
		snprintf(want, sizeof(want), "<5>%s\n", rows[i].shown);
		IS_STR(see(), want, "escape: %s", rows[i].what);
	}
}

static void check_access_text(void)
{
	struct access_record record = plain;

	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	log_access(&record);
	IS_STR(see(), "", "an access line is buffered");
	log_flush();
	IS_STR(see(),
	       "<6>access status=206 id=\"r1\" operation=\"readData\" method=\"GET\""
	       " target=\"/v1/volumes/vm/images/a/-/data\" volume=\"vm\" image=\"a\""
	       " client=\"127.0.0.1:4000\" outcome=\"done\" offset=512 length=4096"
	       " bytes_in=1 bytes_out=4096 queue_ms=0.005 gluster_ms=1.234 total_ms=2000.000\n",
	       "its text form");

	record = (struct access_record){
		.status = 400,
		.target = "/\" status=200 x=\"\n<0>forged",
	};
	forget();
	log_access(&record);
	log_error("next");
	IS_STR(see(),
	       "<6>access status=400 target=\"/\\x22 status=200 x=\\x22\\x0a<0>forged\""
	       " bytes_in=0 bytes_out=0 queue_ms=0.000 gluster_ms=0.000 total_ms=0.000\n"
	       "<3>next\n",
	       "quotes and line breaks are harmless, NULL is left out, an error line comes after");
}

static void check_json(void)
{
	struct access_record record = plain;
	json_t *line;

	log_init(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	forget();
	log_error("a \"b\"\n\xff");
	line = json_loads(see(), 0, NULL);
	IS_STR(json_string_value(json_object_get(line, "message")), "a \"b\"\\x0a\\xff", "message");
	IS_STR(json_string_value(json_object_get(line, "level")), "error", "level");
	IS_INT(json_string_length(json_object_get(line, "time")), 24, "time");
	json_decref(line);

	record.image = NULL;
	record.target = "/\xc3\xa9\xff";
	forget();
	log_access(&record);
	log_flush();
	line = json_loads(see(), 0, NULL);
	IS_STR(json_string_value(json_object_get(line, "operation")), "readData", "operation");
	IS_STR(json_string_value(json_object_get(line, "target")), "/\xc3\xa9\\xff", "target");
	IS_INT(json_integer_value(json_object_get(line, "status")), 206, "status");
	IS_INT(json_integer_value(json_object_get(line, "length")), 4096, "length");
	OK(strstr(see(), "\"gluster_ms\":1.234,"), "milliseconds without binary noise");
	OK(!json_object_get(line, "image"), "no member for NULL");
	OK(strchr(see(), '\n') == see() + strlen(see()) - 1, "one line");
	json_decref(line);
}

static void check_long_lines(void)
{
	static char longest[2 * 4096], nasty[2 * 4096];
	struct access_record record = plain;
	size_t length;

	memset(longest, 'a', sizeof(longest) - 1);
	memset(nasty, 0xff, sizeof(nasty) - 1);
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	log_error("%s", longest);
	length = strlen(see());
	IS_INT(length, strlen("<3>") + 4096 + 1, "a long message is cut");
	IS_STR(see() + length - 5, "a...\n", "and says so");

	record.id = record.operation = record.method = record.target = nasty;
	record.volume = record.image = record.client = record.outcome = nasty;
	for (enum log_format format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
		log_init(format, LOG_LEVEL_INFO);
		forget();
		log_access(&plain);
		for (int i = 0; i < 3; i++)
			log_access(&record);
		log_flush();
		length = 0;
		for (const char *p = see(); (p = strchr(p, '\n')); p++)
			length++;
		IS_INT(length, 4, "lines of the greatest length come whole (format %d)", format);
	}
}

static void check_full_buffer(void)
{
	size_t length;

	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	for (int i = 0; i < 1000; i++)
		log_access(&plain);
	length = strlen(see());
	OK(length > 0 && seen[length - 1] == '\n', "a full buffer is written in whole lines");
	log_flush();
	length = 0;
	for (const char *p = see(); (p = strchr(p, '\n')); p++)
		length++;
	IS_INT(length, 1000, "no line is lost");
}

static void *chat(void *arg)
{
	for (int i = 0; i < LINES_EACH; i++) {
		if (i % 2)
			log_access(&plain);
		else
			log_notice("thread %d says that this is line %d", *(int *)arg, i);
	}
	return NULL;
}

static void check_threads(void)
{
	pthread_t threads[THREADS];
	int ids[THREADS], lines = 0, odd = 0;
	char *rest = seen, *line;

	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	for (int i = 0; i < THREADS; i++) {
		ids[i] = i;
		pthread_create(&threads[i], NULL, chat, &ids[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	log_flush();
	see();
	while ((line = strsep(&rest, "\n")) && rest) {
		lines++;
		odd += strncmp(line, "<5>thread ", 10) != 0 &&
		       (strncmp(line, "<6>access ", 10) != 0 || !strstr(line, "total_ms=2000.000"));
	}
	IS_INT(lines, THREADS * LINES_EACH, "all lines of all threads");
	IS_INT(odd, 0, "and none is mixed up");
}

static void check_errno(void)
{
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	forget();
	errno = ENOSPC;
	log_error("%m");
	OK(errno == ENOSPC && strncmp(see(), "<3>No space", 11) == 0, "errno is read and kept");
}

int main(void)
{
	FILE *file = tmpfile();

	if (!file || dup2(fileno(file), STDERR_FILENO) < 0)
		return 1;
	log_file = STDERR_FILENO;
	unsetenv("JOURNAL_STREAM");
	check_prefix();
	check_levels();
	check_escapes();
	check_access_text();
	check_json();
	check_long_lines();
	check_full_buffer();
	check_threads();
	check_errno();
	fclose(file);
	return tap_end();
}

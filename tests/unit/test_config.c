/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/tap.h"

#define ARGS_MAX 16
#define VM	 "--volume", "vm=gluster://h/v"

static char file_path[] = "/tmp/test_config.XXXXXX";
static char error[CONFIG_ERROR_SIZE];
static struct config *config;

/* Loads with these flags, NULL-terminated. */
static enum config_action load(const char *const *flags)
{
	const char *argv[ARGS_MAX] = { "gluster-imaged" };
	int argc = 1;

	for (; flags[argc - 1]; argc++)
		argv[argc] = flags[argc - 1];
	config_free(config);
	config = NULL;
	error[0] = '\0';
	return config_load(argc, (char *const *)argv, &config, error);
}

#define LOAD(...) load((const char *const[]){ __VA_ARGS__, NULL })

static void write_file(const char *text)
{
	FILE *file = fopen(file_path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		perror(file_path);
}

#define LOAD_FILE(text, ...)                                                                       \
	(write_file(text), load((const char *const[]){ "--config", file_path, __VA_ARGS__ }))

static void check_defaults(void)
{
	struct sockaddr_in *in;

	if (!IS_INT(LOAD(VM), CONFIG_RUN, "a volume is enough"))
		return;
	IS_INT(config->n_listen, 1, "one address");
	in = (struct sockaddr_in *)&config->listen[0].addr;
	OK(in->sin_family == AF_INET && in->sin_port == htons(8080) &&
		   in->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
		   config->listen[0].len == sizeof(*in),
	   "it is 127.0.0.1:8080");
	IS_STR(config->listen[0].text, "127.0.0.1:8080", "its text");
	IS_INT(config->threads, 2, "threads");
	IS_INT(config->max_connections, 10000, "max-connections");
	IS_INT(config->max_inflight_bytes, 256 << 20, "max-inflight-bytes");
	IS_INT(config->request_deadline_s, 30, "request-deadline");
	IS_INT(config->idle_timeout_s, 60, "idle-timeout");
	IS_INT(config->drain_timeout_s, 30, "drain-timeout");
	IS_INT(config->log_format, LOG_FORMAT_TEXT, "log-format");
	IS_INT(config->log_level, LOG_LEVEL_INFO, "log-level");
	IS_INT(config->gluster_log_level, 4, "gluster-log-level");
	OK(!config->gluster_log && !config->local && !config->insecure, "the rest is unset");
	IS_INT(config->n_warnings, 0, "no warning");
	IS_INT(config->n_volumes, 1, "one volume");
	IS_STR(config->volumes[0].name, "vm", "its name");
	IS_STR(config->volumes[0].uri.volume, "v", "its volume");
	IS_INT(config->volumes[0].cache, CACHE_STRICT, "its cache");
	IS_INT(config->volumes[0].ping_timeout_s, 10, "its ping-timeout");
	IS_INT(config->volumes[0].log_level, 4, "its log level");
	OK(!config->volumes[0].log_file && !config->volumes[0].local_dir, "no log file, not local");
	OK(!config->volumes[0].read_only, "not read-only");
}

static void check_flags(void)
{
	if (!IS_INT(LOAD(VM, "--threads=4", "--max-connections", "7", "--max-inflight-bytes=1G",
			 "--log-format=json", "--log-level", "debug", "--gluster-log=/g.log",
			 "--gluster-log-level=9", "--insecure", "--drain-timeout=0"),
		    CONFIG_RUN, "flags: %s", error))
		return;
	IS_INT(config->threads, 4, "--name=value");
	IS_INT(config->max_connections, 7, "--name value");
	IS_INT(config->max_inflight_bytes, 1 << 30, "suffix G");
	IS_INT(config->log_format, LOG_FORMAT_JSON, "log-format");
	IS_INT(config->log_level, LOG_LEVEL_DEBUG, "log-level");
	IS_INT(config->drain_timeout_s, 0, "a limit itself is allowed");
	OK(config->insecure, "a switch");
	IS_STR(config->volumes[0].log_file, "/g.log", "gluster-log reaches the volume");
	IS_INT(config->volumes[0].log_level, 9, "gluster-log-level too");
	IS_INT(config->n_warnings, 1, "and warns");
	OK(config->n_warnings && strstr(config->warnings[0], "gluster-log-level"), "of itself");

	IS_INT(LOAD(VM, "--max-inflight-bytes=16384K"), CONFIG_RUN,
	       "suffix K, and the least value");
	IS_INT(LOAD(VM, "--max-inflight-bytes=16777216"), CONFIG_RUN, "no suffix");
	IS_INT(LOAD("--local", "/srv/x"), CONFIG_RUN, "a local volume is enough");
	IS_STR(config->volumes[0].name, "local", "it is a volume");
	IS_STR(config->volumes[0].local_dir, "/srv/x", "in its folder");
	IS_INT(LOAD("--volume", "local=gluster://h/v"), CONFIG_RUN, "else the name local is free");
}

static void check_actions(void)
{
	IS_INT(LOAD("--help", "--nonsense"), CONFIG_HELP, "--help wins over what follows");
	IS_INT(LOAD("--version"), CONFIG_VERSION, "--version needs no volume");
	IS_INT(LOAD("--check-config", VM), CONFIG_CHECK, "--check-config");
	OK(config != NULL, "it gives the configuration");
	IS_INT(LOAD("--check-config"), CONFIG_ERROR, "--check-config checks");
}

static void check_listen(void)
{
	static const char *const loopback[] = {
		"127.0.0.1:0",		 "127.9.9.9:80",     "localhost:65535", "[::1]:8080",
		"[::ffff:127.0.0.1]:80", "unix:/run/x.sock", "unix:rel.sock",
	};
	static const char *const open[] = { "0.0.0.0:80", "[::]:80", "192.0.2.1:80",
					    "[::ffff:192.0.2.1]:80", "[2001:db8::1]:80" };
	struct sockaddr_in6 *in6;
	struct sockaddr_un *un;

	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		IS_INT(LOAD(VM, "--listen", loopback[i]), CONFIG_RUN, "loopback %s", loopback[i]);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		IS_INT(LOAD(VM, "--listen", open[i]), CONFIG_ERROR, "%s is refused", open[i]);
		OK(strncmp(error, "listen: ", 8) == 0 && strstr(error, "--insecure"), "%s", error);
		IS_INT(LOAD(VM, "--insecure", "--listen", open[i]), CONFIG_RUN, "unless insecure");
	}
	if (!IS_INT(LOAD(VM, "--listen", "[::1]:80", "--listen=unix:/s", "--listen", "127.0.0.1:0",
			 "--listen", "127.0.0.1:0"),
		    CONFIG_RUN, "several, port 0 more than once"))
		return;
	IS_INT(config->n_listen, 4, "all are kept");
	in6 = (struct sockaddr_in6 *)&config->listen[0].addr;
	un = (struct sockaddr_un *)&config->listen[1].addr;
	OK(in6->sin6_family == AF_INET6 && in6->sin6_port == htons(80) &&
		   config->listen[0].len == sizeof(*in6) && !config->listen[0].is_unix,
	   "IPv6 address");
	OK(un->sun_family == AF_UNIX && config->listen[1].is_unix, "unix address");
	IS_STR(un->sun_path, "/s", "unix path");
}

static void check_volumes(void)
{
	const struct volume_options *volume;

	if (!IS_INT(LOAD("--volume",
			 "a=gluster://h1,h2:99,[::1]/v,cache=writeback,ping-timeout=3,"
			 "gluster-log-level=6,read-only=true",
			 "--volume", "b=gluster+unix:///w?socket=/run/g.sock,cache=none",
			 "--volume", "c=/x,read-only=false", "--volume", "d=gluster+rdma://h/v"),
		    CONFIG_RUN, "volumes: %s", error))
		return;
	volume = &config->volumes[0];
	IS_INT(volume->uri.n_servers, 3, "commas between servers are the URI's");
	IS_STR(volume->uri.servers[2].host, "::1", "the last of them");
	IS_INT(volume->cache, CACHE_WRITEBACK, "cache");
	IS_INT(volume->ping_timeout_s, 3, "ping-timeout");
	IS_INT(volume->log_level, 6, "gluster-log-level");
	OK(volume->read_only, "read-only");
	IS_INT(config->volumes[1].uri.transport, GLUSTER_UNIX, "options behind a query");
	IS_INT(config->volumes[1].cache, CACHE_NONE, "are found");
	IS_STR(config->volumes[2].uri.volume, "x", "a URI without a scheme");
	IS_INT(config->n_warnings, 1, "rdma is taken with a warning");
}

static const char good_file[] =
	"{\n"
	"  \"listen\": [\"127.0.0.1:81\", \"[::1]:81\"],\n"
	"  \"volume\": [\n"
	"    \"a=gluster://h/a,cache=none\",\n"
	"    {\"name\": \"b\", \"uri\": [\"gluster://h1/b\", \"gluster://h2/b\"],\n"
	"     \"ping-timeout\": 5,\n"
	"     \"cache\": \"writeback\", \"read-only\": true, \"gluster-log-level\": 2},\n"
	"    {\"uri\": \"gluster://h/c\", \"name\": \"c\"}\n"
	"  ],\n"
	"  \"local\": \"/srv\", \"insecure\": true, \"threads\": 8,\n"
	"  \"max-inflight-bytes\": \"64M\",\n"
	"  \"request-deadline\": 9, \"log-format\": \"json\", \"gluster-log\": \"/l\"\n"
	"}\n";

static void check_file(void)
{
	if (!IS_INT(LOAD_FILE(good_file, NULL), CONFIG_RUN, "file: %s", error))
		return;
	IS_INT(config->n_listen, 2, "listen");
	IS_INT(config->n_volumes, 4, "volumes, the local one too");
	IS_INT(config->volumes[0].cache, CACHE_NONE, "volume as a string");
	IS_INT(config->volumes[1].uri.n_servers, 2, "several URIs are one list of servers");
	IS_INT(config->volumes[1].ping_timeout_s, 5, "ping-timeout");
	IS_INT(config->volumes[1].cache, CACHE_WRITEBACK, "cache");
	IS_INT(config->volumes[1].log_level, 2, "gluster-log-level");
	OK(config->volumes[1].read_only && !config->volumes[2].read_only, "read-only");
	IS_STR(config->volumes[2].name, "c", "name behind uri");
	OK(config->insecure, "insecure");
	IS_INT(config->threads, 8, "threads");
	IS_INT(config->max_inflight_bytes, 64 << 20, "a size as a string");
	IS_INT(config->log_format, LOG_FORMAT_JSON, "log-format");
	IS_STR(config->volumes[3].log_file, "/l", "gluster-log");

	IS_INT(LOAD_FILE(good_file, "--threads=3", "--volume", "z=gluster://h/z", NULL), CONFIG_RUN,
	       "file and flags: %s", error);
	IS_INT(config->threads, 3, "a flag wins");
	IS_INT(config->n_listen, 2, "a list without flags stays");
	IS_INT(config->n_volumes, 2, "a list with flags is replaced");
	IS_STR(config->volumes[0].name, "z", "by them");
	IS_INT(LOAD_FILE("{\"max-inflight-bytes\": 16777216}", VM, NULL), CONFIG_RUN,
	       "size as a number");
	IS_INT(LOAD_FILE("{\"max-inflight-bytes\": 1}", VM, "--max-inflight-bytes=1G", NULL),
	       CONFIG_ERROR, "what a flag overrides is checked all the same");
}

/* Each is refused, and the line is exactly this. */
static const struct {
	const char *flags[4];
	const char *error;
} bad_flags[] = {
	{ { NULL }, "volume: there is none; give --volume or --local" },
	{ { "x" }, "x: options begin with --" },
	{ { "-h" }, "-h: options begin with --" },
	{ { "--" }, "--: unknown option" },
	{ { "--thread=1" }, "--thread: unknown option" },
	{ { "--threads" }, "--threads: needs a value" },
	{ { "--threads=" }, "--threads: \"\" is not a whole number" },
	{ { "--threads=0" }, "--threads: 0 is not within 1 and 64" },
	{ { "--threads=65" }, "--threads: 65 is not within 1 and 64" },
	{ { "--threads=1k" }, "--threads: \"1k\" is not a whole number" },
	{ { "--threads=-1" }, "--threads: \"-1\" is not a whole number" },
	{ { "--threads= 1" }, "--threads: \" 1\" is not a whole number" },
	{ { "--threads=18446744073709551617" },
	  "--threads: 18446744073709551617 is not within 1 and 64" },
	{ { "--threads=1", "--threads=1" }, "--threads: is given twice" },
	{ { "--max-connections=0" }, "--max-connections: 0 is not within 1 and 1000000" },
	{ { "--max-inflight-bytes=16777215" },
	  "--max-inflight-bytes: 16777215 is not within 16777216 and 1099511627776" },
	{ { "--max-inflight-bytes=17179869184G" },
	  "--max-inflight-bytes: 17179869184G is not within 16777216 and 1099511627776" },
	{ { "--max-inflight-bytes=1T" },
	  "--max-inflight-bytes: \"1T\" is not a number of bytes, such as 268435456 or 256M" },
	{ { "--max-inflight-bytes=64MB" },
	  "--max-inflight-bytes: \"64MB\" is not a number of bytes, such as 268435456 or 256M" },
	{ { "--request-deadline=0" }, "--request-deadline: 0 is not within 1 and 86400" },
	{ { "--idle-timeout=86401" }, "--idle-timeout: 86401 is not within 1 and 86400" },
	{ { "--drain-timeout=x" }, "--drain-timeout: \"x\" is not a whole number" },
	{ { "--log-format=xml" }, "--log-format: \"xml\" is not one of text, json" },
	{ { "--log-level=loud" },
	  "--log-level: \"loud\" is not one of error, warning, notice, info, debug" },
	{ { "--gluster-log=" }, "--gluster-log: the value is empty" },
	{ { "--gluster-log-level=10" }, "--gluster-log-level: 10 is not within 0 and 9" },
	{ { "--local=" }, "--local: the value is empty" },
	{ { "--insecure=true" }, "--insecure: takes no value" },
	{ { "--help=x" }, "--help: takes no value" },
	{ { "--config", "/does/not/exist" },
	  "--config: /does/not/exist: No such file or directory" },
	{ { "--config=/" }, "--config: /: Is a directory" },

	{ { "--listen=127.0.0.1" }, "--listen: 127.0.0.1: the port is missing" },
	{ { "--listen=[::1]" }, "--listen: [::1]: the port is missing" },
	{ { "--listen=[::1]8080" }, "--listen: [::1]8080: the port is missing" },
	{ { "--listen=127.0.0.1:" }, "--listen: 127.0.0.1:: \"\" is not a port" },
	{ { "--listen=127.0.0.1:65536" }, "--listen: 127.0.0.1:65536: \"65536\" is not a port" },
	{ { "--listen=127.0.0.1:4294967376" },
	  "--listen: 127.0.0.1:4294967376: \"4294967376\" is not a port" },
	{ { "--listen=127.0.0.1:+1" }, "--listen: 127.0.0.1:+1: \"+1\" is not a port" },
	{ { "--listen=:80" },
	  "--listen: :80: the host must be an IPv4 address, an [IPv6] address or localhost" },
	{ { "--listen=::1:80" },
	  "--listen: ::1:80: the host must be an IPv4 address, an [IPv6] address or localhost" },
	{ { "--listen=example.org:80" },
	  "--listen: example.org:80: the host must be an IPv4 address, an [IPv6] address or "
	  "localhost" },
	{ { "--listen=[]:80" },
	  "--listen: []:80: the host must be an IPv4 address, an [IPv6] address or localhost" },
	{ { "--listen=unix:" }, "--listen: unix:: unix: needs a path" },
	{ { "--listen=127.0.0.1:80", "--listen=localhost:80", VM },
	  "listen: localhost:80 is given twice" },
	{ { "--listen=unix:/s", "--listen=unix:/s", VM }, "listen: unix:/s is given twice" },

	{ { "--volume=vm" }, "--volume: \"vm\" is not NAME=GLUSTER-URI" },
	{ { "--volume==gluster://h/v" },
	  "--volume: \"\" is not a name of 1 to 64 letters, digits, '_', '.', '-' that begins with "
	  "neither '.' nor '-'" },
	{ { "--volume=a/b=gluster://h/v" },
	  "--volume: \"a/b\" is not a name of 1 to 64 letters, digits, '_', '.', '-' that begins "
	  "with neither '.' nor '-'" },
	{ { "--volume=vm=gluster://h/v/image" },
	  "--volume: vm: gluster://h/v/image: has an image behind the volume" },
	{ { "--volume=vm=gluster://h/v,sync=yes" }, "--volume: vm: sync: unknown option" },
	{ { "--volume=vm=gluster://h/v," }, "--volume: vm: : unknown option" },
	{ { "--volume=vm=gluster://h/v,cache" }, "--volume: vm: cache: needs a value" },
	{ { "--volume=vm=gluster://h/v,cache=off" },
	  "--volume: vm: cache: \"off\" is not one of strict, writeback, none" },
	{ { "--volume=vm=gluster://h/v,ping-timeout=0" },
	  "--volume: vm: ping-timeout: 0 is not within 1 and 1013" },
	{ { "--volume=vm=gluster://h/v,gluster-log-level=10" },
	  "--volume: vm: gluster-log-level: 10 is not within 0 and 9" },
	{ { "--volume=vm=gluster://h/v,read-only=yes" },
	  "--volume: vm: read-only: \"yes\" is neither true nor false" },
	{ { VM, VM }, "volume: vm is given twice" },
	{ { "--local=/srv", "--volume=local=gluster://h/v" },
	  "volume: local is the name of the volume of --local" },
};

static const struct {
	const char *text;
	const char *error; /* behind the path */
} bad_files[] = {
	{ "", "line 1, column 0: '[' or '{' expected near end of file" },
	{ "{} x", "line 1, column 4: end of file expected near 'x'" },
	{ "[]", "must be a JSON object" },
	{ "{\n\"threads\": 1,\n\"threads\": 2}",
	  "line 3, column 9: duplicate object key near '\"threads\"'" },
	{ "{\n\n\"thread\": 1}", "line 3: thread: unknown setting" },
	{ "{\"thread\\u0073x\": 1}", "threadsx: unknown setting" },
	{ "{\"x\": {\"y\\\"}\": 1}}", "line 1: x: unknown setting" },
	{ "{\"threads\": \"2\"}", "line 1: threads: must be a whole number" },
	{ "{\"threads\": 2.0}", "line 1: threads: must be a whole number" },
	{ "{\"threads\": -3}", "line 1: threads: \"-3\" is not a whole number" },
	{ "{\"threads\": 65}", "line 1: threads: 65 is not within 1 and 64" },
	{ "{\"max-inflight-bytes\": true}", "line 1: max-inflight-bytes: must be a whole number" },
	{ "{\"insecure\": \"true\"}", "line 1: insecure: must be true or false" },
	{ "{\"local\": 1}", "line 1: local: must be a string" },
	{ "{\"log-format\": null}", "line 1: log-format: must be a string" },
	{ "{\"config\": \"x\"}", "line 1: config: only a flag can say this" },
	{ "{\"check-config\": true}", "line 1: check-config: only a flag can say this" },
	{ "{\"listen\": \"127.0.0.1:80\"}", "line 1: listen: must be a list" },
	{ "{\"listen\":\n[\"127.0.0.1:80\", 80]}", "line 1: listen[1]: must be a string" },
	{ "{\"insecure\": false,\n\"listen\": [\"listen\"]}",
	  "line 2: listen[0]: listen: the port is missing" },
	{ "{\"volume\": [\"vm\"]}", "line 1: volume[0]: \"vm\" is not NAME=GLUSTER-URI" },
	{ "{\"volume\": [{\"uri\": \"gluster://h/v\"}]}",
	  "line 1: volume[0]: needs \"name\", a string, and \"uri\"" },
	{ "{\"volume\": [{\"name\": \"vm\"}]}",
	  "line 1: volume[0]: needs \"name\", a string, and \"uri\"" },
	{ "{\"volume\": [{\"name\": \"vm\", \"uri\": []}]}",
	  "line 1: volume[0]: vm: uri: must not be empty" },
	{ "{\"volume\": [{\"name\": \"vm\", \"uri\": [1]}]}",
	  "line 1: volume[0]: vm: uri: must be a string or a list of strings" },
	{ "{\"volume\": [{\"name\": \"vm\", \"uri\": \"gluster://h/v\", \"cash\": 1}]}",
	  "line 1: volume[0]: vm: cash: unknown option" },
	{ "{\"volume\": [{\"name\": \"vm\", \"uri\": \"gluster://h/v\", \"ping-timeout\": \"9\"}]}",
	  "line 1: volume[0]: vm: ping-timeout: must be a whole number" },
	{ "{\"volume\": [{\"name\": \"vm\", \"uri\": \"gluster://h/v\", \"read-only\": 1}]}",
	  "line 1: volume[0]: vm: read-only: must be true or false" },
};

static void check_refusals(void)
{
	char want[CONFIG_ERROR_SIZE];
	char long_path[200] = "unix:/";

	for (size_t i = 0; i < sizeof(bad_flags) / sizeof(bad_flags[0]); i++) {
		const char *const *f = bad_flags[i].flags;

		IS_INT(LOAD(f[0], f[1], f[2], f[3]), CONFIG_ERROR, "refuse %s",
		       f[0] ? f[0] : "nothing");
		IS_STR(error, bad_flags[i].error, "and say why");
	}
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		IS_INT(LOAD_FILE(bad_files[i].text, VM, NULL), CONFIG_ERROR, "refuse file %s",
		       bad_files[i].text);
		snprintf(want, sizeof(want), "%s: %s", file_path, bad_files[i].error);
		IS_STR(error, want, "and say where and why");
	}
	memset(long_path + 6, 'x', sizeof(long_path) - 7);
	IS_INT(LOAD(VM, "--listen", long_path), CONFIG_ERROR, "refuse a long unix path");
	OK(strstr(error, "at most 107 bytes"), "and say why");
}

/* The texts of the URI parser and of merging are theirs; here only that they are passed on. */
static void check_uri_errors(void)
{
	IS_INT(LOAD("--volume=vm=http://h/v"), CONFIG_ERROR, "no gluster URI");
	OK(strncmp(error, "--volume: vm: http://h/v: ", 26) == 0 && strstr(error, "(at byte 0)"),
	   "%s", error);
	IS_INT(LOAD("--volume=vm=gluster://a,b"), CONFIG_ERROR, "no volume");
	IS_INT(LOAD_FILE("{\"volume\": [{\"name\": \"vm\", \"uri\":"
			 " [\"gluster://h/v\", \"gluster://i/w\"]}]}",
			 NULL),
	       CONFIG_ERROR, "two volumes as one");
	OK(strstr(error, "volume[0]: vm: uri: gluster://i/w: "), "%s", error);
}

static void check_help(void)
{
	static const char *const names[] = {
		"--config FILE",
		"--listen ",
		"--volume ",
		"--local DIR",
		"--insecure",
		"--threads N",
		"--max-connections N",
		"--max-inflight-bytes BYTES",
		"--request-deadline SECONDS",
		"--idle-timeout SECONDS",
		"--drain-timeout SECONDS",
		"--log-format text|json",
		"--log-level LEVEL",
		"--gluster-log FILE",
		"--gluster-log-level 0-9",
		"--check-config",
		"--version",
		"--help",
		"cache=strict|writeback|none",
		"ping-timeout=SECONDS",
		"read-only=true|false",
	};
	char *text = NULL;
	size_t size = 0, width, widest = 0;
	FILE *out = open_memstream(&text, &size);

	config_print_help(out);
	fclose(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		OK(strstr(text, names[i]), "help names %s", names[i]);
	for (char *line = text; *line; line += width + 1) {
		width = strcspn(line, "\n");
		widest = width > widest ? width : widest;
	}
	OK(widest <= 90, "help fits a terminal (%zu columns)", widest);
	free(text);
}

int main(void)
{
	int fd = mkstemp(file_path);

	if (fd < 0)
		return 1;
	close(fd);
	check_defaults();
	check_flags();
	check_actions();
	check_listen();
	check_volumes();
	check_file();
	check_refusals();
	check_uri_errors();
	check_help();
	config_free(config);
	unlink(file_path);
	return tap_end();
}

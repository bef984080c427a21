/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "httpd/config.h"

#define FLAGS_MAX 32

/* A whole configuration, or one error. */
static void check(int argc, const char *const argv[])
{
	char error[CONFIG_ERROR_SIZE] = "";
	struct config *config = NULL;
	enum config_action action = config_load(argc, (char *const *)argv, &config, error);

	if (action == CONFIG_RUN || action == CONFIG_CHECK) {
		REQUIRE(config && config->n_listen > 0 && config->n_volumes > 0);
		REQUIRE(config->threads > 0 && config->max_inflight_bytes >= 16 << 20);
		for (size_t i = 0; i < config->n_volumes; i++)
			REQUIRE(!config->volumes[i].uri.volume == !!config->volumes[i].local_dir);
	} else {
		REQUIRE(!config);
		REQUIRE((action == CONFIG_ERROR) == (*error != '\0'));
	}
	config_free(config);
}

static void check_file(const uint8_t *data, size_t size)
{
	char path[64];
	const char *argv[] = { "fuzz", "--config", path, NULL };
	int fd = memfd_create("config", MFD_CLOEXEC);

	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(3, argv);
	close(fd);
}

/* Flags that name a file are left out: it could be anything on this machine. */
static void check_flags(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text;
	const char *argv[FLAGS_MAX + 1] = { "fuzz" };
	int argc = 1;

	if (!strstr(text, "--config")) {
		while (rest && argc < FLAGS_MAX)
			argv[argc++] = strsep(&rest, "\n");
		check(argc, argv);
	}
	free(text);
}

/* The input: 'f' and flags separated by line breaks, or another byte and the JSON file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 'f')
		check_flags(data + 1, size - 1);
	else
		check_file(data + 1, size - 1);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over files, without libFuzzer, as a TAP program. Without arguments the program
 * `replay_NAME` takes tests/fuzz/corpus/NAME, seen from the current directory.
 */
#include "tests/fuzz/fuzz.h"

#include <glob.h>

#include "tests/lib/tap.h"

#define INPUT_MAX (1 << 20)

static void replay_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");
	size_t size;

	if (OK(data && file, "open %s", path)) {
		size = fread(data, 1, INPUT_MAX, file);
		OK(LLVMFuzzerTestOneInput(data, size) == 0, "run %s", path);
	}
	if (file)
		fclose(file);
	free(data);
}

static void replay_corpus(const char *program)
{
	static const char prefix[] = "replay_";
	const char *name = strstr(program, prefix);
	char pattern[200];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%s/*",
		 name ? name + strlen(prefix) : program);
	if (!OK(glob(pattern, 0, NULL, &found) == 0, "find %s", pattern))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		replay_file(found.gl_pathv[i]);
	globfree(&found);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay_file(argv[i]);
	if (argc < 2)
		replay_corpus(argv[0]);
	return tap_end();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What must hold for every input. */
#define REQUIRE(cond)                                                                              \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #cond);       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/**
 * LLVMFuzzerTestOneInput() - the fuzz target of a program: libFuzzer's, or replay.c's
 * @data: the input, borrowed
 * @size: in bytes
 *
 * Return: 0. Aborts on a finding.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a C string, to be freed; in a block of just that size, so that overruns are seen. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	REQUIRE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_SIZE_H
#define HTTPD_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "httpd/request.h"

/*
 * size_check() - is @size one that an image may have: whole sectors of 512 bytes, as QEMU's http driver
 * and others expect? @round_up makes it so.
 *
 * Return: false when it was refused (400 size-alignment); the answer is made then.
 */
bool size_check(struct request *rq, uint64_t *size, bool round_up);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_QUERY_H
#define HTTPD_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "httpd/request.h"

/* Values of query parameters. Each answers 400 invalid-query itself and then returns false. */

/* query_number() - the decimal parameter @name, @min to @max; @ret stays as it is without it. */
bool query_number(struct request *rq, const char *name, uint64_t min, uint64_t max, uint64_t *ret);

/* query_bool() - the parameter @name, true or false; @ret stays as it is without it. */
bool query_bool(struct request *rq, const char *name, bool *ret);

#endif

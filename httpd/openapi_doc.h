/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_OPENAPI_DOC_H
#define HTTPD_OPENAPI_DOC_H

#include <stdint.h>

/*
 * The OpenAPI document of this build, openapi/gluster-imaged.json, byte for byte and with a NUL behind.
 * Constant; lives as long as the process.
 */
extern const char openapi_doc[];
extern const uint64_t openapi_doc_size; /* bytes, without the NUL */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_OPENAPI_DOC_H
#define HTTPD_OPENAPI_DOC_H

/*
 * The OpenAPI document of this build, openapi/gluster-imaged.json, byte for byte. It is constant
 * and lives as long as the process; its length is `openapi_doc_end - openapi_doc`, and a NUL
 * follows it.
 */
extern const char openapi_doc[];
extern const char openapi_doc_end[];

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_FRONT_H
#define HTTPD_FRONT_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The front door. libmicrohttpd 0.9.75 accepts requests that a proxy in front may read otherwise
 * (Content-Length beside Transfer-Encoding, headers twice, a blank before the colon): whoever can
 * send those can hide a request in another. They are refused before anything else looks at them.
 */
struct front {
	bool has_body, expects_continue;
	int64_t content_length; /* -1: chunked */
	const char *request_id; /* the client's, unchecked; or NULL */
};

/*
 * front_check() - look at all headers of a request, in the first call of MHD.
 *
 * Return: NULL and @ret_front, or why the request is refused (static): 400, and close.
 */
const char *front_check(struct MHD_Connection *connection, struct front *ret_front);

#endif

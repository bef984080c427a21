/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_ACCESS_H
#define HTTPD_ACCESS_H

#include "httpd/request.h"

/* access_log() - the access log's line of @rq, which ends as @how says. MHD threads. */
void access_log(const struct request *rq, struct MHD_Connection *connection,
		enum MHD_RequestTerminationCode how);

#endif

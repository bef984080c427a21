/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_HANDLERS_H
#define HTTPD_HANDLERS_H

#include "httpd/request.h"

/*
 * The first step of every operation, for the route table. Each is the table of contents of the file
 * it lives in, and the only thing that file exports.
 */

/* h_service.c */
step_fn livez_start, readyz_start, openapi_start, problem_start;
/* h_volumes.c */
step_fn list_volumes_start, get_volume_start;
/* h_images.c */
step_fn list_images_start, create_image_start, get_image_start, delete_image_start;
/* h_change.c */
step_fn resize_start, rename_start, reopen_start;
/* h_read.c */
step_fn read_start, head_start;
/* h_write.c */
step_fn write_start;
/* h_discard.c */
step_fn discard_data_start, discard_start, zero_start;
/* h_flush.c */
step_fn flush_start;
/* h_extents.c */
step_fn extents_start;

#endif

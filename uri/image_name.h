/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef URI_IMAGE_NAME_H
#define URI_IMAGE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define IMAGE_NAME_MAX	    1024	      /* bytes of a whole name */
#define IMAGE_PIECE_MAX	    255		      /* bytes between two slashes; NAME_MAX of a brick */
#define IMAGE_NAME_RESERVED ".gluster-imaged" /* names that begin so are the server's own */

/**
 * image_name_check() - may an image have this name?
 * @name: the decoded name, borrowed; need not end with NUL
 * @n: its length in bytes
 * @ret_why: gets a static text that says which rule was broken; untouched when the name is good
 *
 * The name is a path below the volume's root, without a leading '/'. A good name contains no NUL:
 * it can be used as a C string. Any thread.
 *
 * Return: 0 or -EINVAL.
 */
int image_name_check(const char *name, size_t n, const char **ret_why);

/**
 * volume_name_valid() - may an operator call a volume so?
 * @name: the name in `--volume NAME=URI`, borrowed
 *
 * 1 to 64 of A-Z a-z 0-9 '_' '.' '-', not beginning with '.' or '-'. Any thread.
 */
bool volume_name_valid(const char *name);

#endif

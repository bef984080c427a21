/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/problem.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
static const struct problem_info table[PROBLEM_TYPES] = {
	[PROBLEM_INVALID_NAME] = {
		"invalid-name", 400, "Invalid name",
		"The name of a volume or an image breaks a rule. An image's name is up to 1024 bytes "
		"of UTF-8 in pieces of up to 255 bytes between slashes; no piece is empty, \".\", "
		"\"..\" or \"-\", and there are no control characters." },
	[PROBLEM_INVALID_REQUEST] = {
		"invalid-request", 400, "Invalid request",
		"A header or the form of the request is not what this operation takes, or the request "
		"could be read in two ways. Nothing was done." },
	[PROBLEM_INVALID_QUERY] = {
		"invalid-query", 400, "Invalid query",
		"A parameter of the query is unknown to this operation, given twice, or has a value "
		"that it cannot have. Nothing was done." },
	[PROBLEM_INVALID_JSON] = {
		"invalid-json", 400, "Invalid JSON body",
		"The body is not the JSON object that this operation takes; \"errors\" names the "
		"member. Unknown and duplicate members are refused, too. Nothing was done." },
	[PROBLEM_INVALID_CONTENT_RANGE] = {
		"invalid-content-range", 400, "Invalid Content-Range",
		"Content-Range must be \"bytes FIRST-LAST/*\" with LAST - FIRST + 1 equal to the "
		"length of the body." },
	[PROBLEM_SIZE_ALIGNMENT] = {
		"size-alignment", 400, "Size is not a multiple of 512",
		"Disk images have whole sectors. Ask for a multiple of 512, or add "
		"\"round_up\": true." },
	[PROBLEM_FORBIDDEN] = {
		"forbidden", 403, "Forbidden",
		"The volume does not let this server do that (EACCES, EPERM)." },
	[PROBLEM_READ_ONLY] = {
		"read-only", 403, "Read-only",
		"The volume or the image is open for reading only." },
	[PROBLEM_NOT_FOUND] = {
		"not-found", 404, "Not found", "There is nothing at this path. See /openapi.json." },
	[PROBLEM_VOLUME_NOT_FOUND] = {
		"volume-not-found", 404, "Volume not found",
		"This server has no volume of that name. GET /v1/volumes lists those it has." },
	[PROBLEM_IMAGE_NOT_FOUND] = {
		"image-not-found", 404, "Image not found",
		"The volume has no image of that name, or no directory of the name's front part." },
	[PROBLEM_METHOD_NOT_ALLOWED] = {
		"method-not-allowed", 405, "Method not allowed",
		"The Allow header lists the methods of this path." },
	[PROBLEM_ALREADY_EXISTS] = {
		"already-exists", 409, "Already exists",
		"There is an image of that name. \"overwrite\": true replaces it." },
	[PROBLEM_CONFLICT] = {
		"conflict", 409, "Conflict",
		"The name is that of a directory or of something else that is no image, or a part of "
		"it is no directory." },
	[PROBLEM_SIZE_MISMATCH] = {
		"size-mismatch", 409, "Size mismatch",
		"A PUT without Content-Range replaces the whole image, so its body must have exactly "
		"the image's size. Nothing was written." },
	[PROBLEM_WOULD_SHRINK] = {
		"would-shrink", 409, "Would shrink the image",
		"The size asked for is smaller than the image: the bytes behind it would be lost. Say "
		"\"shrink\": true if that is meant." },
	[PROBLEM_LOST_WRITES] = {
		"lost-writes", 409, "Writes may be lost",
		"An earlier flush of this image failed, so writes answered since the last good flush "
		"may not be on disk. Nothing is written until POST .../-/reopen; then write again what "
		"matters." },
	[PROBLEM_LENGTH_REQUIRED] = {
		"length-required", 411, "Length required",
		"Replacing a whole image needs a Content-Length." },
	[PROBLEM_PRECONDITION_FAILED] = {
		"precondition-failed", 412, "Precondition failed",
		"The image is not the one that If-Match or another condition asked for. Nothing was "
		"done." },
	[PROBLEM_PAYLOAD_TOO_LARGE] = {
		"payload-too-large", 413, "Body too large",
		"The body is larger than this operation takes." },
	[PROBLEM_TOO_LARGE] = {
		"too-large", 413, "Image too large",
		"The bricks' file system cannot hold a file of that size (EFBIG)." },
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {
		"unsupported-media-type", 415, "Unsupported media type",
		"This operation takes JSON: Content-Type: application/json, or none." },
	[PROBLEM_INVALID_RANGE] = {
		"invalid-range", 416, "Invalid range",
		"The Range header is malformed, or has more than this operation takes." },
	[PROBLEM_RANGE_NOT_SATISFIABLE] = {
		"range-not-satisfiable", 416, "Range not satisfiable",
		"The range is not inside of the image; Content-Range tells its size. Writes never make "
		"an image grow: POST .../-/resize does." },
	[PROBLEM_BUSY] = {
		"busy", 423, "Busy",
		"Somebody else is changing the image in a way that excludes this. Try again." },
	[PROBLEM_INTERNAL_ERROR] = {
		"internal-error", 500, "Internal error",
		"The server failed. Its log has more under the request id." },
	[PROBLEM_IO_ERROR] = {
		"io-error", 500, "Input/output error",
		"GlusterFS reported an error of the bricks. The server's log has more." },
	[PROBLEM_SHORT_IO] = {
		"short-io", 500, "Short read or write",
		"The image ended in the middle of the operation: somebody else shortened it." },
	[PROBLEM_NOT_SUPPORTED] = {
		"not-supported", 501, "Not supported by the volume",
		"The volume cannot do this; \"features\" of the volume tells what it can. Nothing was "
		"done." },
	[PROBLEM_VOLUME_UNAVAILABLE] = {
		"volume-unavailable", 503, "Volume unavailable",
		"The volume is not connected now. The server keeps trying: try again after "
		"Retry-After seconds." },
	[PROBLEM_OVERLOADED] = {
		"overloaded", 503, "Overloaded",
		"The server has no memory or descriptor free for this request now. Try again after "
		"Retry-After seconds." },
	[PROBLEM_DRAINING] = {
		"draining", 503, "Shutting down",
		"The server is being stopped and takes no new work." },
	[PROBLEM_DEADLINE_EXCEEDED] = {
		"deadline-exceeded", 504, "Deadline exceeded",
		"GlusterFS did not answer in time. The operation may still take effect." },
	[PROBLEM_NO_SPACE] = {
		"no-space", 507, "No space left",
		"The volume is full, or its quota is used up." },
};
/* clang-format on */

const struct problem_info *problem_info(enum problem_type type)
{
	return &table[type];
}

const struct problem_info *problem_find(const char *name)
{
	for (size_t i = 0; i < PROBLEM_TYPES; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

/* Errors of gluster, what a client is told, and in words; NULL: the type's title says it. */
static const struct {
	int error;
	enum problem_type type;
	const char *reason;
} errors[] = {
	{ EINVAL, PROBLEM_INVALID_REQUEST, "GlusterFS does not take it" },
	{ ENAMETOOLONG, PROBLEM_INVALID_NAME, NULL },
	{ ENOENT, PROBLEM_IMAGE_NOT_FOUND, "there is no such image, or no directory for it" },
	{ EEXIST, PROBLEM_ALREADY_EXISTS, "there is something of that name" },
	{ EISDIR, PROBLEM_CONFLICT, "the name is that of a directory, or of what is no image" },
	{ ENOTDIR, PROBLEM_CONFLICT, "a part of the name is no directory" },
	{ ENOTEMPTY, PROBLEM_CONFLICT, "the directory is not empty" },
	{ ELOOP, PROBLEM_CONFLICT, "too many symbolic links" },
	{ EACCES, PROBLEM_FORBIDDEN, NULL },
	{ EPERM, PROBLEM_FORBIDDEN, NULL },
	{ EROFS, PROBLEM_READ_ONLY, "it is open for reading only" },
	{ EFBIG, PROBLEM_TOO_LARGE, NULL },
	{ EBUSY, PROBLEM_BUSY, "somebody else is changing it" },
	{ EAGAIN, PROBLEM_BUSY, NULL },
	{ ENOSPC, PROBLEM_NO_SPACE, NULL },
	{ EDQUOT, PROBLEM_NO_SPACE, "the quota is used up" },
	{ EOPNOTSUPP, PROBLEM_NOT_SUPPORTED, "the volume cannot do this, or is not set up for it" },
	{ ENOSYS, PROBLEM_NOT_SUPPORTED, NULL },
	{ ENOTCONN, PROBLEM_VOLUME_UNAVAILABLE, NULL },
	{ ESTALE, PROBLEM_VOLUME_UNAVAILABLE, "the image was replaced meanwhile" },
	{ EBADFD, PROBLEM_VOLUME_UNAVAILABLE, NULL },
	{ EBADF, PROBLEM_VOLUME_UNAVAILABLE, NULL },
	{ ECONNREFUSED, PROBLEM_VOLUME_UNAVAILABLE, NULL },
	{ ENOMEM, PROBLEM_OVERLOADED, NULL },
	{ EMFILE, PROBLEM_OVERLOADED, NULL },
	{ ETIMEDOUT, PROBLEM_DEADLINE_EXCEEDED, NULL },
	{ ENOTRECOVERABLE, PROBLEM_LOST_WRITES,
	  "an earlier flush failed; POST .../-/reopen, then write again what matters" },
};

#define N_ERRORS (sizeof(errors) / sizeof(errors[0]))

enum problem_type problem_from_errno(int error)
{
	for (size_t i = 0; i < N_ERRORS; i++)
		if (errors[i].error == error)
			return errors[i].type;
	return PROBLEM_IO_ERROR;
}

const char *problem_reason(int error)
{
	for (size_t i = 0; i < N_ERRORS; i++)
		if (errors[i].error == error && errors[i].reason)
			return errors[i].reason;
	return problem_info(problem_from_errno(error))->title;
}
